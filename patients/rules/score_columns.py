"""Which column of a file of past scores means what: the patient, the day, an answer, a total."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinic.common.text import words
from patients.reading.columns import guess_mapping as guess_of_patient
from patients.rules.suicide import SCREEN
from patients.scoring.instrument import Instrument
from patients.scoring.registry import CURRENT

PATIENT_FIELDS = {
    "record_number": _("Record number at this site"),
    "source_id": _("Id in the other system"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "middle_names": _("Middle names"),
    "full_name": _("Whole name in one column"),
    "birth_date": _("Date of birth"),
}
ROW_FIELDS = {
    "taken_on": _("Date on which it was filled in"),
    "instrument": _("Name of the questionnaire"),
    "total": _("Total of the questionnaire named in the row"),
}


def total_field(questionnaire: Instrument) -> str:
    """The field of a questionnaire's total: the item itself where a total is its only scored item (BDI-II, mood).

    Empty for the suicide screen: its level without its answers tells nobody what to do.
    """
    if questionnaire.code == SCREEN:
        return ""
    scored = questionnaire.scored_items
    return scored[0].code if len(scored) == 1 else f"{questionnaire.code}_total"


def _fields_of(questionnaire: Instrument) -> dict[str, Any]:
    total = total_field(questionnaire)
    items = {
        item.code: format_lazy(
            _("{name} item {item}"), name=questionnaire.name, item=item.code.partition("_")[2] or item.code
        )
        for item in questionnaire.items
    }
    return items | ({total: format_lazy(_("{name} total"), name=questionnaire.name)} if total else {})


GROUPS: list[tuple[Any, dict[str, Any]]] = [
    (_("Patient"), PATIENT_FIELDS),
    (_("Row"), ROW_FIELDS),
    *((questionnaire.name, _fields_of(questionnaire)) for questionnaire in CURRENT.values()),
]
"""Every field in the order in which the page offers it, by what it is about."""
FIELDS: dict[str, Any] = {name: label for _group, fields in GROUPS for name, label in fields.items()}

# Folded names, without signs between the letters and digits; the code itself is one always.
_NAMES = {
    "phq9": "phq",
    "gad7": "gad",
    "qids": "qidssr16 qidssr qids16",
    "bdi2": "bdiii bdi becksdepressioninventory",
    "cadss": "cadss23",
    "cssrs": "cssrsscreen cssrsscreener columbia",
    "mood": "moodtoday dailymood",
}
_CODE_OF = {
    name: code for code in CURRENT for name in (code, *_NAMES.get(code, "").split()) if code in CURRENT
}
# The longest first: CADSS-6 is no item 6 of the CADSS.
_ALTERNATIVES = "|".join(sorted(_CODE_OF, key=len, reverse=True))
_ITEM = re.compile(rf"({_ALTERNATIVES})(?:item|question|q|i)?0*(\d+b?)")
_TOTAL = re.compile(rf"({_ALTERNATIVES})(?:sr)?(?:total|score|totalscore|sum|sumscore|points)?")
_ROW_NAMES = {
    "taken_on": "date dateadministered administered administeredon administrationdate assessmentdate surveydate"
    " completed completedon completeddate datecompleted takenon dateofassessment assessedon visitdate scoredate"
    " testdate timestamp fecha datum",
    "instrument": "instrument questionnaire measure scale assessment assessmentname instrumentname measurename form"
    " survey tool test",
    "total": "total score totalscore sum sumscore rawscore points result value",
}
_ROW_FIELD_OF = {name: field for field, names in _ROW_NAMES.items() for name in names.split()}
# What counts the people of a file that names nobody; taken only where nothing better stands in the file.
_COUNTERS = frozenset(
    words("row rowid rowno rownumber no nr number subject subjectid participant case caseid")
)


def instrument_named(text: str) -> Instrument | None:
    """The questionnaire that a cell names, in its current version.

    >>> instrument_named("PHQ-9").code, instrument_named("gad 7").code, instrument_named("SF-36")
    ('phq9', 'gad7', None)
    """
    code = _CODE_OF.get("".join(words(text)))
    return CURRENT[code] if code else None


def guess_mapping(columns: Iterable[str]) -> dict[str, str]:
    """A sensible first proposal: field to column, each at most once.

    >>> guess_mapping(["MRN", "Date administered", "PHQ-9 Q1", "gad7_2", "GAD7 total"])
    {'record_number': 'MRN', 'taken_on': 'Date administered', 'phq9_1': 'PHQ-9 Q1', 'gad7_2': 'gad7_2', \
'gad7_total': 'GAD7 total'}
    """
    columns = list(columns)
    names = {"".join(words(column)) for column in columns}
    of_patient = guess_of_patient(columns)
    patient = {name: of_patient[name] for name in PATIENT_FIELDS if name in of_patient}
    field_of = {column: name for name, column in patient.items()}
    mapping: dict[str, str] = {}
    for column in columns:
        name = field_of.get(column) or _score_field(column, names)
        if name and name not in mapping:
            mapping[name] = column
    if not patient:
        counter = next((column for column in columns if "".join(words(column)) in _COUNTERS), None)
        mapping = ({"record_number": counter} if counter else {}) | mapping
    if "instrument" not in mapping:
        mapping.pop("total", None)
    return mapping


def _score_field(column: str, names: Collection[str]) -> str | None:
    name = "".join(words(column))
    if (code := column.strip().casefold()) in FIELDS:
        return code
    match = _ITEM.fullmatch(name)
    # PHQ9 is the questionnaire, and beside PHQ1 its ninth item.
    if match and (name not in _CODE_OF or {f"{match[1]}1", f"{match[1]}01"} & set(names)):
        field = f"{_CODE_OF[match[1]]}_{match[2]}"
        return field if field in FIELDS else None
    if match := _TOTAL.fullmatch(name):
        return total_field(CURRENT[_CODE_OF[match[1]]]) or None
    return _ROW_FIELD_OF.get(name)
