"""Whether a planned time fits the site's hours and its nurses. What does not fit can be booked with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from clinic.facilities.models import Chair, Site
from clinic.facilities.rules.duty import Duty, duties, steps
from clinic.facilities.rules.opening import OpenTimes, Range, open_times
from sessions.models import Booking

CHAIR_TAKEN = "booking.chair_taken"
CLOSED, OUTSIDE_HOURS, NURSES = "booking.site_closed", "booking.outside_hours", "booking.nurse_capacity"
OVERRIDABLE = frozenset({CHAIR_TAKEN, CLOSED, OUTSIDE_HOURS, NURSES})
"""What may be booked against, with the right and a reason."""


@dataclass(frozen=True, slots=True)
class NurseLoad:
    """How many patients a site's nurses may have, and have, over a stretch of time.

    Attributes:
        most: patients for each nurse; 0: the site does not check.
        taken: the ranges of live bookings during which a nurse looks after the patient.
    """

    most: int
    duties: Sequence[Duty]
    taken: Sequence[Range]

    def too_much(self, start: datetime, end: datetime) -> tuple[datetime, int, int] | None:
        """The first instant of the range at which one more patient is too many, with the patients there would be
        and the nurses on duty; None where there is room throughout."""
        if not self.most:
            return None
        near = [(begins, ends) for begins, ends in self.taken if begins < end and ends > start]
        on = [duty for duty in self.duties if duty.starts_at < end and duty.ends_at > start]
        for at, _until in steps(on, near, start, end):
            patients = 1 + sum(begins <= at < ends for begins, ends in near)
            nurses = len({duty.user_id for duty in on if duty.starts_at <= at < duty.ends_at})
            if patients > nurses * self.most:
                return at, patients, nurses
        return None


def nurse_load(site: Site, start: datetime, end: datetime, *, besides: Sequence[int] = ()) -> NurseLoad:
    """The load over a range.

    Args:
        besides: inner keys of bookings that are being moved; they are in nobody's way.
    """
    most = site.rules.patients_per_nurse
    if not most:
        return NurseLoad(0, (), ())
    # By chair, because that is how live bookings are found by an index.
    live = Booking.objects.live().nursed().filter(chair__in=Chair.objects.filter(site=site))
    live = live.overlapping(start, end).exclude(pk__in=besides)
    return NurseLoad(most, duties(site, start, end), list(live.values_list("starts_at", "ends_at")))


def obstacles_to_time(
    site: Site, start: datetime, end: datetime, *, nursed: bool = True, besides: Sequence[int] = ()
) -> list[Problem]:
    """Why a site cannot take one more visit in a range: closed, outside its hours, too few nurses."""
    found = opening_problems(open_times(site, start, end), start, end)
    load = nurse_load(site, start, end, besides=besides) if nursed else None
    if load and (problem := nurse_problem(load, site, start, end)):
        found.append(problem)
    return found


def opening_problems(times: OpenTimes, start: datetime, end: datetime) -> list[Problem]:
    """At most one: a closure, or the hours of that weekday."""
    site = times.site
    local = start.astimezone(site.zone)
    if reason := times.closure_in(start, end):
        message = _("%(site)s is closed then: %(reason)s. Choose another time.")
        return [Problem(CLOSED, message, {"site": site.name, "reason": reason})]
    if times.covers(start, end):
        return []
    params = {
        "site": site.name,
        "start": local.strftime("%a %H:%M"),
        "end": end.astimezone(site.zone).strftime("%H:%M"),
    }
    message = _("%(start)s to %(end)s is outside the opening hours of %(site)s. Choose another time.")
    return [Problem(OUTSIDE_HOURS, message, params)]


def nurse_problem(load: NurseLoad, site: Site, start: datetime, end: datetime) -> Problem | None:
    """The first moment with too few nurses, in words."""
    found = load.too_much(start, end)
    if found is None:
        return None
    at, patients, nurses = found
    message = _(
        "At %(time)s there would be %(patients)s patients; nurses on duty: %(nurses)s, each for at most %(most)s. "
        "Choose another time."
    )
    params = {
        "time": at.astimezone(site.zone).strftime("%H:%M"),
        "patients": patients,
        "nurses": nurses,
        "most": load.most,
    }
    return Problem(NURSES, message, params)
