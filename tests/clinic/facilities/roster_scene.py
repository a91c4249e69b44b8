"""A site with people to roster, and times on its clocks."""

from datetime import UTC, date, datetime, time, timedelta

from clinic.accounts.actor import Actor
from clinic.facilities.operations.leave import record_leave
from clinic.facilities.operations.roster import add_shift

MONDAY = date(2026, 3, 16)
"""An ordinary week in New York: the clocks went forward on the 8th."""
NOW = datetime(2026, 3, 14, 16, tzinfo=UTC)


def local(site, day, clock, *, fold=0):
    """``08:30`` of a day on the site's clocks; ``24:00`` is the midnight that ends it."""
    hour, minute = map(int, clock.split(":"))
    wall = datetime.combine(day, time.min) + timedelta(hours=hour, minutes=minute)
    return wall.replace(tzinfo=site.zone, fold=fold).astimezone(UTC)


def span(site, day, times, *, fold=0):
    """``"08:00-16:00"`` as a pair; an end that is not after the start is on the next day."""
    start, end = times.split("-")
    return (
        local(site, day, start, fold=fold),
        local(site, day if end > start else day + timedelta(days=1), end, fold=fold),
    )


def shift(site, who: Actor, times="08:00-16:00", *, by, day=MONDAY, breaks=(), now=NOW, **more):
    """Somebody's shift; breaks are written as the shift is."""
    start, end = span(site, day, times)
    pauses = [span(site, day, pause) for pause in breaks]
    return add_shift(
        site=site, user=who.user, starts_at=start, ends_at=end, breaks=pauses, by=by, now=now, **more
    )


def leave(site, who: Actor, times="00:00-24:00", *, by, day=MONDAY, kind="annual", now=NOW, **more):
    """Somebody's leave, a day or a part of it."""
    start, end = span(site, day, times)
    return record_leave(user=who.user, kind=kind, starts_at=start, ends_at=end, by=by, now=now, **more)
