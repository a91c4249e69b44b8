"""What a chair or a patient that is taken is refused with: it names what is in the way by its time, never by a name."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from clinic.facilities.models import Site
from sessions.rules.capacity import CHAIR_TAKEN


def chair_taken(chair: str, start: datetime, end: datetime, site: Site) -> Problem:
    """``[start, end)`` is what keeps the chair of this name."""
    message = _("%(chair)s is taken from %(start)s to %(end)s. Choose another time or chair.")
    return Problem(CHAIR_TAKEN, message, {"chair": chair, **_clock(start, end, site)})


def patient_taken(start: datetime, end: datetime, site: Site) -> Problem:
    """``[start, end)`` is the patient's other visit."""
    message = _("This patient is booked from %(start)s to %(end)s already. Choose another time.")
    return Problem("booking.patient_taken", message, _clock(start, end, site))


def no_chair(start: datetime, end: datetime, site: Site) -> Problem:
    """``[start, end)`` is what was asked for."""
    message = _("No chair is free from %(start)s to %(end)s. Choose another time.")
    return Problem("booking.no_chair", message, _clock(start, end, site))


def _clock(start: datetime, end: datetime, site: Site) -> dict[str, str]:
    """Both ends on the site's clocks, with their days where these are two."""
    first, last = start.astimezone(site.zone), end.astimezone(site.zone)
    shown = "%H:%M" if first.date() == last.date() else "%a %d %b %H:%M"
    return {"start": first.strftime(shown), "end": last.strftime(shown)}
