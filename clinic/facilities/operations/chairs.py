"""Chairs: added, renamed, taken out of service and returned to it; never deleted."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Chair, Site
from clinic.facilities.rules.sites import LAST_POSITION, check_chair

DETAILS = ("name", "position")


@transaction.atomic(savepoint=False)
def add_chair(
    *,
    site: Site,
    name: str,
    by: Actor,
    position: int | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Chair:
    """Add a chair; without a position it comes last.

    Raises:
        Refused: without the right to manage this site.
        Conflict: the site has a chair of that name (``chair.name_taken``).
    """
    now = now or clock.now()
    by.require(Permission.MANAGE_STAFF, site.pk)
    # Two people adding the same chair wait for each other here, so that the second gets the sentence.
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if position is None:
        last = site.chairs.aggregate(last=Max("position"))["last"] or 0
        position = min(last + 1, LAST_POSITION)
    chair = Chair(public_id=public_id or uuid.uuid4(), site=site, name=name.strip(), position=position)
    check_fields(chair)
    check_chair(chair)
    return save_record(chair, verb="chair.added", by=by, now=now, site=site)


@transaction.atomic(savepoint=False)
def edit_chair(
    *,
    chair: Chair,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> Chair:
    """Rename a chair or move it in the order; ``changes`` holds new values of :data:`DETAILS`.

    Raises:
        Refused: without the right to manage its site.
        Conflict: another chair of the site has that name (``chair.name_taken``).
        Stale: somebody else changed the chair after ``expected_revision``.
    """
    now = now or clock.now()
    chair, site = _locked(chair, by=by)
    for name in DETAILS:
        setattr(chair, name, changes.get(name, getattr(chair, name)))
    chair.name = chair.name.strip()
    check_fields(chair)
    check_chair(chair)
    return save_record(
        chair, verb="chair.edited", by=by, now=now, site=site, expected_revision=expected_revision
    )


@transaction.atomic(savepoint=False)
def take_out_of_service(
    *, chair: Chair, reason: str, by: Actor, expected_revision: int, now: datetime | None = None
) -> Chair:
    """Nothing more is booked into the chair. What is booked already stands until somebody moves it.

    Raises:
        Invalid: no reason (``chair.reason``).
        Conflict: it is out of service already (``chair.out_of_service``).
    """
    now = now or clock.now()
    if not reason.strip():
        message = _("Say why the chair is taken out of service.")
        raise Invalid({"reason": Problem("chair.reason", message)})
    chair, site = _locked(chair, by=by)
    if not chair.is_in_service:
        raise Conflict(Problem("chair.out_of_service", _("This chair is out of service already.")))
    chair.is_in_service = False
    return save_record(
        chair,
        verb="chair.taken_out_of_service",
        by=by,
        now=now,
        site=site,
        reason=reason.strip(),
        expected_revision=expected_revision,
    )


@transaction.atomic(savepoint=False)
def return_to_service(
    *, chair: Chair, by: Actor, expected_revision: int, reason: str = "", now: datetime | None = None
) -> Chair:
    """The chair can be booked again.

    Raises:
        Conflict: it is in service already (``chair.in_service``).
    """
    now = now or clock.now()
    chair, site = _locked(chair, by=by)
    if chair.is_in_service:
        raise Conflict(Problem("chair.in_service", _("This chair is in service already.")))
    chair.is_in_service = True
    return save_record(
        chair,
        verb="chair.returned_to_service",
        by=by,
        now=now,
        site=site,
        reason=reason.strip(),
        expected_revision=expected_revision,
    )


def _locked(chair: Chair, *, by: Actor) -> tuple[Chair, Site]:
    """Site and chair, locked in that order, and the right at the site."""
    by.require(Permission.MANAGE_STAFF, chair.site_id)
    site = Site.objects.select_for_update(no_key=True).get(pk=chair.site_id)
    locked = Chair.objects.select_for_update(no_key=True).get(pk=chair.pk)
    locked.site = site
    return locked, site
