"""Leave: what has happened is always recordable, whatever is booked and whoever is rostered then."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.models import Shift, Site, StaffLeave
from clinic.facilities.operations.roster import lock_people
from clinic.facilities.rules.leave import check_may_record
from clinic.facilities.rules.ranges import LEAVE_DAYS, check_range

LEAVE_DETAILS = ("kind", "note", "starts_at", "ends_at")


@transaction.atomic(savepoint=False)
def record_leave(
    *,
    user: User,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    note: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> StaffLeave:
    """Somebody is away for a time; their shifts then count no more, and stand.

    Raises:
        Refused: leave of another person, or one's own that is no sickness, without the right to plan the roster.
        Invalid: a kind that is none (``leave.kind``), or a time that cannot be meant.
    """
    now = now or clock.now()
    _check_kind(kind)
    check_may_record(by, user, kind)
    leave = StaffLeave(
        public_id=public_id or uuid.uuid4(),
        user=user,
        kind=kind,
        note=storable(note, field="note").strip(),
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
    )
    return _kept(leave, "leave.recorded", by=by, now=now)


@transaction.atomic(savepoint=False)
def edit_leave(
    *,
    leave: StaffLeave,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> StaffLeave:
    """Change some of :data:`LEAVE_DETAILS`. Raises as :func:`record_leave`, Stale, and Conflict once withdrawn."""
    now = now or clock.now()
    kind = changes.get("kind", leave.kind)
    _check_kind(kind)
    check_may_record(by, leave.user, leave.kind, kind)
    leave = _locked(leave)
    # Somebody may have made it another kind of leave meanwhile.
    check_may_record(by, leave.user, leave.kind, kind)
    stood = (leave.starts_at, leave.ends_at)
    for name in LEAVE_DETAILS:
        setattr(leave, name, changes.get(name, getattr(leave, name)))
    leave.note = storable(leave.note, field="note").strip()
    leave.starts_at, leave.ends_at = leave.starts_at.astimezone(UTC), leave.ends_at.astimezone(UTC)
    # The shifts of the old and of the new time at once: one order for all locks.
    _lock_shifts(leave.user, (min(stood[0], leave.starts_at), max(stood[1], leave.ends_at)))
    return _kept(leave, "leave.edited", by=by, now=now, expected_revision=expected_revision)


@transaction.atomic(savepoint=False)
def withdraw_leave(
    *, leave: StaffLeave, by: Actor, expected_revision: int, reason: str = "", now: datetime | None = None
) -> StaffLeave:
    """The person is there after all, and their shifts count again. Raises Conflict ``leave.withdrawn``, and Stale."""
    now = now or clock.now()
    check_may_record(by, leave.user, leave.kind)
    leave = _locked(leave)
    check_may_record(by, leave.user, leave.kind)
    leave.is_withdrawn = True
    return _kept(leave, "leave.withdrawn", by=by, now=now, expected_revision=expected_revision, reason=reason)


def _kept(
    leave: StaffLeave,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    expected_revision: int | None = None,
    reason: str = "",
) -> StaffLeave:
    check_range(leave.starts_at, leave.ends_at, now=now, longest=timedelta(days=LEAVE_DAYS))
    lock_people([leave.user_id])
    # A booking that counts on these shifts holds them: it comes before this leave, or after it and sees it.
    _lock_shifts(leave.user, (leave.starts_at, leave.ends_at))
    return save_record(
        leave,
        verb=verb,
        by=by,
        now=now,
        site=_site_told(leave.user, by),
        reason=storable(reason, field="reason").strip(),
        expected_revision=expected_revision,
    )


def _locked(leave: StaffLeave) -> StaffLeave:
    lock_people([leave.user_id])
    locked: StaffLeave = StaffLeave.objects.select_related("user").locked().get(pk=leave.pk)
    if locked.is_withdrawn:
        message = _("This leave was withdrawn. Record a new one if the person is away after all.")
        raise Conflict(Problem("leave.withdrawn", message))
    return locked


def _lock_shifts(user: User, span: tuple[datetime, datetime]) -> None:
    list(Shift.objects.filter(user=user).standing().overlapping(*span).locked().values_list("pk"))


def _site_told(user: User, by: Actor) -> Site | None:
    """In whose part of the audit it stands: a site of theirs that is also the actor's, or else any of theirs."""
    theirs = Membership.objects.filter(user=user).select_related("site").order_by("site_id")
    sites = [membership.site for membership in theirs]
    return next((site for site in sites if site.pk in by.site_ids), next(iter(sites), None))


def _check_kind(kind: str) -> None:
    if kind not in StaffLeave.Kind.values:
        message = _("Say what kind of leave it is.")
        raise Invalid({"kind": Problem("leave.kind", message)})
