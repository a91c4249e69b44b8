"""When a site is open: its week of hours, and the closures that take days out of it."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Closure, OpeningHours, Site
from clinic.facilities.rules.hours import Stretch, checked_week, closing_words
from clinic.facilities.rules.ranges import CLOSURE_DAYS, check_range

CLOSURE_DETAILS = ("kind", "reason", "starts_at", "ends_at")
PLAN = Permission.PLAN_ROSTER


@transaction.atomic(savepoint=False)
def set_opening_hours(
    *,
    site: Site,
    hours: Iterable[Stretch],
    by: Actor,
    expected_revision: int,
    reason: str = "",
    now: datetime | None = None,
) -> Site:
    """Replace the site's whole week. An empty one means that hours are not set, and so not checked.

    What is booked already stands until somebody moves it.

    Args:
        hours: ``(weekday, opens, closes)`` on the site's clocks; midnight as the end closes the day.

    Raises:
        Refused: without the right to plan this site.
        Invalid: two stretches of a day overlap, or one ends before it begins.
        Stale: somebody else changed the site after ``expected_revision``.
    """
    now = now or clock.now()
    by.require(PLAN, site.pk)
    week = checked_week(hours)
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    before = _told(site)
    if site.revision != expected_revision:
        raise stale(before)
    site.revision += 1
    site._history_date = now  # type: ignore[attr-defined]
    site._history_user = by.user  # type: ignore[attr-defined]
    site.save(update_fields=["revision"])
    OpeningHours.objects.filter(site=site).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(site=site, weekday=weekday, opens_at=opens, closes_at=closes)
        for weekday, opens, closes in week
    )
    record(
        verb="site.opening_hours_set",
        subject=site,
        by=by,
        now=now,
        site=site,
        reason=storable(reason, field="reason").strip(),
        before=before,
        after=_told(site),
    )
    return site


def _told(site: Site) -> dict[str, Any]:
    rows = OpeningHours.objects.filter(site=site).order_by("weekday", "opens_at")
    return {
        "opening_hours": [
            f"{row.get_weekday_display()} {row.opens_at:%H:%M}-{closing_words(row.closes_at)}" for row in rows
        ]
    }


@transaction.atomic(savepoint=False)
def add_closure(
    *,
    site: Site,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    kind: str = Closure.Kind.CLOSURE,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Closure:
    """The site is closed for a time, whatever its hours. What is booked then stands until somebody moves it.

    Raises:
        Refused: without the right to plan this site.
        Invalid: no reason (``closure.reason``), or a time that cannot be meant.
    """
    now = now or clock.now()
    by.require(PLAN, site.pk)
    closure = Closure(
        public_id=public_id or uuid.uuid4(),
        site=site,
        kind=kind,
        reason=reason.strip(),
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
    )
    _check_closure(closure, now=now)
    return save_record(closure, verb="closure.added", by=by, now=now, site=site)


@transaction.atomic(savepoint=False)
def edit_closure(
    *,
    closure: Closure,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> Closure:
    """Change some of :data:`CLOSURE_DETAILS`. Raises as :func:`add_closure`, Stale, and Conflict once withdrawn."""
    now = now or clock.now()
    closure = _locked(closure, by=by)
    for name in CLOSURE_DETAILS:
        setattr(closure, name, changes.get(name, getattr(closure, name)))
    closure.reason = closure.reason.strip()
    closure.starts_at, closure.ends_at = closure.starts_at.astimezone(UTC), closure.ends_at.astimezone(UTC)
    _check_closure(closure, now=now)
    return save_record(
        closure, verb="closure.edited", by=by, now=now, site=closure.site, expected_revision=expected_revision
    )


@transaction.atomic(savepoint=False)
def withdraw_closure(
    *, closure: Closure, by: Actor, expected_revision: int, reason: str = "", now: datetime | None = None
) -> Closure:
    """The site is open then after all. Raises Conflict ``closure.withdrawn`` the second time, and Stale."""
    now = now or clock.now()
    closure = _locked(closure, by=by)
    closure.is_withdrawn = True
    return save_record(
        closure,
        verb="closure.withdrawn",
        by=by,
        now=now,
        site=closure.site,
        reason=storable(reason, field="reason").strip(),
        expected_revision=expected_revision,
    )


def _locked(closure: Closure, *, by: Actor) -> Closure:
    by.require(PLAN, closure.site_id)
    rows = Closure.objects.select_related("site").select_for_update(no_key=True, of=("self",))
    locked = rows.get(pk=closure.pk)
    if locked.is_withdrawn:
        message = _("This closure was withdrawn. Add a new one if the site is closed after all.")
        raise Conflict(Problem("closure.withdrawn", message))
    return locked


def _check_closure(closure: Closure, *, now: datetime) -> None:
    if not closure.reason:
        message = _("Say why the site is closed, such as the name of the holiday.")
        raise Invalid({"reason": Problem("closure.reason", message)})
    check_range(closure.starts_at, closure.ends_at, now=now, longest=timedelta(days=CLOSURE_DAYS))
