"""Shifts: added, edited and withdrawn, each with its breaks.

A shift's owner is locked before the shift: of two people who roster somebody at the same time one then waits, and is
told. Whoever books locks the shifts that count for the visit, so a change of one waits for the booking and the other
way round.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields, snapshot
from clinic.common import clock
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Shift, ShiftBreak, Site
from clinic.facilities.rules.opening import Range
from clinic.facilities.rules.roster import (
    SHIFT_TAKEN,
    breaks_of,
    check_free,
    check_shift_time,
    check_works_here,
    checked_breaks,
)

PLAN = Permission.PLAN_ROSTER


@transaction.atomic(savepoint=False)
def add_shift(
    *,
    site: Site,
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    breaks: Iterable[Range] = (),
    reason: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Shift:
    """Put somebody on duty. The past may be entered too: who stepped in is a fact.

    Raises:
        Refused: without the right to plan this site.
        Conflict: the person has a shift then (``shift.taken``).
        Invalid: they do not work here, the times cannot be meant, or a break does not fit.
    """
    now, starts_at, ends_at = now or clock.now(), starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    by.require(PLAN, site.pk)
    check_shift_time(starts_at, ends_at, now=now)
    pauses = checked_breaks(starts_at, ends_at, breaks)
    lock_people([user.pk])
    check_works_here(user, site)
    shift = Shift(
        public_id=public_id or uuid.uuid4(), site=site, user=user, starts_at=starts_at, ends_at=ends_at
    )
    check_free(shift, by=by)
    save_shift(shift, pauses, by=by, now=now)
    _record(shift, "shift.added", by=by, now=now, reason=reason)
    return shift


@transaction.atomic(savepoint=False)
def edit_shift(
    *,
    shift: Shift,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    reason: str = "",
    now: datetime | None = None,
) -> Shift:
    """Change a shift: ``user``, ``starts_at``, ``ends_at`` and ``breaks``; what is not named stays.

    Raises:
        Refused, Conflict, Invalid: as :func:`add_shift`.
        Conflict: it was withdrawn (``shift.withdrawn``).
        Stale: somebody else changed it after ``expected_revision``.
    """
    now = now or clock.now()
    by.require(PLAN, shift.site_id)
    owner = changes.get("user", shift.user)
    shift, before = _locked(shift, people=[owner.pk], expected_revision=expected_revision)
    shift.user = owner
    shift.starts_at = changes.get("starts_at", shift.starts_at).astimezone(UTC)
    shift.ends_at = changes.get("ends_at", shift.ends_at).astimezone(UTC)
    check_shift_time(shift.starts_at, shift.ends_at, now=now)
    pauses = checked_breaks(shift.starts_at, shift.ends_at, changes.get("breaks", breaks_of(shift)))
    check_works_here(owner, shift.site)
    check_free(shift, by=by)
    shift.revision += 1
    save_shift(shift, pauses, by=by, now=now)
    _record(shift, "shift.edited", by=by, now=now, reason=reason, before=before)
    return shift


@transaction.atomic(savepoint=False)
def withdraw_shift(
    *, shift: Shift, by: Actor, expected_revision: int, reason: str = "", now: datetime | None = None
) -> Shift:
    """Nobody is on duty in it any more. Raises Conflict ``shift.withdrawn`` the second time, and Stale."""
    now = now or clock.now()
    by.require(PLAN, shift.site_id)
    shift, before = _locked(shift, people=[], expected_revision=expected_revision)
    shift.is_withdrawn = True
    shift.revision += 1
    save_shift(shift, breaks_of(shift), by=by, now=now)
    _record(shift, "shift.withdrawn", by=by, now=now, reason=reason, before=before)
    return shift


def lock_people(keys: Iterable[int]) -> None:
    """Hold people's rosters; by key, so that whoever holds several takes them in the same order."""
    rows = User.objects.filter(pk__in=set(keys)).select_for_update(no_key=True)
    list(rows.order_by("pk").values_list("pk"))


def save_shift(shift: Shift, breaks: Sequence[Range], *, by: Actor, now: datetime, why: str = "") -> None:
    """Write a shift and the breaks in place of those that stood.

    Raises:
        Conflict: the database found another shift in the way (``shift.taken``).
    """
    check_fields(shift)
    shift._history_date = now  # type: ignore[attr-defined]
    shift._history_user = by.user  # type: ignore[attr-defined]
    shift._change_reason = why  # type: ignore[attr-defined]
    try:
        shift.save()
    except IntegrityError as error:
        if violated(error) != "shift_once":
            raise
        message = _("%(name)s has another shift at that time. Choose other times.")
        raise Conflict(Problem(SHIFT_TAKEN, message, {"name": shift.user.display_name})) from error
    ShiftBreak.objects.filter(shift=shift).delete()
    ShiftBreak.objects.bulk_create(
        ShiftBreak(shift=shift, starts_at=begins, ends_at=ends) for begins, ends in breaks
    )


def told(shift: Shift) -> dict[str, Any]:
    """A shift as the audit keeps it, with its breaks."""
    pauses = ShiftBreak.objects.filter(shift=shift).order_by("starts_at")
    return {**snapshot(shift), "breaks": list(pauses.values_list("starts_at", "ends_at"))}


def _locked(shift: Shift, *, people: Iterable[int], expected_revision: int) -> tuple[Shift, dict[str, Any]]:
    lock_people([shift.user_id, *people])
    locked: Shift = Shift.objects.select_related("site", "user").locked().get(pk=shift.pk)
    before = told(locked)
    if locked.revision != expected_revision:
        raise stale(before)
    if locked.is_withdrawn:
        message = _("This shift was withdrawn. Add a new one if it takes place after all.")
        raise Conflict(Problem("shift.withdrawn", message))
    return locked, before


def _record(
    shift: Shift,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    reason: str,
    before: Mapping[str, Any] | None = None,
) -> None:
    reason = storable(reason, field="reason").strip()
    after = told(shift)
    record(
        verb=verb, subject=shift, by=by, now=now, site=shift.site, reason=reason, before=before, after=after
    )
