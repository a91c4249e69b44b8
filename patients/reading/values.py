"""One row of a file as the details of a patient, or the reasons why it cannot be one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinic.common.text import fold
from patients.reading.dates import AmbiguousDate, DateOrder, UnreadableDate, read_date

_SEXES = {
    "female": "f female woman w girl weiblich mujer femenino femme",
    "male": "m male man boy mannlich hombre masculino homme",
    "other": "o other x non-binary nonbinary diverse d",
    "unknown": "u unknown unk n/a na ?",
}
_SEX_OF = {word: sex for sex, known in _SEXES.items() for word in known.split()}
TEXTS = (
    "family_name",
    "given_name",
    "middle_names",
    "phone",
    "email",
    "address_line",
    "city",
    "state",
    "postal_code",
    "country",
    "language",
)


LONGEST_NAME = 150
"""Of a referring clinician and of a practice."""


@dataclass(slots=True)
class ReadRow:
    """What a row says.

    Attributes:
        details: values by field of the patient.
        referring_clinician: who sent the patient; where the file names nobody, their practice is taken for it.
        reasons: codes of what is wrong with it; a row with any is refused.
    """

    details: dict[str, Any] = field(default_factory=dict)
    record_number: str = ""
    source_id: str = ""
    other_identifier: str = ""
    referring_clinician: str = ""
    referring_organisation: str = ""
    reasons: list[str] = field(default_factory=list)


def read_row(
    cells: Sequence[str], *, columns: Sequence[str], mapping: Mapping[str, str], order: DateOrder | None
) -> ReadRow:
    """Read the mapped cells of one row. Everything is text: a formula in a name stays the text it is."""
    row = ReadRow()
    if len(cells) != len(columns):
        row.reasons.append("cells")
        return row
    by_column = dict(zip(columns, cells, strict=True))
    given = {name: " ".join(by_column.get(column, "").split()) for name, column in mapping.items()}
    row.record_number, row.source_id = given.get("record_number", ""), given.get("source_id", "")
    row.other_identifier = given.get("other_identifier", "")
    row.referring_clinician = given.get("referring_clinician", "")
    row.referring_organisation = given.get("referring_organisation", "")
    row.details = {name: given.get(name, "") for name in TEXTS}
    row.details |= names_of(given)
    row.details["sex"] = _sex(given.get("sex", ""), row)
    row.details["birth_date"] = _date(given.get("birth_date", ""), order, "birth_date", row)
    row.details["deceased_on"] = _date(given.get("deceased_on", ""), order, "deceased_on", row)
    if not row.details["family_name"]:
        row.reasons.insert(0, "no_name")
    if not given.get("birth_date"):
        row.reasons.append("no_birth_date")
    if max(len(row.referring_clinician), len(row.referring_organisation)) > LONGEST_NAME:
        row.reasons.append("too_long")
    return row


def names_of(given: Mapping[str, str]) -> dict[str, str]:
    """Family, given and middle names of the mapped cells of a row, whether or not they stand in one column."""
    names = {name: given.get(name, "") for name in ("family_name", "given_name", "middle_names")}
    if "full_name" in given and not names["family_name"]:
        names |= _parts_of(given["full_name"])
    return names


def _parts_of(full_name: str) -> dict[str, str]:
    """``Family, Given``; without a comma the last word is the family name."""
    family, comma, given = full_name.partition(",")
    if not comma:
        given, _space, family = full_name.rpartition(" ")
    return {"family_name": family.strip(), "given_name": given.strip()}


def _sex(text: str, row: ReadRow) -> str:
    found = _SEX_OF.get(fold(text)) if text else "unknown"
    if found is None:
        row.reasons.append("sex_unknown_word")
    return found or "unknown"


def _date(text: str, order: DateOrder | None, name: str, row: ReadRow) -> date | None:
    if not text:
        return None
    try:
        return read_date(text, order)
    except UnreadableDate:
        row.reasons.append(f"{name}_unreadable")
    except AmbiguousDate:
        row.reasons.append(f"{name}_ambiguous")
    return None
