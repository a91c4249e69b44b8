"""What becomes of each row of a file: decided when it is previewed, and again when it is taken in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from patients.models import Identifier, ImportBatch, ImportRow, Patient, Registration
from patients.reading.columns import FIELDS
from patients.reading.dates import DateOrder, order_of, readings
from patients.reading.values import ReadRow, read_row
from patients.reading.verdicts import REASONS, Verdict
from patients.rules.duplicates import Candidate, Reason, reasons
from patients.rules.people import described

DATE_FIELDS = ("birth_date", "deceased_on")
RIGHTS: dict[str, tuple[Permission, ...]] = {
    ImportBatch.Kind.PATIENTS: (Permission.IMPORT_PATIENTS,),
    ImportBatch.Kind.SCORES: (Permission.IMPORT_PATIENTS, Permission.RECORD_SCORES),
}
"""What is held at a site by whoever imports a kind of file there: all of it."""


@dataclass(slots=True)
class Judged:
    """A row with its verdict.

    Attributes:
        patient: to be inserted for a new row or a possible duplicate; the known one where the id is known.
        like: patients of the record who may be the same person.
    """

    row: ImportRow
    read: ReadRow
    verdict: Verdict
    reasons: list[str]
    patient: Patient | None = None
    like: list[Patient] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """What the record already says about one chunk of rows; read in four queries."""

    by_identifier: dict[tuple[str, str], Patient]
    by_birth_date: dict[date, list[Patient]]
    record_numbers: set[str]


class Judge:
    """Judges the rows of a batch in their order, and remembers those that it has let in."""

    def __init__(self, batch: ImportBatch, *, now: datetime) -> None:
        self.batch = batch
        self.now = now
        self.today = clock.local_date(now, batch.site.time_zone)
        self.order = DateOrder(batch.date_order) if batch.date_order else None
        self._ids: set[str] = set()
        self._numbers: set[str] = set()
        self._people: defaultdict[date, list[Candidate]] = defaultdict(list)

    def judge(self, rows: Sequence[ImportRow]) -> list[Judged]:
        """Verdicts of one chunk; the number of queries does not depend on its length."""
        batch = self.batch
        read = [
            read_row(row.cells, columns=batch.columns, mapping=batch.mapping, order=self.order)
            for row in rows
        ]
        known = self._known(read)
        return [self._judge(row, said, known) for row, said in zip(rows, read, strict=True)]

    def _judge(self, row: ImportRow, read: ReadRow, known: _Known) -> Judged:
        if read.reasons:
            return Judged(row, read, Verdict.REFUSED, read.reasons)
        if by_id := self._by_source_id(row, read, known):
            return by_id
        try:
            patient = described(
                {name: value for name, value in read.details.items() if name != "deceased_on"},
                deceased_on=read.details["deceased_on"],
                today=self.today,
                now=self.now,
            )
        except Invalid as error:
            return Judged(row, read, Verdict.REFUSED, [_reason(problem.code) for problem in error.problems])
        judged = self._by_likeness(row, read, patient, known)
        if judged.verdict is Verdict.NEW or (judged.verdict is Verdict.POSSIBLE_DUPLICATE and row.is_chosen):
            self._remember(read, patient)
        return judged

    def _by_source_id(self, row: ImportRow, read: ReadRow, known: _Known) -> Judged | None:
        if not read.source_id:
            return None
        if read.source_id in self._ids:
            return Judged(row, read, Verdict.ALREADY_HERE, ["repeated_in_file"])
        patient = known.by_identifier.get((self.batch.system, read.source_id))
        if patient is None:
            return None
        self._ids.add(read.source_id)
        verdict = Verdict.ALREADY_HERE if _is_here(patient) else Verdict.KNOWN_ELSEWHERE
        return Judged(row, read, verdict, ["same_identifier"], patient)

    def _by_likeness(self, row: ImportRow, read: ReadRow, patient: Patient, known: _Known) -> Judged:
        wanted = Candidate.of_patient(patient)
        found = self._alike(wanted, known)
        exact = [other for other, why in found if Reason.SAME_NAME_AND_BIRTH_DATE in why]
        # Without an id in the other system, the same name and birth date at this site is the same person.
        if not read.source_id and any(other is None or _is_here(other) for other in exact):
            repeated = any(other is None for other in exact)
            reason = "repeated_in_file" if repeated else Reason.SAME_NAME_AND_BIRTH_DATE.value
            return Judged(row, read, Verdict.ALREADY_HERE, [reason])
        if read.record_number and read.record_number in known.record_numbers | self._numbers:
            return Judged(row, read, Verdict.REFUSED, ["record_number_taken"])
        if read.other_identifier and (self.batch.other_system, read.other_identifier) in known.by_identifier:
            return Judged(row, read, Verdict.REFUSED, ["identifier_taken"])
        if found:
            reasons_found = {reason.value for _other, reasons in found for reason in reasons}
            like = [other for other, _why in found if other is not None]
            return Judged(row, read, Verdict.POSSIBLE_DUPLICATE, sorted(reasons_found), patient, like)
        return Judged(row, read, Verdict.NEW, [], patient)

    def _alike(self, wanted: Candidate, known: _Known) -> list[tuple[Patient | None, list[Reason]]]:
        """Everybody like that: patients of the record, and None for somebody further up in the file."""
        found: list[tuple[Patient | None, list[Reason]]] = []
        for day in wanted.dates:
            for other in known.by_birth_date[day]:
                found.append((other, reasons(wanted, Candidate.of_patient(other))))
            found.extend((None, reasons(wanted, candidate)) for candidate in self._people[day])
        return [(other, why) for other, why in found if why]

    def _remember(self, read: ReadRow, patient: Patient) -> None:
        self._people[patient.birth_date].append(Candidate.of_patient(patient))
        self._ids.update(filter(None, [read.source_id]))
        self._numbers.update(filter(None, [read.record_number]))

    def _known(self, read: Iterable[ReadRow]) -> _Known:
        rows = [row for row in read if not row.reasons]
        site, batch = self.batch.site, self.batch
        here = Exists(Registration.objects.filter(patient=OuterRef("pk"), site=site))
        ids = {row.source_id for row in rows} | {row.other_identifier for row in rows}
        identifiers = Identifier.objects.filter(
            system__in=[batch.system, batch.other_system], value__in=ids - {""}
        )
        patients = Patient.objects.annotate(is_here=here)
        owners = patients.in_bulk(identifier.patient_id for identifier in identifiers)
        days = {day for row in rows for day in Candidate.of(row.details).dates}
        by_birth_date: defaultdict[date, list[Patient]] = defaultdict(list)
        for patient in patients.filter(birth_date__in=days):
            by_birth_date[patient.birth_date].append(patient)
        numbers = Registration.objects.filter(
            site=site, record_number__in={row.record_number for row in rows} - {""}
        )
        return _Known(
            {(found.system, found.value): owners[found.patient_id] for found in identifiers},
            by_birth_date,
            set(numbers.values_list("record_number", flat=True)),
        )


def _is_here(patient: Any) -> bool:
    return bool(patient.is_here)


def _reason(code: str) -> str:
    """The reason of a row for the code of a refusal."""
    name = code.partition(".")[2]
    return {"max_length": "too_long", "invalid": "email_unreadable"}.get(
        name, name if name in REASONS else "unreadable"
    )


def check_mapping(batch: ImportBatch, *, mapping: Mapping[str, str], system: str, other_system: str) -> None:
    """Refuse a mapping that cannot make patients.

    Raises:
        Invalid: by field of the mapping, or ``system`` and ``other_system``.
    """
    problems = unknown_columns(batch, mapping, FIELDS)
    if not {"family_name", "full_name"} & set(mapping):
        message = _("Choose the column that holds the family name, or the whole name.")
        problems["family_name"] = Problem("import.no_name_column", message)
    if "birth_date" not in mapping:
        message = _("Choose the column that holds the date of birth.")
        problems["birth_date"] = Problem("import.no_birth_date_column", message)
    if not system.strip():
        problems["system"] = no_system()
    if "other_identifier" in mapping and other_system.strip() in {"", system.strip()}:
        message = _("Name the system or authority that gives the other identifier.")
        problems["other_system"] = Problem("import.no_other_system", message)
    if problems:
        raise Invalid(problems)


def check_may_import(kind: str, *, by: Actor, site_id: int | None = None) -> None:
    """Refuse who may not import such files at a site, or anywhere when none is named.

    Raises:
        Refused: ``permission.missing``, naming the right.
    """
    for right in RIGHTS[kind]:
        by.require(right, site_id)


def sites_to_import_at(kind: str, by: Actor) -> frozenset[int]:
    """The sites at which all rights that a kind of file needs are held."""
    return frozenset.intersection(*(by.sites_with(right) for right in RIGHTS[kind]))


def unknown_columns(
    batch: ImportBatch, mapping: Mapping[str, str], fields: Mapping[str, Any]
) -> dict[str, Problem]:
    """What a mapping names that does not exist, by field."""
    problems: dict[str, Problem] = {}
    for name, column in mapping.items():
        if name not in fields:
            problems[name] = Problem("import.field", _("There is no such field: %(name)s."), {"name": name})
        elif column not in batch.columns:
            problems[name] = Problem(
                "import.column", _("The file has no such column: %(name)s."), {"name": column}
            )
    return problems


def no_system() -> Problem:
    """The ids of the other system need its name."""
    message = _("Name the system that the file comes from. Use the same name the next time.")
    return Problem("import.no_system", message)


def date_order_of(texts: Sequence[str], *, chosen: str) -> str:
    """How the dates of a file are to be read: as chosen, as the file betrays, or "" where there is no doubt.

    Raises:
        Invalid: a date can be read in two ways and nobody has said how (``import.date_order``).
    """
    if chosen:
        if chosen not in set(DateOrder):
            raise Invalid({"date_order": Problem("import.date_order", _("Choose day first or month first."))})
        return chosen
    doubtful = next((text for text in texts if len(readings(text)) > 1), None)
    if doubtful is None:
        return ""
    if betrayed := order_of(texts):
        return betrayed.value
    message = _("%(date)s can be read in two ways. Say whether the day or the month comes first.")
    raise Invalid({"date_order": Problem("import.date_order", message, {"date": doubtful})})


def check_state(batch: ImportBatch, *states: str) -> None:
    """Refuse a step out of order.

    Raises:
        Conflict: ``import.state``.
    """
    if batch.state not in states:
        message = _("This is not possible now: the import is “%(state)s”.")
        raise Conflict(Problem("import.state", message, {"state": batch.get_state_display()}))
