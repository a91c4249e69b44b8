"""Standing orders: drafted, approved by somebody with the right, retired. Frozen once approved."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.facilities.models import Site
from sessions.models import StandingOrder
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS
from sessions.operations.ordering_medicines import SAID, order_columns
from sessions.rules.medicines import content_of
from sessions.rules.moments import person

CONTENT = (*SAID, "is_example", "valid_until", "for_side_effects")
"""What a standing order says, beyond what every order says."""


@transaction.atomic(savepoint=False)
def draft_standing_order(
    *,
    code: str,
    content: Mapping[str, Any],
    by: Actor,
    site: Site | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> StandingOrder:
    """Draft the next version of the standing order ``code``, or the first.

    Args:
        content: the entries of :data:`CONTENT`. site: None for the whole organisation.

    Raises:
        Conflict: a draft of it waits already (``standing_order.drafted``), or it stands for another place
            (``standing_order.place``).
    """
    by.require(Permission.AUTHOR_PROTOCOL, site.pk if site else None)
    now = now or clock.now()
    earlier = list(StandingOrder.objects.select_for_update(no_key=True).filter(code=code))
    if any(version.state == StandingOrder.State.DRAFT for version in earlier):
        message = _("A draft of this standing order waits already. Edit or approve that one.")
        raise Conflict(Problem("standing_order.drafted", message))
    if earlier and earlier[0].site_id != (site.pk if site else None):
        message = _("The standing order %(code)s stands for another place. Choose another code.")
        raise Conflict(Problem("standing_order.place", message, {"code": code}))
    draft = StandingOrder(
        public_id=public_id or uuid.uuid4(),
        code=code,
        number=max((version.number for version in earlier), default=0) + 1,
        site=site,
        drafted_by=person(by),
        drafted_at=now,
    )
    _fill(draft, content)
    try:
        return save_record(draft, verb="standing_order.drafted", by=by, now=now, site=site)
    except IntegrityError as error:
        message = _("Somebody else has drafted this standing order just now. Reload the page.")
        raise Conflict(Problem("standing_order.drafted", message)) from error


@transaction.atomic(savepoint=False)
def edit_standing_order(
    *,
    order: StandingOrder,
    content: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> StandingOrder:
    """Change a draft; what is left out stays. Raises Conflict ``standing_order.frozen`` once approved, and Stale."""
    order = _locked(order)
    by.require(Permission.AUTHOR_PROTOCOL, order.site_id)
    if order.state != StandingOrder.State.DRAFT:
        message = _("An approved standing order is not changed. Draft a new version instead.")
        raise Conflict(Problem("standing_order.frozen", message))
    _fill(order, content_of(order) | dict(content))
    return save_record(
        order,
        verb="standing_order.edited",
        by=by,
        now=now or clock.now(),
        site=order.site,
        expected_revision=expected_revision,
    )


@transaction.atomic(savepoint=False)
def approve_standing_order(
    *, order: StandingOrder, by: Actor, expected_revision: int, now: datetime | None = None
) -> StandingOrder:
    """Put a draft into use; the version before is retired.

    Raises:
        Refused: without the right APPROVE_PROTOCOL.
        Conflict: it is no draft (``standing_order.not_draft``); Stale when it was edited since it was read.
    """
    now = now or clock.now()
    by.require(Permission.APPROVE_PROTOCOL, order.site_id)
    versions = StandingOrder.objects.select_for_update(no_key=True).filter(code=order.code).order_by("pk")
    rows = {version.pk: version for version in versions}
    order = rows[order.pk]
    if order.state != StandingOrder.State.DRAFT:
        raise Conflict(Problem("standing_order.not_draft", _("Only a draft can be approved.")))
    if order.revision != expected_revision:
        raise stale(snapshot(order))
    for earlier in rows.values():
        if earlier.state == StandingOrder.State.APPROVED:
            earlier.state = StandingOrder.State.RETIRED
            save_record(earlier, verb="standing_order.retired", by=by, now=now, site=earlier.site)
    order.state, order.approved_by, order.approved_at = StandingOrder.State.APPROVED, person(by), now
    return save_record(order, verb="standing_order.approved", by=by, now=now, site=order.site)


@transaction.atomic(savepoint=False)
def retire_standing_order(
    *,
    order: StandingOrder,
    by: Actor,
    expected_revision: int,
    reason: str,
    now: datetime | None = None,
) -> StandingOrder:
    """Take a standing order out of use. Raises Conflict ``standing_order.not_in_use``, and Stale."""
    order = _locked(order)
    by.require(Permission.APPROVE_PROTOCOL, order.site_id)
    if order.state != StandingOrder.State.APPROVED:
        raise Conflict(Problem("standing_order.not_in_use", _("This standing order is not in use.")))
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say why it is taken out of use."))})
    order.state = StandingOrder.State.RETIRED
    return save_record(
        order,
        verb="standing_order.retired",
        by=by,
        now=now or clock.now(),
        site=order.site,
        reason=reason.strip(),
        expected_revision=expected_revision,
    )


def _locked(order: StandingOrder) -> StandingOrder:
    rows = StandingOrder.objects.select_related("site").select_for_update(no_key=True, of=("self",))
    found: StandingOrder = rows.get(pk=order.pk)
    return found


def _fill(order: StandingOrder, content: Mapping[str, Any]) -> None:
    columns = order_columns({"max_session": None} | dict(content))
    for name, value in columns.items():
        setattr(order, name, value)
    order.is_example = bool(content.get("is_example", False))
    order.valid_until = content.get("valid_until")
    order.for_side_effects = list(content.get("for_side_effects") or ())
    if not set(order.for_side_effects) <= {term.code for term in SIDE_EFFECT_TERMS}:
        message = _("Choose side effects from the list.")
        raise Invalid({"for_side_effects": Problem("side_effect.term", message)})
