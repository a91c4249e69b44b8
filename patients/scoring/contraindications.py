"""The list of contraindications asked about once before a course. Pure and versioned, like a questionnaire.

Collected from the exclusion criteria of trials of ketamine for depression and from drug labels. A "yes" decides
nothing here: it is shown to the prescriber who orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """What the patient or the chart says."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ScreenList:
    """A list of questions in one version."""

    code: str
    version: str
    name: str
    questions: tuple[Question, ...]
    source: str

    def with_answer(self, answers: Mapping[str, Mapping[str, Any]], answer: Answer) -> list[Question]:
        """The questions answered so; one that was never answered counts as unknown."""
        return [
            question
            for question in self.questions
            if answers.get(question.code, {}).get("answer", Answer.UNKNOWN) == answer
        ]


KETAMINE = ScreenList(
    code="ketamine",
    version="1",
    name="Contraindications to ketamine",
    questions=(
        Question("pregnancy", "Pregnant or breast-feeding"),
        Question("psychosis_or_mania", "Psychosis or mania at present"),
        Question("uncontrolled_hypertension", "High blood pressure that is not controlled"),
        Question("arrhythmia", "Significant disturbance of the heart's rhythm"),
        Question("cerebrovascular_disease", "Unstable cerebrovascular disease"),
        Question("vascular_malformation", "Aneurysmal vascular disease or arteriovenous malformation"),
        Question("intracerebral_haemorrhage", "Intracerebral haemorrhage at any time"),
        Question("hypersensitivity", "Hypersensitivity to ketamine or esketamine"),
        Question("substance_use_disorder", "Primary substance use disorder"),
        Question("recreational_ketamine", "Recreational use of ketamine or phencyclidine"),
        Question(
            "high_dose_benzodiazepine", "Benzodiazepine above 3 mg a day of lorazepam or its equivalent"
        ),
    ),
    source="Exclusion criteria of published trials and contraindications of drug labels; the last from one trial",
)

LISTS: dict[tuple[str, str], ScreenList] = {(KETAMINE.code, KETAMINE.version): KETAMINE}
CURRENT = KETAMINE
