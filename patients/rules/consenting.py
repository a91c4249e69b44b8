"""When a consent can be given, and when it can be revoked."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem
from patients.models import Consent, Patient


def check_can_record(*, patient: Patient, given_on: date, given_by: str, today: date) -> None:
    """Refuse a consent on a day on which this patient could not give one.

    Raises:
        Invalid: under ``given_on`` or ``given_by``.
    """
    if given_on > today:
        raise Invalid(
            {"given_on": Problem("consent.future", _("This day is in the future. Check the date."))}
        )
    if given_on < patient.birth_date:
        raise Invalid(
            {"given_on": Problem("consent.before_birth", _("This is before the patient was born."))}
        )
    if patient.deceased_on and given_on > patient.deceased_on:
        raise Invalid(
            {"given_on": Problem("consent.after_death", _("The patient had died before this day."))}
        )
    if patient.is_minor_on(given_on) and not given_by.strip():
        message = _("The patient was a minor on that day. Name the parent or representative who consented.")
        raise Invalid({"given_by": Problem("consent.minor", message)})


def check_can_revoke(consent: Consent, *, revoked_on: date, reason: str, today: date) -> None:
    """Refuse to revoke twice, without a reason, or on a day that cannot be.

    Raises:
        Conflict: ``consent.revoked``.
        Invalid: under ``reason`` or ``revoked_on``.
    """
    if consent.is_revoked:
        message = _("This consent was revoked on %(day)s already.")
        raise Conflict(Problem("consent.revoked", message, {"day": consent.revoked_on}))
    if not reason.strip():
        raise Invalid(
            {
                "reason": Problem(
                    "consent.reason", _("Say why the consent is revoked, in the patient's words.")
                )
            }
        )
    if not consent.given_on <= revoked_on <= today:
        message = _("Choose a day between the day it was given and today.")
        raise Invalid({"revoked_on": Problem("consent.revoked_on", message)})


def check_version(latest: Any, *, version: int) -> None:
    """Versions of a document follow one another without a gap.

    Raises:
        Conflict: ``consent_document.version``.
    """
    expected = (latest.version if latest else 0) + 1
    if version != expected:
        message = _("The next version of this document is %(version)s.")
        raise Conflict(Problem("consent_document.version", message, {"version": expected}))
