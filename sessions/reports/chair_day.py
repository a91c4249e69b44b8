"""Which chairs of a site are taken on a day, and from when on would a session fit?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.facilities.models import Chair
from sessions.models import Booking, Course
from sessions.reports.visits import initials
from sessions.rules.planning import sessions_taking_place

OPENS, CLOSES = 7 * 60, 19 * 60
"""The part of a day in which sessions are offered, in minutes on the site's clocks. Others can be typed, and what is
booked outside is shown."""
ALREADY = -1
GRAIN = 5
STEP = 30


@dataclass(frozen=True, slots=True)
class Start:
    """A time at which a session would fit: ``Start("09:30", datetime(2026, 3, 26, 13, 30, tzinfo=UTC))``."""

    time: str
    instant: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of one chair's day: booked by somebody, or free.

    Attributes:
        span: its length in columns of :data:`GRAIN` minutes.
        who: the patient as this reader may see them here: the name of one's own patient, else initials.
        start: when a session could begin here, if the stretch is free for long enough.
    """

    span: int
    begins: str
    ends: str
    who: str = ""
    is_own: bool = False
    start: Start | None = None

    @property
    def is_free(self) -> bool:
        return not self.who


@dataclass(frozen=True, slots=True)
class ChairRow:
    """One chair's day from the first column to the last."""

    chair: Chair
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ChairDay:
    """The answer: ``hours`` head the columns, each ``(label, span)``."""

    day: date
    minutes: int
    hours: tuple[tuple[str, int], ...]
    rows: tuple[ChairRow, ...]

    @property
    def columns(self) -> int:
        return sum(span for _, span in self.hours)

    @property
    def is_long(self) -> bool:
        """Whether more is shown than the ordinary day."""
        return self.columns * GRAIN > CLOSES - OPENS

    @property
    def free_starts(self) -> int:
        return sum(1 for row in self.rows for cell in row.cells if cell.start)


@dataclass(frozen=True, slots=True)
class NextWindow:
    """The days on which the next session of a course belongs, counted from its last one, booked or given."""

    after: date
    earliest: date
    target: date


def next_window(course: Course) -> NextWindow | None:
    """None while nothing is booked or given: then any day will do."""
    last = sessions_taking_place(course).order_by("-local_date").values_list("local_date", flat=True).first()
    if last is None:
        return None
    version: Any = course.protocol_version
    target = max(version.target_gap_days, version.min_gap_days)
    return NextWindow(last, last + timedelta(days=version.min_gap_days), last + timedelta(days=target))


def chair_day(course: Course, *, day: date, actor: Actor, now: datetime, besides: Any = None) -> ChairDay:
    """The chairs of the course's site, in two queries.

    Args:
        besides: the session that is being moved; its own booking is in nobody's way.
    """
    site = course.site
    chairs = list(Chair.objects.for_user(actor).filter(site=site).in_service())
    bookings = Booking.objects.for_user(actor).live().filter(chair__in=chairs)
    bookings = (
        bookings.overlapping(*clock.day_range(day, site.time_zone))
        .select_related("patient")
        .order_by("starts_at")
    )
    if besides is not None:
        bookings = bookings.exclude(pk=besides.booking_id)
    taken: dict[int, list[Any]] = {}
    for booking in bookings:
        taken.setdefault(booking.chair_id, []).append(_Taken.of(booking, day=day, course=course))
    taken = {chair: _together(blocks) for chair, blocks in taken.items()}
    every = [block for blocks in taken.values() for block in blocks]
    opens = min([OPENS, *(block.begins // 60 * 60 for block in every)])
    closes = max([CLOSES, *(-(-block.ends // 60) * 60 for block in every)])
    free = _Free(day=day, zone=site.time_zone, minutes=course.chair_minutes, now=now)
    return ChairDay(
        day=day,
        minutes=course.chair_minutes,
        hours=tuple((_clock(hour), 60 // GRAIN) for hour in range(opens, closes, 60)),
        rows=tuple(
            ChairRow(chair, tuple(_cells(taken.get(chair.pk, []), opens, closes, free))) for chair in chairs
        ),
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """A booking in minutes of the day on the wall."""

    begins: int
    ends: int
    who: str
    is_own: bool

    @classmethod
    def of(cls, booking: Any, *, day: date, course: Course) -> "_Taken":
        own = booking.patient_id == course.patient_id
        who = booking.patient.full_name if own else initials(booking.patient) or booking.title
        if booking.is_chair_provisional:
            who = _("%(who)s, any chair") % {"who": who}
        zone = course.site.zone
        begins, ends = _minute(booking.starts_at, day, zone), _minute(booking.ends_at, day, zone)
        if begins == ALREADY:
            # What takes whole days does not make this one longer than it is shown.
            begins, ends = min(OPENS, ends), CLOSES if ends == 24 * 60 else ends
        return cls(begins, ends, who, own)


def _minute(at: datetime, day: date, zone: Any) -> int:
    """Minutes from midnight on the wall's clock; at most the end of the day, :data:`ALREADY` before it."""
    local = at.astimezone(zone)
    if local.date() < day:
        return ALREADY
    return 24 * 60 if local.date() > day else local.hour * 60 + local.minute


def _together(blocks: Sequence["_Taken"]) -> list["_Taken"]:
    """Those that share the chair for a while as one, with all their names."""
    found: list[_Taken] = []
    for block in blocks:
        if found and block.begins < found[-1].ends:
            last = found.pop()
            ends, is_own = max(last.ends, block.ends), last.is_own or block.is_own
            block = _Taken(last.begins, ends, f"{last.who} + {block.who}", is_own)
        found.append(block)
    return found


@dataclass(frozen=True, slots=True)
class _Free:
    """What makes a stretch long enough."""

    day: date
    zone: str
    minutes: int
    now: datetime

    def starts(self, begins: int, ends: int) -> Iterable[tuple[int, Start]]:
        """The first minute of the stretch, then every half hour that still leaves room for the session."""
        free_from = begins
        last = min(ends, CLOSES) - self.minutes
        for minute in sorted({begins, *range(-(-begins // STEP) * STEP, ends, STEP)}):
            if minute < max(free_from, OPENS) or minute > last:
                continue
            instant = self._instant(minute)
            if instant is not None and instant >= self.now:
                yield minute, Start(_clock(minute), instant)
                free_from = minute + STEP

    def _instant(self, minute: int) -> datetime | None:
        """None for a time that the clocks skip or repeat that night; it can still be typed."""
        moment = datetime.combine(self.day, time(minute // 60, minute % 60))
        try:
            return clock.from_local(moment, self.zone)
        except Invalid:
            return None


def _cells(taken: Sequence[_Taken], opens: int, closes: int, free: _Free) -> Iterable[Cell]:
    at = opens
    for block in taken:
        if block.begins > at:
            yield from _free(at, block.begins, free)
        yield Cell(
            span=_column(block.ends) - _column(max(block.begins, opens)),
            begins=_clock(block.begins),
            ends=_clock(block.ends),
            who=block.who,
            is_own=block.is_own,
        )
        at = block.ends
    if at < closes:
        yield from _free(at, closes, free)


def _free(begins: int, ends: int, free: _Free) -> Iterable[Cell]:
    """A free stretch cut so that every start stands under its own time."""
    starts = list(free.starts(begins, ends))
    edges = [minute for minute, _ in starts] + [min(starts[-1][0] + STEP, ends), ends] if starts else [ends]
    yield from _stretch(begins, edges[0])
    for (minute, start), until in zip(starts, edges[1:], strict=False):
        yield from _stretch(minute, until, start)
    if starts:
        yield from _stretch(edges[-2], ends)


def _stretch(begins: int, ends: int, start: Start | None = None) -> Iterable[Cell]:
    span = _column(ends) - _column(begins)
    if span > 0:
        yield Cell(span, _clock(begins), _clock(ends), start=start)


def _column(minute: int) -> int:
    return minute // GRAIN


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
