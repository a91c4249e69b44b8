"""A week of the roster copied to the weeks after it."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Shift, Site
from clinic.facilities.operations.roster import lock_people, save_shift
from clinic.facilities.rules.copying import (
    MOST_WEEKS,
    PlannedCopy,
    id_of_copy,
    monday_of,
    planned_copies,
    shifts_of_week,
)

MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a week: the shifts that were made, and those left out with their reasons."""

    made: tuple[Shift, ...]
    left_out: tuple[PlannedCopy, ...]


@transaction.atomic(savepoint=False)
def copy_week(
    *,
    site: Site,
    week: date,
    by: Actor,
    weeks: int = 1,
    key: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Copied:
    """Copy every shift of a week to the same weekdays and times of the weeks after it.

    What cannot stand is left out and named, so that a holiday or somebody's leave does not hold up the rest; copying
    again adds what is missing and doubles nothing.

    Args:
        week: any day of the week that is copied.
        weeks: to how many weeks, from the next one on.
        key: names the write; the new shifts take their ids from it.

    Raises:
        Refused: without the right to plan this site.
        Invalid: ``copy.weeks``, or a week that is too far away.
        Conflict: the week has no shift (``copy.empty``), or none can be copied (``copy.none``, with the reasons).
    """
    now, monday = now or clock.now(), monday_of(week)
    by.require(Permission.PLAN_ROSTER, site.pk)
    _check(site, monday, weeks, now=now)
    lock_people(shift.user_id for shift in shifts_of_week(site, monday))
    plan = planned_copies(site, monday, weeks=weeks)
    left_out = [copy for copy in plan if copy.problem is not None]
    if len(left_out) == len(plan):
        raise Conflict(
            _nothing(plan), also=[copy.problem for copy in left_out[:MOST_REASONS] if copy.problem]
        )
    key = key or uuid.uuid4()
    made = [_made(copy, site, key, by=by, now=now) for copy in plan if copy.problem is None]
    record(
        verb="roster.week_copied",
        subject=site,
        by=by,
        now=now,
        site=site,
        after={"week": monday, "shifts": [_told(shift) for shift in made], "left_out": len(left_out)},
    )
    return Copied(tuple(made), tuple(left_out))


def _made(copy: PlannedCopy, site: Site, key: uuid.UUID, *, by: Actor, now: datetime) -> Shift:
    start, end = copy.time
    user = copy.source.user
    shift = Shift(public_id=id_of_copy(key, copy), site=site, user=user, starts_at=start, ends_at=end)
    save_shift(shift, copy.breaks, by=by, now=now, why=str(_("Copied from an earlier week")))
    return shift


def _told(shift: Shift) -> dict[str, Any]:
    return {
        "id": shift.public_id,
        "user": shift.user_id,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
    }


def _nothing(plan: list[PlannedCopy]) -> Problem:
    if not plan:
        message = _("There is no shift in this week to copy. Add the shifts of one week first.")
        return Problem("copy.empty", message)
    return Problem(
        "copy.none", _("Nothing was copied: no shift of this week can stand in the weeks after it.")
    )


def _check(site: Site, monday: date, weeks: int, *, now: datetime) -> None:
    if not 1 <= weeks <= MOST_WEEKS:
        message = _("A week is copied to at most %(most)s weeks at a time.")
        raise Invalid({"weeks": Problem("copy.weeks", message, {"most": MOST_WEEKS})})
    if abs((monday - clock.local_date(now, site.time_zone)).days) > 3650:
        message = _("This is more than %(years)s years from today. Check the year.")
        raise Invalid({"week": Problem("range.far", message, {"years": 10})})
