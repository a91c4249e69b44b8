"""How long did relief last after an infusion, by the daily mood? Pure.

Version 1, a convention of this software (GK: no source defines it): the mood of 0 to 10 is better than before the
infusion as long as it is above the last one said before it. Relief ends on the day of the first mood that is not. It
is watched no longer than the ratings go: a silence of more than three days, the next infusion or the last rating ends
the watching, not the relief.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sessions.rules.outcomes import Rating

VERSION = "1"
BEFORE_DAYS = 3
"""A mood said longer before the infusion says nothing of how it was then."""
SILENCE_DAYS = 3


class Ending(StrEnum):
    """How the watching ended."""

    LOST = "lost"
    NEXT_INFUSION = "next_infusion"
    SILENCE = "silence"
    LAST_RATING = "last_rating"
    NO_BASELINE = "no_baseline"
    NO_RATING = "no_rating"


@dataclass(frozen=True, slots=True)
class Relief:
    """What the moods say after one infusion.

    Attributes:
        days: from the infusion to the mood that was no better (LOST), or to the last one that was (otherwise); None
            where nothing can be said.
        ratings: moods after the infusion on which it rests.
        before: the mood before the infusion.
    """

    day: date
    days: int | None
    ending: Ending
    ratings: int
    before: int | None

    @property
    def is_over(self) -> bool:
        """Relief ended; otherwise it lasted at least so long."""
        return self.ending is Ending.LOST


def relief_after(day: date, *, moods: Sequence[Rating], next_infusion: date | None) -> Relief:
    """``moods`` in any order; of one day the last counts. A mood of the infusion's own day counts as before it."""
    by_day = {mood.day: mood.total for mood in sorted(moods, key=lambda mood: mood.day)}
    earlier = [one for one in by_day if day - timedelta(days=BEFORE_DAYS) <= one <= day]
    if not earlier:
        return Relief(day, None, Ending.NO_BASELINE, 0, None)
    before = by_day[max(earlier)]
    later = sorted(one for one in by_day if one > day and (next_infusion is None or one <= next_infusion))
    last, count = day, 0
    for one in later:
        if (one - last).days > SILENCE_DAYS:
            return _watched(day, last, Ending.SILENCE, count, before)
        count += 1
        if by_day[one] <= before:
            return Relief(day, (one - day).days, Ending.LOST, count, before)
        last = one
    ending = Ending.LAST_RATING
    if next_infusion is not None and (next_infusion - last).days <= SILENCE_DAYS:
        ending = Ending.NEXT_INFUSION
    return _watched(day, last, ending, count, before)


def _watched(day: date, last: date, ending: Ending, count: int, before: int) -> Relief:
    if not count:
        return Relief(day, None, Ending.NO_RATING, 0, before)
    return Relief(day, (last - day).days, ending, count, before)
