"""Is this person known already? A warning with its reasons; a human decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Problem
from clinic.common.text import search_key
from patients.models import Patient
from patients.models.patient import phone_key
from patients.reading.dates import swapped
from patients.reading.verdicts import sentence


class Reason(StrEnum):
    """Why two entries may be one person, strongest first; the sentences are those of the import's reasons."""

    SAME_NAME_AND_BIRTH_DATE = "same_name_and_birth_date"
    PHONE = "same_birth_date_and_phone"
    NAME_WORD = "same_birth_date_and_name_word"
    SWAPPED_DATE = "same_name_swapped_date"

    @property
    def sentence(self) -> str:
        return sentence(self.value)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What counts when two people are compared: folded words of the name, birth date, digits of the phone."""

    words: frozenset[str]
    birth_date: date
    phone: str = ""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Self:
        names = (details.get(name) or "" for name in ("family_name", "given_name", "middle_names"))
        phone = phone_key(details.get("phone") or "")
        return cls(frozenset(search_key(*names).split()), details["birth_date"], phone)

    @classmethod
    def of_patient(cls, patient: Patient) -> Self:
        return cls(patient.name_words, patient.birth_date, patient.phone_key)

    @property
    def dates(self) -> set[date]:
        """Birth dates under which the same person may stand."""
        return {self.birth_date} | ({other} if (other := swapped(self.birth_date)) else set())


def reasons(one: Candidate, other: Candidate) -> list[Reason]:
    """Why the two may be the same person; nothing when they need not be.

    Order, case and diacritics of names never count. A name in common with the same birth date is enough: people
    marry, and a middle name is used as a first one. With an exchanged day and month the whole shorter name must fit.
    """
    found: list[Reason] = []
    common = one.words & other.words
    whole = common == min(one.words, other.words, key=len) and bool(common)
    if one.birth_date == other.birth_date:
        if one.words == other.words:
            found.append(Reason.SAME_NAME_AND_BIRTH_DATE)
        if one.phone and one.phone == other.phone:
            found.append(Reason.PHONE)
        if common and one.words != other.words:
            found.append(Reason.NAME_WORD)
    elif whole and len(common) > 1 and swapped(one.birth_date) == other.birth_date:
        found.append(Reason.SWAPPED_DATE)
    return found


@dataclass(frozen=True, slots=True)
class Match:
    """A patient within the actor's reach who may be the same person."""

    patient: Patient
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        return " ".join(reason.sentence for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Who may be the same person.

    Attributes:
        here: patients whom the actor may see, likeliest first.
        elsewhere: patients at other sites; told as a number only.
    """

    here: tuple[Match, ...] = ()
    elsewhere: tuple[Match, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.here or self.elsewhere)


class PossibleDuplicate(Conflict):
    """Registering goes on only when somebody has confirmed that this is another person (409)."""

    def __init__(self, found: Duplicates) -> None:
        self.found = found
        message = _(
            "Somebody like this is registered already. Open that record, or confirm that this is another person."
        )
        super().__init__(Problem("patient.possible_duplicate", message), also=list(_lines(found)))


def _lines(found: Duplicates) -> Iterable[Problem]:
    for match in found.here:
        shown = {
            "name": match.patient.full_name,
            "born": match.patient.birth_date.isoformat(),
            "why": match.sentence,
        }
        link = f"/patients/{match.patient.public_id}/"
        yield Problem("patient.possible_duplicate_here", "%(name)s, %(born)s. %(why)s", shown, link=link)
    if found.elsewhere:
        message = _(
            "At another site: %(count)s. If it is the same person, register them here under their own record."
        )
        yield Problem("patient.possible_duplicate_elsewhere", message, {"count": len(found.elsewhere)})


def possible_duplicates(*, details: Mapping[str, Any], by: Actor, but: Patient | None = None) -> Duplicates:
    """Everybody in the organisation who may be the person described; two queries.

    Args:
        details: needs ``birth_date`` and what is known of names and phone.
        but: the patient being edited, who is no duplicate of themselves.
    """
    wanted = Candidate.of(details)
    same_day = Patient.objects.filter(birth_date__in=wanted.dates)
    if but is not None:
        same_day = same_day.exclude(pk=but.pk)
    matches = _matches(wanted, same_day.with_record_numbers(by))
    here = tuple(match for match in matches if _visible(match.patient))
    return Duplicates(here, tuple(match for match in matches if not _visible(match.patient)))


def _visible(patient: Any) -> bool:
    return bool(patient.visible_registrations)


def _matches(wanted: Candidate, patients: Iterable[Patient]) -> list[Match]:
    found = [Match(patient, tuple(reasons(wanted, Candidate.of_patient(patient)))) for patient in patients]
    strength = list(Reason)
    return sorted(
        (match for match in found if match.reasons), key=lambda match: strength.index(match.reasons[0])
    )
