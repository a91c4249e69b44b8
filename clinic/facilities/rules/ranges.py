"""Ranges of time that somebody plans: in order, not endless, and in a year that can be meant."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

FAR_YEARS = 10
FAR = timedelta(days=365 * FAR_YEARS)
SHIFT_HOURS, CLOSURE_DAYS, LEAVE_DAYS = 24, 366, 732
"""The longest shift, closure and leave. Longer ones are slips of the keyboard."""


def check_range(starts_at: datetime, ends_at: datetime, *, now: datetime, longest: timedelta) -> None:
    """Raises Invalid under the field: ``range.order``, ``range.long``, ``range.far``."""
    for name, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if abs(at - now) > FAR:
            message = _("This is more than %(years)s years from today. Check the year.")
            raise Invalid({name: Problem("range.far", message, {"years": FAR_YEARS})})
    if ends_at <= starts_at:
        message = _("The end comes before the start. Check the times.")
        raise Invalid({"ends_at": Problem("range.order", message)})
    if ends_at - starts_at > longest:
        raise Invalid({"ends_at": _too_long(longest)})


def _too_long(longest: timedelta) -> Problem:
    if longest <= timedelta(hours=SHIFT_HOURS):
        message = _("A shift lasts at most %(hours)s hours. Check the times.")
        return Problem("range.long", message, {"hours": SHIFT_HOURS})
    message = _("At most %(days)s days at a time. Check the dates.")
    return Problem("range.long", message, {"days": longest.days})
