"""The days on which the next infusion of a course belongs: counted from the last one, under the protocol."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Window:
    """When the next infusion is due.

    Attributes:
        earliest: the first day that the protocol's least gap allows.
        target: the day that the protocol aims at.
        latest: the last day of its longest gap; None where it sets none, and then nothing is ever late.

    Example: ``Window(date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27))`` reads "due 25-27 Nov".
    """

    earliest: date
    target: date
    latest: date | None = None

    @property
    def until(self) -> date:
        """The end of the window as it is shown."""
        return self.target if self.latest is None else self.latest

    @property
    def checks_lateness(self) -> bool:
        return self.latest is not None

    def days_late(self, day: date) -> int:
        """By how many days an infusion on that day, or none by then, comes after the window; 0 where it does not."""
        return 0 if self.latest is None else max(0, (day - self.latest).days)

    def state_on(self, today: date) -> str:
        """``ahead``, ``open`` or ``late``; without a longest gap it stays open."""
        if today < self.earliest:
            return "ahead"
        return "late" if self.days_late(today) else "open"


def window_after(last: date, version: Any) -> Window:
    """The window that follows an infusion on a day of the site's calendar."""
    most = version.max_gap_days
    return Window(
        earliest=last + timedelta(days=version.min_gap_days),
        target=last + timedelta(days=max(version.target_gap_days, version.min_gap_days)),
        latest=None if most is None else last + timedelta(days=max(most, version.min_gap_days)),
    )
