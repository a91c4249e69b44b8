"""Patients as a dense list: who, how old, under which number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from patients.models import Patient, Registration


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list.

    Example: ``Listed(patient, 42, [Registration("100001")], is_minor=False, has_namesake=True)``

    Attributes:
        has_namesake: somebody else in the same list bears the same family name.
    """

    patient: Patient
    age: int
    registrations: list[Registration]
    is_minor: bool
    has_namesake: bool


def listed(patients: Iterable[Any], *, today: date) -> list[Listed]:
    """Rows for patients that were read ``with_record_numbers``."""
    found = list(patients)
    names = [patient.family_name.casefold() for patient in found]
    return [
        Listed(
            patient=patient,
            age=patient.age_on(today),
            registrations=patient.visible_registrations,
            is_minor=patient.is_minor_on(today),
            has_namesake=names.count(patient.family_name.casefold()) > 1,
        )
        for patient in found
    ]


def by_name(actor: Actor) -> QuerySet[Patient]:
    """Everybody within reach, A to Z."""
    return Patient.objects.for_user(actor).with_record_numbers(actor)


def recently_registered(actor: Actor, *, limit: int = 25) -> list[Patient]:
    """Whoever was registered last at one of the actor's sites, the latest first."""
    here = Q(registrations__site__in=actor.sites_with(Permission.VIEW_PATIENTS))
    found = by_name(actor).annotate(registered_at=Max("registrations__registered_at", filter=here))
    return list(found.order_by("-registered_at", "-pk")[:limit])
