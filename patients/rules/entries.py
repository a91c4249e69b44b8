"""What a row of the record's lists must be, beyond the limits of its columns."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from patients.models import Contact, RecordEntry
from patients.models.patient import phone_key


def check_entry(entry: RecordEntry, *, today: date) -> None:
    """Refuse days in the future, an end before the beginning, and a telephone number without digits.

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
    if isinstance(entry, Contact) and not phone_key(entry.phone):
        problems["phone"] = Problem("contact.phone", _("A telephone number with digits is needed."))
    if problems:
        raise Invalid(problems)
