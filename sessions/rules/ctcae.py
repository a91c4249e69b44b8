"""Grades of the Common Terminology Criteria for Adverse Events, version 5.0 (NCI, 27 November 2017).

The texts are those of the official table, word for word, in the file beside this one; a later version is another
table and gets its own number. Only the terms that a side effect of ours can be graded by stand there. There is no
term for dissociation nor for respiratory depression: the nearest ones are offered for them, and no grade at all is
an answer too.
"""

import json
from dataclasses import dataclass
from pathlib import Path

VERSION = "5.0"


@dataclass(frozen=True, slots=True)
class CtcaeTerm:
    """A term by the code of its table, and the text of each grade; an empty one is not available."""

    code: str
    name: str
    grades: tuple[str, str, str, str, str]

    def text_of(self, grade: int) -> str:
        """The words of a grade from 1 to 5; empty where the term has no such grade."""
        return self.grades[grade - 1] if 1 <= grade <= len(self.grades) else ""

    @property
    def available(self) -> list[tuple[int, str]]:
        return [(number, text) for number, text in enumerate(self.grades, start=1) if text]


_TABLE = json.loads(Path(__file__).with_name(f"ctcae-{VERSION}.json").read_text(encoding="utf-8"))
TERMS = {row["code"]: CtcaeTerm(row["code"], row["name"], tuple(row["grades"])) for row in _TABLE}

_GRADED_BY: dict[str, tuple[str, ...]] = {
    "dissociation": (
        "10037175",
        "10019077",
    ),
    "drowsiness": ("10041349",),
    "dizziness": ("10013573",),
    "nausea": ("10028813",),
    "vomiting": ("10047700",),
    "headache": ("10019211",),
    "blurred-vision": ("10005886",),
    "anxiety": ("10002855",),
    "confusion": ("10010300",),
    "blood-pressure-rise": ("10020772",),
    "tachycardia": ("10040752",),
    "restlessness": ("10038743",),
    "numbness": ("10033987",),
    "dry-mouth": ("10013781",),
    "euphoria": ("10015533",),
    "iv-site": ("10064774",),
    "urinary-symptoms": (
        "10063057",
        "10046539",
        "10046593",
        "10013990",
    ),
    "hypertensive-crisis": ("10020772",),
    "chest-pain": ("10008481",),
    "arrhythmia": (
        "10042604",
        "10047281",
    ),
    "syncope": (
        "10042772",
        "10047166",
    ),
    "respiratory-depression": (
        "10002972",
        "10021143",
        "10038695",
        "10012373",
    ),
    "laryngospasm": ("10023891",),
    "seizure": ("10039906",),
    "hallucination": (
        "10019077",
        "10037234",
    ),
    "severe-agitation": ("10001497",),
    "anaphylaxis": (
        "10002218",
        "10001718",
    ),
    "fall": ("10016173",),
    "suicidal-behaviour": (
        "10042458",
        "10042464",
    ),
    "mania": ("10026749",),
}
"""A side effect of ours, and the terms that it may be graded by, the nearest first."""

NO_TERM_OF_ITS_OWN = frozenset({"dissociation", "respiratory-depression"})


def terms_for(side_effect: str) -> list[CtcaeTerm]:
    """What a side effect may be graded by; nothing where the table has no text for it."""
    return [TERMS[code] for code in _GRADED_BY.get(side_effect, ())]


def has_own_term(side_effect: str) -> bool:
    """Whether a grade can be asked for: the table has a term that means this very thing."""
    return side_effect in _GRADED_BY and side_effect not in NO_TERM_OF_ITS_OWN
