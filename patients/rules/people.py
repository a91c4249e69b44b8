"""What a person's details must be, and what cannot be true of anybody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.audit.records import check_fields
from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import validate_time_zone
from patients.models import Patient

DETAILS = (
    "family_name",
    "given_name",
    "middle_names",
    "birth_date",
    "sex",
    "phone",
    "email",
    "address_line",
    "city",
    "state",
    "postal_code",
    "country",
    "language",
    "time_zone",
    "reminders_by",
)
"""What is known of a person and can be edited; ``birth_date`` is a date, the rest is text."""

OLDEST_AGE = 125


def described(details: Mapping[str, Any], *, deceased_on: date | None, today: date, now: datetime) -> Patient:
    """An unsaved patient whose fields and dates have been checked; ``today`` is the site's.

    Raises:
        Invalid: by field.
    """
    patient = Patient(deceased_on=deceased_on, updated_at=now)
    apply_details(patient, details)
    if patient.birth_date is None:
        raise Invalid({"birth_date": Problem("patient.no_birth_date", _("A date of birth is needed."))})
    check_fields(patient)
    check_dates(patient, today=today)
    check_time_zone(patient)
    return patient


def apply_details(patient: Patient, values: Mapping[str, Any]) -> None:
    """Set some of :data:`DETAILS`, without spaces around texts."""
    if unknown := set(values) - set(DETAILS):
        raise TypeError(f"a patient has no such details: {sorted(unknown)}")
    for name, value in values.items():
        setattr(patient, name, value.strip() if isinstance(value, str) else value)


def date_problems(*, birth_date: date, deceased_on: date | None, today: date) -> dict[str, list[Problem]]:
    """What is wrong with the dates of a life, by field; ``today`` is the site's.

    The codes end in the reasons of an import (``patient.birth_date_future``).
    """
    found: dict[str, list[Problem]] = {}
    if birth_date > today:
        message = _("The date of birth is in the future. Check the year.")
        found["birth_date"] = [Problem("patient.birth_date_future", message)]
    elif today.year - birth_date.year > OLDEST_AGE:
        message = _("The date of birth is more than %(years)s years ago. Check the year.")
        found["birth_date"] = [Problem("patient.birth_date_too_early", message, {"years": OLDEST_AGE})]
    if deceased_on and deceased_on > today:
        message = _("The date of death is in the future. Check the year.")
        found["deceased_on"] = [Problem("patient.deceased_on_future", message)]
    elif deceased_on and deceased_on < birth_date:
        message = _("The date of death is before the date of birth. Check both.")
        found["deceased_on"] = [Problem("patient.died_before_born", message)]
    return found


def check_dates(patient: Any, *, today: date) -> None:
    """Refuse a life that ends before it begins, or that has not begun.

    Raises:
        Invalid: by field, all of them at once.
    """
    problems = date_problems(birth_date=patient.birth_date, deceased_on=patient.deceased_on, today=today)
    if problems:
        raise Invalid(problems)


def check_time_zone(patient: Patient) -> None:
    """The patient's own time zone, where one is known, is one that the clocks can be read in.

    Raises:
        Invalid: ``time_zone.unknown``.
    """
    if not patient.time_zone:
        return
    try:
        validate_time_zone(patient.time_zone)
    except ValidationError:
        message = _("%(name)s is not a time zone. Use a name such as Europe/Lisbon or America/Chicago.")
        raise Invalid(
            {"time_zone": Problem("time_zone.unknown", message, {"name": patient.time_zone})}
        ) from None
