"""Whom a free time suits: the wishes of those who wait, and the first moment of a free time that fits them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Weekday
from sessions.models import Course, WaitingEntry

Range = tuple[datetime, datetime]

WISHES = (
    "weekdays",
    "not_before",
    "not_after",
    "from_day",
    "until_day",
    "notice_hours",
    "is_starred",
    "note",
)
"""What may be said when an entry is made, and changed later."""

MOST_NOTICE = 14 * 24


@dataclass(frozen=True, slots=True)
class Gap:
    """Free time of a chair: a session may begin in ``[starts_at, ends_at)`` and must be over at ``free_until``."""

    starts_at: datetime
    ends_at: datetime
    free_until: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What an entry asks of a free time.

    Attributes:
        minutes: how long one session of its course takes a chair.
        days: those of the course's other sessions, from which the next keeps ``min_gap_days`` away.
        busy: when the patient is booked elsewhere.
    """

    minutes: int
    weekdays: frozenset[int] = frozenset()
    not_before: time | None = None
    not_after: time | None = None
    from_day: date | None = None
    until_day: date | None = None
    notice: timedelta = timedelta()
    min_gap_days: int = 0
    days: frozenset[date] = frozenset()
    busy: tuple[Range, ...] = ()


def first_start(wish: Wish, gap: Gap, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first moment of a free time at which a session could begin that fits the wish; None where there is none."""
    length = timedelta(minutes=wish.minutes)
    start = max(gap.starts_at, now + wish.notice, _opening(wish, gap, zone))
    for begins, ends in sorted(wish.busy):
        if begins < start + length and ends > start:
            start = ends
    if start >= gap.ends_at or start + length > gap.free_until:
        return None
    return start if _suits(wish, start, start + length, zone) else None


def _opening(wish: Wish, gap: Gap, zone: ZoneInfo) -> datetime:
    """From when on that day's clocks the patient can come. A free time lies within one day of the site."""
    if wish.not_before is None:
        return gap.starts_at
    day = gap.starts_at.astimezone(zone).date()
    return datetime.combine(day, wish.not_before, zone).astimezone(UTC)


def _suits(wish: Wish, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Day and end of a session; its start was chosen to fit."""
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    day = begins.date()
    return (
        (not wish.weekdays or day.weekday() in wish.weekdays)
        and (wish.from_day is None or day >= wish.from_day)
        and (wish.until_day is None or day <= wish.until_day)
        and (wish.not_after is None or (ends.date() == day and ends.time() <= wish.not_after))
        and all(abs((other - day).days) >= wish.min_gap_days for other in wish.days)
    )


def wish_of(entry: WaitingEntry, *, days: Sequence[date], busy: Sequence[Range]) -> Wish:
    """An entry's wishes with what its course and the patient's other bookings ask for."""
    course: Any = entry.course
    return Wish(
        minutes=course.chair_minutes,
        weekdays=frozenset(entry.weekdays),
        not_before=entry.not_before,
        not_after=entry.not_after,
        from_day=entry.from_day,
        until_day=entry.until_day,
        notice=timedelta(hours=entry.notice_hours),
        min_gap_days=course.protocol_version.min_gap_days,
        days=frozenset(days),
        busy=tuple(busy),
    )


def check_wishes(wishes: Mapping[str, Any], *, course: Course, today: date) -> None:
    """Refuse wishes that no free time could ever fit.

    Raises:
        Invalid: by field (``waiting.…``).
    """
    problems: dict[str, Problem] = {}
    if not set(wishes["weekdays"]) <= set(Weekday.values):
        problems["weekdays"] = Problem("waiting.weekday", _("Choose days from Monday to Sunday."))
    if problem := _time_problem(wishes["not_before"], wishes["not_after"], course.chair_minutes):
        problems["not_after"] = problem
    first, last = wishes["from_day"], wishes["until_day"]
    if first and last and last < first:
        problems["until_day"] = Problem("waiting.days", _("The last day comes before the first. Check both."))
    elif last and last < today:
        problems["until_day"] = Problem("waiting.past", _("This day has passed. Choose a later one."))
    if not 0 <= wishes["notice_hours"] <= MOST_NOTICE:
        message = _("Notice is 0 to %(most)s hours. Enter how long before a session the patient must know.")
        problems["notice_hours"] = Problem("waiting.notice", message, {"most": MOST_NOTICE})
    if problems:
        raise Invalid(problems)


def _time_problem(first: time | None, last: time | None, minutes: int) -> Problem | None:
    begins, ends = _minute(first or time.min), _minute(last) if last else 24 * 60
    if (first or last) and ends - begins < minutes:
        message = _(
            "A session of this course takes %(minutes)s minutes. Leave at least as long between the times."
        )
        return Problem("waiting.times", message, {"minutes": minutes})
    return None


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def check_waits_not(course: Course) -> None:
    """Raises Conflict ``waiting.twice`` for a course that is on the list already."""
    if course.waiting_entries.waiting().exists():
        raise Conflict(Problem("waiting.twice", _("This course is on the waiting list already.")))


def check_waits(entry: WaitingEntry) -> None:
    """Raises Conflict ``waiting.over`` for an entry that was booked or taken off meanwhile."""
    if entry.state == WaitingEntry.State.BOOKED:
        message = _("This patient was booked from the waiting list meanwhile. Look at the list again.")
        raise Conflict(Problem("waiting.over", message))
    if entry.state == WaitingEntry.State.WITHDRAWN:
        message = _("This patient was taken off the waiting list meanwhile. Look at the list again.")
        raise Conflict(Problem("waiting.over", message))
