"""When the demo's sites are open and who is on duty: an ordinary week, and today at whatever hour it is opened."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.facilities.models import OpeningHours, Shift
from clinic.facilities.operations.opening import set_opening_hours
from clinic.facilities.operations.roster import add_shift
from clinic.facilities.rules.hours import MIDNIGHT
from clinic.facilities.rules.opening import Range, without
from sessions.demo.story import Clinic

OPENS, CLOSES = time(7, 30), time(18, 30)
WORKING_DAYS = range(5)
BEFORE, AFTER = timedelta(hours=5, minutes=30), timedelta(hours=5)
"""How far today's visits reach around the moment at which the demo is made."""
DAYS_AHEAD = 35
SHORTEST = timedelta(hours=1)


def open_the_week(clinic: Clinic, *, by: Actor) -> None:
    """Monday to Friday, and the whole of a day on which the demo is opened at another hour."""
    wanted = sorted({*_ordinary_week(clinic), *_days_around_now(clinic)})
    stored = OpeningHours.objects.filter(site=clinic.site).values_list("weekday", "opens_at", "closes_at")
    if sorted(stored) != wanted:
        clinic.site.refresh_from_db()
        revision = clinic.site.revision
        set_opening_hours(site=clinic.site, hours=wanted, by=by, expected_revision=revision, now=clinic.now)


def _ordinary_week(clinic: Clinic) -> Iterable[tuple[int, time, time]]:
    long_days = {weekday for weekday, _opens, _closes in _days_around_now(clinic)}
    return [(weekday, OPENS, CLOSES) for weekday in WORKING_DAYS if weekday not in long_days]


def _days_around_now(clinic: Clinic) -> list[tuple[int, time, time]]:
    """The weekdays on which today's visits would fall outside the ordinary hours, open from midnight to midnight."""
    begins, ends = (at.astimezone(clinic.site.zone) for at in (clinic.now - BEFORE, clinic.now + AFTER))
    days = {begins.date(), ends.date()}
    if (
        len(days) == 1
        and begins.weekday() in WORKING_DAYS
        and begins.time() >= OPENS
        and ends.time() <= CLOSES
    ):
        return []
    return [(day.weekday(), time.min, MIDNIGHT) for day in sorted(days)]


def put_on_duty(clinic: Clinic, nurses: Iterable[User], *, by: Actor) -> None:
    """Shifts for five weeks, each with a lunch break of its own; nobody gets a second one for the same hours."""
    today = clinic.local_day(clinic.now)
    for position, user in enumerate(nurses):
        for offset in range(DAYS_AHEAD):
            day = today + timedelta(days=offset)
            if offset == 0:
                _fill(clinic, user, (clinic.now - BEFORE, clinic.now + AFTER), breaks=[], by=by)
            elif day.weekday() in WORKING_DAYS:
                lunch = _at(clinic, day, time(12, 0)) + position * timedelta(minutes=45)
                whole = (_at(clinic, day, OPENS), _at(clinic, day, CLOSES))
                _fill(clinic, user, whole, breaks=[(lunch, lunch + timedelta(minutes=30))], by=by)


def _fill(clinic: Clinic, user: User, wanted: Range, *, breaks: list[Range], by: Actor) -> None:
    known = Shift.objects.filter(user=user).standing().overlapping(*wanted)
    for begins, ends in without([wanted], list(known.values_list("starts_at", "ends_at"))):
        if ends - begins < SHORTEST:
            continue
        inside = [(start, end) for start, end in breaks if begins < start and end < ends]
        add_shift(
            site=clinic.site, user=user, starts_at=begins, ends_at=ends, breaks=inside, by=by, now=clinic.now
        )


def _at(clinic: Clinic, day: date, at: time) -> datetime:
    return datetime.combine(day, at, clinic.site.zone).astimezone(UTC)
