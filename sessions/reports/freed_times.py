"""Which times have cancellations, no-shows and moves opened in the coming days, and whom on the waiting list do they
suit?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from clinic.facilities.rules.opening import OpenTimes, Range, open_times, without
from sessions.models import Booking, InfusionSession
from sessions.reports.waiting_list import Waiting, waiting_rows
from sessions.rules.capacity import NurseLoad, nurse_load
from sessions.rules.planning import SHORTEST_MINUTES
from sessions.rules.waiting import Gap, Wish, first_start, wish_of
from sessions.states import OFF

AHEAD = 14
"""How many days are looked ahead."""
BACK = timedelta(days=60)
"""How long a time is offered that a visit was moved away from: the history of bookings is found by when it was written,
and not by the times that it tells of."""
GRAIN = timedelta(minutes=5)

Opened = tuple[datetime, datetime, tuple[UUID, ...]]
"""A range that is not kept any more, and the sessions whose calling off opened it; of a move none."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a free time suits, and when its session would begin and end."""

    waiting: Waiting
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A chair's time that was called off, or moved away from, and that nobody has taken since.

    Attributes:
        session_ids: the sessions that were called off.

    Example: ``FreeTime(chair, Gap(9:00, 11:10, until 13:00), (UUID(...),), (Match(...), ...))``
    """

    chair: Chair
    gap: Gap
    session_ids: tuple[UUID, ...]
    matches: tuple[Match, ...] = ()

    @property
    def key(self) -> str:
        """Names it on its page: ``3f2a…-202603131330``."""
        return f"{self.chair.public_id}-{self.gap.starts_at:%Y%m%d%H%M}"


def free_times(site: Site, *, actor: Actor, now: datetime) -> list[FreeTime]:
    """In the order of time, each with the entries that it suits, oldest first; in thirteen queries at most."""
    now = _rounded(now)
    start, end = (
        now,
        clock.day_range(clock.local_date(now, site.time_zone) + timedelta(days=AHEAD), site.time_zone)[1],
    )
    opened = _opened(site, actor=actor, start=start, end=end)
    if not opened:
        return []
    taken = _taken(site, start, end)
    times, load = open_times(site, start, end), nurse_load(site, start, end)
    found = [
        free
        for chair, ranges in opened.items()
        for free in _free(chair, ranges, times=times, taken=taken.get(chair.pk, []), now=now)
        if load.too_much(free.gap.starts_at, free.gap.ends_at) is None
    ]
    waiting = _waiting(site, actor=actor, start=start, end=end) if found else []
    matched = [_matched(free, waiting, load=load, site=site, now=now) for free in found]
    return sorted(matched, key=lambda free: (free.gap.starts_at, free.chair.position, free.chair.name))


def _rounded(now: datetime) -> datetime:
    """Nobody is booked for 14:03: up to the next five minutes."""
    whole = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    return whole if whole == now else whole + GRAIN


def _opened(site: Site, *, actor: Actor, start: datetime, end: datetime) -> dict[Chair, list[Opened]]:
    """By chair, in the order of time, where visits that do not take place, or are somewhere else now, were planned."""
    found: defaultdict[Chair, list[Opened]] = defaultdict(list)
    for session in _called_off(site, actor=actor, start=start, end=end):
        found[session.chair].append((session.scheduled_start, session.scheduled_end, (session.public_id,)))
    for left in _moved_away(site, actor=actor, start=start, end=end):
        found[left.chair].append((left.starts_at, left.ends_at, ()))
    return {chair: sorted(ranges) for chair, ranges in found.items()}


def _called_off(site: Site, *, actor: Actor, start: datetime, end: datetime) -> Iterable[InfusionSession]:
    sessions = InfusionSession.objects.for_user(actor).filter(
        site=site, status__in=OFF, chair__is_in_service=True, scheduled_start__lt=end, scheduled_end__gt=start
    )
    return sessions.select_related("chair")


def _moved_away(site: Site, *, actor: Actor, start: datetime, end: datetime) -> Iterable[Any]:
    """Earlier places of visits, as the history of their bookings tells them; another chair at the same time opens
    none."""
    # Not by the site, too: SQLite would then go through all that was ever written there.
    changed = Booking.history.filter(history_type="~", history_date__gte=start - BACK)
    now = Booking.objects.for_user(actor).filter(site=site, pk=OuterRef("id")).values("starts_at")
    held = Booking.history.filter(
        id__in=changed.values("id"),
        kind=Booking.Kind.INFUSION,
        is_live=True,
        chair__is_in_service=True,
        starts_at__lt=end,
        ends_at__gt=start,
    )
    held = held.annotate(stands_at=Subquery(now)).filter(stands_at__isnull=False)
    return held.exclude(starts_at=F("stands_at")).select_related("chair")


def _taken(site: Site, start: datetime, end: datetime) -> dict[int, list[Range]]:
    live = Booking.objects.live().filter(site=site).overlapping(start, end)
    found: dict[int, list[Range]] = {}
    for chair_id, begins, ends in live.values_list("chair", "starts_at", "ends_at"):
        found.setdefault(chair_id, []).append((begins, ends))
    return found


def _free(
    chair: Chair,
    ranges: Sequence[Opened],
    *,
    times: OpenTimes,
    taken: Sequence[Range],
    now: datetime,
) -> Iterable[FreeTime]:
    """What is still free of the times that were opened in one chair; times that overlap are one."""
    for begins, ends, ids in _merged(ranges):
        for opens, closes in without(_open_on(begins, times), taken):
            start, end = max(begins, opens, now), min(ends, closes)
            if start < end and closes - start >= timedelta(minutes=SHORTEST_MINUTES):
                yield FreeTime(chair, Gap(start, end, closes), ids)


def _merged(ranges: Sequence[Opened]) -> Iterable[Opened]:
    """Ranges in order; those that overlap are joined, those that only touch are not."""
    joined: list[Opened] = []
    for begins, ends, ids in ranges:
        if joined and begins < joined[-1][1]:
            first, last, known = joined[-1]
            joined[-1] = (first, max(last, ends), (*known, *ids))
        else:
            joined.append((begins, ends, ids))
    return joined


def _open_on(at: datetime, times: OpenTimes) -> list[Range]:
    """The open stretches of a day at the site; the whole day where no hours are set, closures taken out."""
    day = clock.local_date(at, times.site.time_zone)
    if times.is_set:
        return times.on(day)
    return without([clock.day_range(day, times.site.time_zone)], times.closures)


def _waiting(site: Site, *, actor: Actor, start: datetime, end: datetime) -> list[tuple[Waiting, Wish]]:
    """Everybody who could be booked, oldest first, with what each asks for."""
    rows = [row for row in waiting_rows(site, actor=actor) if row.can_be_booked]
    patients = {row.entry.patient_id for row in rows}
    busy: dict[Any, list[Range]] = {}
    live = Booking.objects.live().filter(patient__in=patients).overlapping(start, end)
    for patient_id, begins, ends in live.values_list("patient", "starts_at", "ends_at"):
        busy.setdefault(patient_id, []).append((begins, ends))
    return [(row, wish_of(row.entry, days=row.days, busy=busy.get(row.entry.patient_id, ()))) for row in rows]


def _matched(
    free: FreeTime,
    waiting: Sequence[tuple[Waiting, Wish]],
    *,
    load: NurseLoad,
    site: Site,
    now: datetime,
) -> FreeTime:
    matches = []
    for row, wish in waiting:
        start = first_start(wish, free.gap, zone=site.zone, now=now)
        if start is None:
            continue
        end = start + timedelta(minutes=wish.minutes)
        if load.too_much(start, end) is None:
            matches.append(Match(row, start, end))
    return replace(free, matches=tuple(matches))


def opened_by(session: InfusionSession, found: Iterable[FreeTime]) -> FreeTime | None:
    """The free time that a session left behind when it was called off."""
    return next((free for free in found if session.public_id in free.session_ids), None)
