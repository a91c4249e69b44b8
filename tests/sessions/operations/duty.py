"""When a scene's clinic is open and who is on duty there."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from clinic.accounts.actor import Actor
from clinic.facilities.models import Closure, OpeningHours, Shift, ShiftBreak, Site, StaffLeave
from tests.sessions.scenes import NOON, Clinic

Hours = tuple[datetime, datetime]


def hours(start: float, end: float, *, day: datetime = NOON) -> Hours:
    """A range in hours from noon of a day: ``hours(-3, 5)`` is from nine to five."""
    return day + timedelta(hours=start), day + timedelta(hours=end)


def set_rules(site: Site, **rules: object) -> None:
    """Some of the site's rules, in place of the house's."""
    site.policy = {**site.policy, **rules}
    site.save(update_fields=["policy"])


def on_duty(clinic: Clinic, who: Actor, when: Hours, *, breaks: Sequence[Hours] = ()) -> Shift:
    """A shift of somebody at the clinic's site."""
    shift = Shift.objects.create(site=clinic.site, user=who.user, starts_at=when[0], ends_at=when[1])
    ShiftBreak.objects.bulk_create(ShiftBreak(shift=shift, starts_at=a, ends_at=b) for a, b in breaks)
    return shift


def away(who: Actor, when: Hours, **more: object) -> StaffLeave:
    return StaffLeave.objects.create(user=who.user, kind="sick", starts_at=when[0], ends_at=when[1], **more)


def open_from(site: Site, opens: time, closes: time, *, weekdays: Sequence[int] = range(5)) -> None:
    """The same hours on several weekdays."""
    OpeningHours.objects.bulk_create(
        OpeningHours(site=site, weekday=day, opens_at=opens, closes_at=closes) for day in weekdays
    )


def closed(site: Site, when: Hours, reason: str = "Painters", **more: object) -> Closure:
    return Closure.objects.create(site=site, reason=reason, starts_at=when[0], ends_at=when[1], **more)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
