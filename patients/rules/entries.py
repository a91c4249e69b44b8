"""What a row of the record's lists must be, beyond the limits of its columns."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from patients.models import Authorization, Contact, RecordEntry, ReferringClinician
from patients.models.patient import phone_key


def check_entry(entry: RecordEntry, *, today: date) -> None:
    """Refuse days in the future, an end before the beginning, a telephone number without digits, and an
    authorization of nothing.

    Raises:
        Invalid: by field.
    """
    problems: dict[str, Problem] = {}
    begun = getattr(entry, "started_on", None) or getattr(entry, "noted_on", None)
    for name in ("started_on", "noted_on", "ended_on"):
        day = getattr(entry, name, None)
        if day and day > today:
            problems[name] = Problem("entry.future", _("This day is in the future. Check the date."))
    if begun and entry.ended_on and entry.ended_on < begun and not entry.entered_in_error:
        problems["ended_on"] = Problem(
            "entry.ends_before", _("It cannot end before it began. Check both days.")
        )
    # Whoever is called has a number; a clinician who gets letters may have none.
    number = entry.phone if isinstance(entry, Contact | ReferringClinician) else None
    if number is not None and not phone_key(number) and (number or isinstance(entry, Contact)):
        problems["phone"] = Problem("contact.phone", _("A telephone number with digits is needed."))
    if isinstance(entry, Authorization):
        problems |= _authorization_problems(entry)
    if problems:
        raise Invalid(problems)


def _authorization_problems(entry: Authorization) -> dict[str, Problem]:
    """Its days may lie ahead, unlike those of the other lists: a payer allows before the treatment."""
    found: dict[str, Problem] = {}
    if not entry.infusions:
        message = _("Say how many infusions are authorised, at least one.")
        found["infusions"] = Problem("authorization.infusions", message)
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        message = _("It cannot end before it begins. Check both days.")
        found["valid_until"] = Problem("authorization.days", message)
    return found
