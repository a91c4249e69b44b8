"""Where could a booking go that is in conflict? Other chairs for the same time, and the nearest free times."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from clinic.common import clock
from clinic.facilities.models import Chair, Site
from clinic.facilities.rules.opening import OpenTimes, Range, open_times
from sessions.models import Booking
from sessions.reports.waiting_list import days_of
from sessions.rules.capacity import NurseLoad, nurse_load
from sessions.rules.conflicts import Clash
from sessions.rules.presence import presences
from sessions.states import Status

FEW = 3
DAYS_AROUND = 10
"""How far from its day a booking is moved by a proposal."""
USUAL = time(7), time(19)
"""When sessions are proposed at a site that has set no hours."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A free chair and time: ``Proposal(chair, datetime(...))``."""

    chair: Chair
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """What can be done about one conflict; both are empty where nothing can be moved any more.

    Attributes:
        chairs: free for the same time.
        times: the nearest ones that chairs, hours, nurses, the patient and the protocol's spacing leave free, one a
            day.
    """

    chairs: tuple[Chair, ...] = ()
    times: tuple[Proposal, ...] = ()


def ways_out(found: Sequence[Clash], *, site: Site, now: datetime) -> list[Way]:
    """For each conflict, in the same order; the number of queries does not grow with them."""
    movable = [clash for clash in found if clash.session is not None]
    if not movable:
        return [Way() for _clash in found]
    book = _read(movable, site=site, now=now)
    return [_way(clash, book) if clash.session is not None else Way() for clash in found]


@dataclass(frozen=True, slots=True)
class _Book:
    """What is taken around the bookings in question, read once.

    Attributes:
        of_chair: by chair, ``(booking, begins, ends)``; patients who are here hold theirs until they are gone.
    """

    site: Site
    now: datetime
    chairs: Sequence[Chair]
    times: OpenTimes
    load: NurseLoad
    of_chair: dict[int, list[tuple[int, datetime, datetime]]]
    of_patient: dict[int, list[tuple[int, datetime, datetime]]]
    days: dict[int, list[date]]

    def chair_is_free(self, chair: Chair, start: datetime, end: datetime, *, besides: int) -> bool:
        return _is_free(self.of_chair.get(chair.pk, ()), start, end, besides)

    def patient_is_free(self, patient_id: int, start: datetime, end: datetime, *, besides: int) -> bool:
        return _is_free(self.of_patient.get(patient_id, ()), start, end, besides)


def _is_free(
    taken: Iterable[tuple[int, datetime, datetime]], start: datetime, end: datetime, besides: int
) -> bool:
    return not any(begins < end and ends > start and key != besides for key, begins, ends in taken)


def _read(movable: Sequence[Clash], *, site: Site, now: datetime) -> _Book:
    around = timedelta(days=DAYS_AROUND + 1)
    start = max(now, min(clash.starts_at for clash in movable) - around)
    end = max(now, max(clash.booking.ends_at for clash in movable)) + around
    of_chair: dict[int, list[tuple[int, datetime, datetime]]] = {}
    of_patient: dict[int, list[tuple[int, datetime, datetime]]] = {}
    patients = {clash.booking.patient_id for clash in movable}
    live = Booking.objects.live().overlapping(min(start, now), end)
    for pk, chair, begins, ends in live.filter(site=site).values_list("pk", "chair", "starts_at", "ends_at"):
        of_chair.setdefault(chair, []).append((pk, begins, ends))
    for pk, patient, begins, ends in live.filter(patient__in=patients).values_list(
        "pk", "patient", "starts_at", "ends_at"
    ):
        of_patient.setdefault(patient, []).append((pk, begins, ends))
    for presence in presences(site, now=now):
        session = presence.session
        of_chair.setdefault(session.chair_id, []).append((session.booking_id, now, presence.until))
    return _Book(
        site=site,
        now=now,
        chairs=list(Chair.objects.filter(site=site).in_service()),
        times=open_times(site, start, end),
        load=nurse_load(site, start, end),
        of_chair=of_chair,
        of_patient=of_patient,
        days=days_of([clash.booking.course_id for clash in movable]),
    )


def _way(clash: Clash, book: _Book) -> Way:
    booking, session = clash.booking, clash.session
    if session.state is Status.SCHEDULED:
        return Way(_other_chairs(booking, booking.chair_id, book), tuple(_times(booking, book)))
    if session.state in {Status.ARRIVED, Status.READY}:
        return Way(_other_chairs(booking, session.chair_id, book))
    return Way()


def _other_chairs(booking: Any, taken: int, book: _Book) -> tuple[Chair, ...]:
    start = max(booking.starts_at, book.now)
    end = max(booking.ends_at, start)
    return tuple(
        chair
        for chair in book.chairs
        if chair.pk != taken and book.chair_is_free(chair, start, end, besides=booking.pk)
    )[:FEW]


def _times(booking: Any, book: _Book) -> Iterator[Proposal]:
    """The nearest days first, and on each the time nearest to the one that was booked."""
    length = booking.ends_at - booking.starts_at
    load = _without(book.load, (booking.starts_at, booking.ends_at))
    found = 0
    for day in _days_around(booking, book):
        proposal = next(_on_day(booking, day, length, book, load), None)
        if proposal is not None:
            yield proposal
            found += 1
        if found == FEW:
            return


def _without(load: NurseLoad, own: Range) -> NurseLoad:
    taken = list(load.taken)
    if own in taken:
        taken.remove(own)
    return replace(load, taken=taken)


def _days_around(booking: Any, book: _Book) -> Iterator[date]:
    """Days on which the spacing of the course lets the session take place, none that has passed."""
    own = booking.local_date
    today = clock.local_date(book.now, book.site.time_zone)
    others = list(book.days.get(booking.course_id, ()))
    if own in others:
        others.remove(own)
    gap = booking.course.protocol_version.min_gap_days
    around = [own + timedelta(days=n) for n in range(-DAYS_AROUND, DAYS_AROUND + 1)]
    for day in sorted(around, key=lambda day: (abs((day - own).days), day)):
        if day >= today and all(abs((day - other).days) >= gap for other in others):
            yield day


def _on_day(booking: Any, day: date, length: timedelta, book: _Book, load: NurseLoad) -> Iterator[Proposal]:
    local = booking.starts_at.astimezone(book.site.zone)
    wanted = datetime.combine(day, local.time(), book.site.zone).astimezone(UTC)
    chairs = sorted(book.chairs, key=lambda chair: chair.pk != booking.chair_id)
    starts = [start for opens, closes in _open_on(day, book) for start in _starts(opens, closes - length)]
    for start in sorted({*starts, wanted}, key=lambda start: (abs(start - wanted), start)):
        end = start + length
        if start == booking.starts_at or start < book.now or not _is_open(start, end, day, book):
            continue
        if not book.patient_is_free(booking.patient_id, start, end, besides=booking.pk):
            continue
        if load.too_much(start, end) is not None:
            continue
        chair = next(
            (each for each in chairs if book.chair_is_free(each, start, end, besides=booking.pk)), None
        )
        if chair is not None:
            yield Proposal(chair, start)


def _open_on(day: date, book: _Book) -> list[Range]:
    if book.times.is_set:
        return book.times.on(day)
    first, last = (datetime.combine(day, at, book.site.zone).astimezone(UTC) for at in USUAL)
    return [(first, last)]


def _is_open(start: datetime, end: datetime, day: date, book: _Book) -> bool:
    within = any(opens <= start and end <= closes for opens, closes in _open_on(day, book))
    return within and book.times.covers(start, end)


def _starts(first: datetime, last: datetime) -> Iterator[datetime]:
    """The first moment, then every half hour on the clock."""
    start = first
    while start <= last:
        yield start
        minutes = 30 - start.minute % 30
        start = (start + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
