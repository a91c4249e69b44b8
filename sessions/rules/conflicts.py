"""Where the plan does not fit what is: derived from what stands now, and never stored.

Whatever happened is recorded first; this is how it shows in the bookings that it disturbs. A booking that was made
against a rule, or is kept as it is with a reason, names the code among its ``overrides`` and is no conflict by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from clinic.facilities.rules.duty import Duty, duties, on_duty
from clinic.facilities.rules.opening import OpenTimes, open_times
from sessions.models import Booking, InfusionSession
from sessions.rules.capacity import CHAIR_TAKEN, CLOSED, NURSES, OUTSIDE_HOURS, opening_problems
from sessions.rules.presence import Presence, presences
from sessions.rules.short_of_nurses import beyond_the_nurses
from sessions.states import PRESENT

CHAIR_OUT = "conflict.chair_out"
OVERRUN = "conflict.overrun"
LATE = "conflict.late"
GIVEN_AWAY = "conflict.given_away"
NURSE_AWAY = "conflict.nurse_away"

KINDS: dict[str, Any] = {
    GIVEN_AWAY: _("Chair given away"),
    OVERRUN: _("Overrun"),
    LATE: _("Late arrival"),
    NURSE_AWAY: _("Nurse away"),
    CHAIR_OUT: _("Chair out of service"),
    CLOSED: _("Site closed"),
    OUTSIDE_HOURS: _("Outside hours"),
    NURSES: _("Too few nurses"),
}
"""Every kind of conflict, by its code, with the most urgent first."""

KIND_CHOICES = list(KINDS.items())

FLAGS: dict[str, Any] = {
    **KINDS,
    CHAIR_TAKEN: _("Overbooked"),
    NURSES: _("Over nurse capacity"),
}
"""What a booking is flagged with, by the code among its overrides."""


def flags_of(booking: Any) -> tuple[Any, ...]:
    """What a booking stands against, in words, for whoever sees it."""
    return tuple(FLAGS.get(code, code) for code in booking.overrides)


@dataclass(frozen=True, slots=True)
class Clash:
    """One booking that cannot stand as it was planned, and why.

    Attributes:
        session: None for a booking that is no infusion.
        minutes: by how much a visit runs into the booking; 0 where that is not what is wrong.
        presence: the patient who is in the way, where one is.
    """

    kind: str
    booking: Any
    session: Any
    problem: Problem
    minutes: int = 0
    presence: Presence | None = None

    @property
    def starts_at(self) -> datetime:
        found: datetime = self.booking.starts_at
        return found

    @property
    def label(self) -> Any:
        return KINDS[self.kind]


def clashes(site: Site, *, now: datetime, until: datetime) -> list[Clash]:
    """Everything that does not fit of what is under way or begins before ``until``, in at most fourteen queries."""
    here = presences(site, now=now)
    held = _held(site, now=now, until=until, here=here)
    last = max([until, *(booking.ends_at for booking in held)])
    times = open_times(site, now, last)
    asked = site.rules.patients_per_nurse or any(presence.nurse_id for presence in here)
    on = duties(site, now, last) if asked else []
    found = [
        *(clash for booking in held for clash in _of_place(booking, times)),
        *_short_of_nurses(held, site=site, on=on, now=now),
        *(clash for presence in here for clash in _of_presence(presence, held, now=now)),
        *_nurses_away(here, site=site, on=on, now=now),
    ]
    standing = [clash for clash in found if clash.kind not in clash.booking.overrides]
    order = list(KINDS)
    return sorted(standing, key=lambda clash: (clash.starts_at, order.index(clash.kind), clash.booking.pk))


def _held(site: Site, *, now: datetime, until: datetime, here: Sequence[Presence]) -> list[Any]:
    """Live bookings that are not over, and those of patients who are still here after their time."""
    late = [presence.session.booking_id for presence in here]
    live = Booking.objects.live().filter(site=site, starts_at__lt=until)
    rows = live.filter(ends_at__gt=now) | live.filter(pk__in=late)
    return list(rows.select_related("chair", "session").order_by("starts_at", "pk"))


def session_of(booking: Any) -> InfusionSession | None:
    """The session of a booking; None for another use of the chair."""
    return getattr(booking, "session", None)


def is_present(booking: Any) -> bool:
    session = session_of(booking)
    return session is not None and session.state in PRESENT


def _of_place(booking: Any, times: OpenTimes) -> Iterable[Clash]:
    """The chair is out of service, or the site is closed. For maintenance neither matters."""
    if booking.kind == Booking.Kind.MAINTENANCE:
        return
    session = session_of(booking)
    chair = booking.chair
    if not chair.is_in_service and not _sits_elsewhere(booking):
        message = _("%(chair)s is out of service. Choose another chair or time.")
        problem = Problem(CHAIR_OUT, message, {"chair": chair.name})
        yield Clash(CHAIR_OUT, booking, session, problem)
    for problem in opening_problems(times, booking.starts_at, booking.ends_at):
        yield Clash(problem.code, booking, session, problem)


def clash_of(booking: Booking, kind: str, *, now: datetime) -> Clash | None:
    """The conflict of this kind that a booking is in now; None where there is none (any more)."""
    found = clashes(booking.site, now=now, until=max(booking.ends_at, now))
    return next((clash for clash in found if clash.booking.pk == booking.pk and clash.kind == kind), None)


def _sits_elsewhere(booking: Any) -> bool:
    session = session_of(booking)
    return session is not None and session.chair_id != booking.chair_id


def _short_of_nurses(
    held: Sequence[Any], *, site: Site, on: Sequence[Duty], now: datetime
) -> Iterable[Clash]:
    """Bookings for which there are too few nurses, the latest booked first to give way."""
    most = site.rules.patients_per_nurse
    if not most:
        return
    for booking, at, patients, nurses in beyond_the_nurses(held, on, most=most, now=now):
        message = _(
            "At %(time)s there are %(patients)s patients for %(nurses)s nurses on duty; each may have %(most)s. "
            "Choose another time."
        )
        params = {"time": _clock(at, site), "patients": patients, "nurses": nurses, "most": most}
        yield Clash(NURSES, booking, session_of(booking), Problem(NURSES, message, params))


def _of_presence(presence: Presence, held: Sequence[Any], *, now: datetime) -> Iterable[Clash]:
    """What comes next in the chair in which a patient sits, and begins before that patient will be gone."""
    session, until = presence.session, presence.until
    own = session.booking
    following = [
        booking
        for booking in held
        if booking.chair_id == session.chair_id
        and booking.pk != own.pk
        and booking.starts_at < until
        and booking.ends_at > now
        and not is_present(booking)
        and not _was_planned(own, booking)
    ]
    if following and not own.is_live:
        yield _given_away(presence, following[0])
        return
    for booking in following:
        yield _runs_into(presence, booking)


def _was_planned(own: Any, booking: Any) -> bool:
    """Whether the two overlap by themselves, which only a deliberate overbooking can."""
    overlap = own.is_live and own.starts_at < booking.ends_at and own.ends_at > booking.starts_at
    return bool(overlap and own.chair_id == booking.chair_id and (own.is_overbooked or booking.is_overbooked))


def _given_away(presence: Presence, booking: Any) -> Clash:
    session = presence.session
    message = _(
        "The patient came after being marked as a no-show, and %(chair)s is given to somebody else from %(start)s. "
        "Seat the patient in another chair."
    )
    params = {"chair": session.chair.name, "start": _clock(booking.starts_at, session.site)}
    return Clash(
        GIVEN_AWAY, session.booking, session, Problem(GIVEN_AWAY, message, params), presence=presence
    )


def _runs_into(presence: Presence, booking: Any) -> Clash:
    session, until = presence.session, presence.until
    minutes = max(1, clock.whole_minutes(until - booking.starts_at))
    params = {"chair": session.chair.name, "end": _clock(until, session.site), "minutes": minutes}
    if presence.is_under_way:
        kind = OVERRUN
        message = _(
            "%(chair)s is in use until about %(end)s, %(minutes)s min into this booking. "
            "Choose another chair or a later time."
        )
    else:
        kind = LATE
        params["arrived"] = _clock(session.arrived_at, session.site)
        message = _(
            "The patient before came to %(chair)s at %(arrived)s and stays until about %(end)s, %(minutes)s min "
            "into this booking. Choose another chair or a later time."
        )
    return Clash(kind, booking, session_of(booking), Problem(kind, message, params), minutes, presence)


def _nurses_away(
    here: Sequence[Presence], *, site: Site, on: Sequence[Duty], now: datetime
) -> Iterable[Clash]:
    """Patients whose nurse is not on duty now, where a roster says who is."""
    nursed = [presence for presence in here if presence.nurse_id is not None]
    if not nursed or not _has_roster(site, clock.local_date(now, site.time_zone)):
        return
    there = on_duty(on, now)
    for presence in nursed:
        if presence.nurse_id in there:
            continue
        message = _("The nurse who looks after this patient is not on duty. Hand the patient over.")
        problem = Problem(NURSE_AWAY, message)
        yield Clash(NURSE_AWAY, presence.session.booking, presence.session, problem, presence=presence)


def _has_roster(site: Site, day: date) -> bool:
    start, end = clock.day_range(day, site.time_zone)
    return bool(site.shifts.standing().overlapping(start, end).exists())


def _clock(at: datetime, site: Site) -> str:
    return at.astimezone(site.zone).strftime("%H:%M")
