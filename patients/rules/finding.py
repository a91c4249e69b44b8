"""Whose row is it? By record number, by the other system's id, or by name and date of birth; at one site only.

A patient of another site is not found, and the refusal is the same as for somebody whom nobody knows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from clinic.common.text import search_key
from patients.models import Identifier, ImportBatch, Patient, Registration
from patients.rules.score_rows import ScoreRow

Found = tuple[Patient | None, str]


class People:
    """The patients of the batch's site whom a chunk of rows may mean; read in four queries."""

    def __init__(self, batch: ImportBatch, rows: Iterable[ScoreRow]) -> None:
        rows = list(rows)
        here = Patient.objects.at_site(batch.site)
        numbers = {row.record_number for row in rows} - {""}
        registered = Registration.objects.filter(site=batch.site, record_number__in=numbers)
        owners = dict(registered.values_list("record_number", "patient_id"))
        ids = {row.source_id for row in rows} - {""}
        known = Identifier.objects.filter(system=batch.system, value__in=ids)
        owners_by_id = dict(known.values_list("value", "patient_id"))
        patients = here.in_bulk({*owners.values(), *owners_by_id.values()})
        self._by_number = {number: patients[pk] for number, pk in owners.items()}
        self._by_id = {value: patients[pk] for value, pk in owners_by_id.items() if pk in patients}
        days = {row.birth_date for row in rows if row.birth_date and _named(row.names)}
        self._by_birth_date: defaultdict[date, list[Patient]] = defaultdict(list)
        for patient in here.filter(birth_date__in=days):
            self._by_birth_date[patient.birth_date].append(patient)

    def find(self, row: ScoreRow) -> Found:
        """The one patient whom a row means, or the code of the reason why there is none.

        What else the row says of the patient must not contradict: a mistyped number would put a score into somebody
        else's record.
        """
        if row.record_number or row.source_id:
            return self._by_key(row)
        if not (row.birth_date and _named(row.names)):
            return None, "no_patient_named"
        same_day = self._by_birth_date[row.birth_date]
        told = _words(row.names)
        found = [one for one in same_day if one.name_words == told]
        if not found and row.names["family_name"] and row.names["given_name"]:
            found = [one for one in same_day if _one_is_whole(told, one.name_words)]
        if len(found) > 1:
            return None, "several_patients"
        return (found[0], "") if found else (None, "no_patient")

    def _by_key(self, row: ScoreRow) -> Found:
        found = {
            one.pk: one
            for key, known in ((row.record_number, self._by_number), (row.source_id, self._by_id))
            if key and (one := known.get(key))
        }
        if row.record_number and row.record_number not in self._by_number:
            return None, "no_patient"
        if len(found) != 1:
            return None, "two_patients" if found else "no_patient"
        (patient,) = found.values()
        if row.birth_date and row.birth_date != patient.birth_date:
            return None, "birth_date_differs"
        if (told := _words(row.names)) and not told & patient.name_words:
            return None, "name_differs"
        return patient, ""


def _one_is_whole(told: frozenset[str], known: frozenset[str]) -> bool:
    """Whether the one name is the other with a second given or family name more: both have two words in common."""
    common = told & known
    return len(common) > 1 and common in (told, known)


def _named(names: Mapping[str, str]) -> bool:
    return any(names.values())


def _words(names: Mapping[str, str]) -> frozenset[str]:
    return frozenset(search_key(*names.values()).split())
