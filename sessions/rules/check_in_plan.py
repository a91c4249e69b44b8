"""What a protocol asks its patients between infusions, and on which days after one. Pure.

Which days, and how often, no published source says: a plan is the protocol's own, versioned and approved with it.
Without one nothing is sent.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from patients.models.one_time_link import SIDE_EFFECTS
from patients.rules.one_time_links import may_be_asked

LAST_DAY = 366
MOST_ROWS = 20
MOST_HOURS = 168


@dataclass(frozen=True, slots=True)
class PlannedAsking:
    """One row of a plan: from a day after the infusion on, every so many days, at a time of the patient's clocks.

    Attributes:
        within_hours: how long the link stays open.
    """

    from_day: int
    until_day: int
    every_days: int
    at: time
    ask: tuple[str, ...]
    within_hours: int

    @property
    def days(self) -> range:
        return range(self.from_day, self.until_day + 1, self.every_days)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One day of a plan: what is asked then, together, at the earliest of its times."""

    day: int
    at: time
    ask: tuple[str, ...]
    within_hours: int


def plan_rows(stored: Iterable[Mapping[str, Any]]) -> tuple[PlannedAsking, ...]:
    """The rows of a stored plan. Raises KeyError, TypeError or ValueError where it cannot be read."""
    return tuple(
        PlannedAsking(
            from_day=int(row["from_day"]),
            until_day=int(row.get("until_day", row["from_day"])),
            every_days=int(row.get("every_days", 1)),
            at=time.fromisoformat(row["at"]),
            ask=tuple(row["ask"]),
            within_hours=int(row["within_hours"]),
        )
        for row in stored
    )


def check_plan(stored: Any) -> None:
    """Refuse a plan that could not be carried out.

    Raises:
        Invalid: ``protocol.check_ins``.
    """
    try:
        rows = plan_rows(stored) if isinstance(stored, list) else None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        rows = None
    if rows is None or len(rows) > MOST_ROWS or not all(_is_row(row) for row in rows):
        message = _(
            "A check-in needs days from 1 to %(last)s in order, a time, hours from 1 to %(hours)s, and what is asked:"
            " %(known)s."
        )
        params = {
            "last": LAST_DAY,
            "hours": MOST_HOURS,
            "known": ", ".join(sorted({*may_be_asked(), SIDE_EFFECTS})),
        }
        raise Invalid({"check_ins": Problem("protocol.check_ins", message, params)})


def _is_row(row: PlannedAsking) -> bool:
    known = {*may_be_asked(), SIDE_EFFECTS}
    in_order = 1 <= row.from_day <= row.until_day <= LAST_DAY and 1 <= row.every_days <= LAST_DAY
    asked = bool(row.ask) and not set(row.ask) - known and len(set(row.ask)) == len(row.ask)
    return in_order and asked and 1 <= row.within_hours <= MOST_HOURS and row.at.tzinfo is None


def occasions(stored: Iterable[Mapping[str, Any]]) -> tuple[Occasion, ...]:
    """Every day of a plan in order; what several rows ask on one day is asked together, each once."""
    by_day: dict[int, list[PlannedAsking]] = {}
    for row in plan_rows(stored):
        for day in row.days:
            by_day.setdefault(day, []).append(row)
    return tuple(
        Occasion(
            day=day,
            at=min(row.at for row in rows),
            ask=tuple(dict.fromkeys(part for row in rows for part in row.ask)),
            within_hours=max(row.within_hours for row in rows),
        )
        for day, rows in sorted(by_day.items())
    )


def due_at(occasion: Occasion, *, infused_on: date, zone: ZoneInfo) -> datetime:
    """When the clocks of ``zone`` show the time of an occasion, counted from the day of the infusion there.

    A time that the clocks skip comes an hour later; of one that they show twice it is the first.
    """
    at = datetime.combine(infused_on + timedelta(days=occasion.day), occasion.at, tzinfo=zone)
    return at.astimezone(UTC)


_LINE = re.compile(
    r"day (?P<first>\d{1,3})(?: to (?P<last>\d{1,3}))?(?: every (?P<every>\d{1,3}))? at (?P<at>\d\d:\d\d)"
    r" within (?P<within>\d{1,3}) h: (?P<ask>[a-z0-9-]+(?:, ?[a-z0-9-]+)*)"
)
EXAMPLE = "day 1 to 7 every 1 at 18:00 within 24 h: mood"


def as_lines(stored: Iterable[Mapping[str, Any]]) -> str:
    """A plan as it is typed, a row a line."""
    return "\n".join(_line(row) for row in plan_rows(stored))


def _line(row: PlannedAsking) -> str:
    days = f"day {row.from_day}"
    if row.until_day != row.from_day:
        days += f" to {row.until_day} every {row.every_days}"
    return f"{days} at {row.at:%H:%M} within {row.within_hours} h: {', '.join(row.ask)}"


def read_lines(text: str) -> list[dict[str, Any]]:
    """A typed plan as it is stored.

    Raises:
        Invalid: a line that cannot be read (``protocol.check_in_line``), named by its number.
    """
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        read = _LINE.fullmatch(" ".join(line.lower().split()))
        if read is None:
            message = _("Line %(number)s cannot be read. Write it like: %(example)s")
            params = {"number": number, "example": EXAMPLE}
            raise Invalid({"check_ins": Problem("protocol.check_in_line", message, params)})
        days = {"from_day": int(read["first"])}
        if read["last"]:
            days |= {"until_day": int(read["last"]), "every_days": int(read["every"] or 1)}
        asked = [part.strip() for part in read["ask"].split(",")]
        found.append({**days, "at": read["at"], "ask": asked, "within_hours": int(read["within"])})
    return found
