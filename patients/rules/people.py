"""What a person's details must be, and what cannot be true of anybody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.audit.records import check_fields
from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import validate_time_zone
from patients.models import Channel, Patient
from patients.models.patient import phone_key

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
    check_reach(patient)
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


def check_reach(patient: Patient) -> None:
    """Refuse a way of reminding that has no address, and a time zone that is none; "" is the zone of the site.

    Raises:
        Invalid: by field, all of them at once.
    """
    problems: dict[str, Problem] = {}
    if patient.reminders_by == Channel.EMAIL and not patient.email:
        message = _("Reminders by e-mail need an e-mail address. Enter one, or choose another way.")
        problems["reminders_by"] = Problem("patient.no_email", message)
    if patient.reminders_by == Channel.SMS and not phone_key(patient.phone):
        message = _("Reminders by text message need a telephone number. Enter one, or choose another way.")
        problems["reminders_by"] = Problem("patient.no_phone", message)
    try:
        if patient.time_zone:
            validate_time_zone(patient.time_zone)
    except ValidationError as error:
        problems["time_zone"] = Problem("patient.time_zone", "%(text)s", {"text": " ".join(error.messages)})
    if problems:
        raise Invalid(problems)
