"""Who is this, at a glance? The line that stays in sight on every page about a patient."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.accounts.actor import Actor
from patients.models import Allergy, AllergyStatus, Patient, Registration, allergies_of


@dataclass(frozen=True, slots=True)
class Banner:
    """Two identifiers and what must not be forgotten.

    Example: ``Banner(patient, "García, Ana", date(1984, 3, 12), 42, "Female", "100001", None, ["Latex"], LISTED)``
    """

    patient: Patient
    full_name: str
    birth_date: date
    age: int
    sex: str
    record_number: str
    deceased_on: date | None
    allergies: list[Allergy]
    allergy_status: AllergyStatus

    @property
    def is_minor(self) -> bool:
        return self.age < 18


def banner_of(patient: Patient, *, actor: Actor, today: date, site: Any = None) -> Banner:
    """The banner as it reads on a day, with the record number at ``site``: elsewhere the patient has another.

    Without a site, or where the patient is not registered there, it is that of the first site within reach.
    """
    registrations = getattr(patient, "visible_registrations", None)
    if registrations is None:
        registrations = list(Registration.objects.for_user(actor).filter(patient=patient))
    here = [registration for registration in registrations if site and registration.site_id == site.pk]
    numbers = [registration.record_number for registration in here or registrations]
    allergies, status = allergies_of(patient)
    return Banner(
        patient=patient,
        full_name=patient.full_name,
        birth_date=patient.birth_date,
        age=patient.age_on(today),
        sex=patient.get_sex_display(),
        record_number=numbers[0] if numbers else "",
        deceased_on=patient.deceased_on,
        allergies=allergies,
        allergy_status=status,
    )
