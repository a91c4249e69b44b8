"""Placing a cannula and taking it out."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession, IVAccess, IVRemoval
from sessions.operations.facts import open_entry, write_fact, write_struck
from sessions.rules.corrections import check_can_correct

MOST_ATTEMPTS = 20


@transaction.atomic(savepoint=False)
def place_iv_access(
    *,
    session: InfusionSession,
    site: str,
    side: str,
    gauge: int | None,
    attempts: int,
    patency: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> IVAccess:
    """A cannula was placed.

    Args:
        gauge: in G; None only for a port or a central line.

    Raises:
        Invalid: ``iv.site``, ``iv.side``, ``iv.gauge``, ``iv.attempts``, ``iv.patency``.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    _check(site=site, side=side, gauge=gauge, attempts=attempts, patency=patency)
    access = IVAccess(
        session=entry.session,
        site=site,
        side=side,
        gauge=gauge,
        attempts=attempts,
        patency=patency,
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(access, entry=entry, verb="iv_access.placed", public_id=public_id)


def _check(*, site: str, side: str, gauge: int | None, attempts: int, patency: str) -> None:
    is_port = site == IVAccess.Site.PORT
    refused = {
        "site": site not in IVAccess.Site.values,
        "side": side not in IVAccess.Side.values,
        "gauge": gauge not in IVAccess.GAUGES and not (is_port and gauge is None),
        "attempts": not 1 <= attempts <= MOST_ATTEMPTS,
        "patency": patency not in IVAccess.Patency.values,
    }
    messages = {
        "site": _("Choose where the cannula lies."),
        "side": _("Choose the side."),
        "gauge": _("Choose the gauge of the cannula."),
        "attempts": _("Enter the number of attempts, 1 to 20."),
        "patency": _("Say whether it flushes."),
    }
    if any(refused.values()):
        raise Invalid({name: Problem(f"iv.{name}", messages[name]) for name, bad in refused.items() if bad})


@transaction.atomic(savepoint=False)
def retract_iv_access(
    *,
    access: IVAccess,
    reason: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> IVAccess:
    """Strike a cannula that was never this patient's, or was entered wrongly; it stays visible, struck."""
    entry = open_entry(session=access.session, by=by, taken_at=access.taken_at, now=now)
    check_can_correct(access, reason=reason)
    kept, verb = ("site", "side", "gauge", "attempts", "patency"), "iv_access.retracted"
    return write_struck(access, entry=entry, verb=verb, reason=reason, kept=kept, public_id=public_id)


@transaction.atomic(savepoint=False)
def remove_iv_access(
    *,
    access: IVAccess,
    condition: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> IVRemoval:
    """The cannula was taken out.

    Raises:
        Invalid: ``iv.condition``; ``iv.removed_early``: before it was placed.
        Conflict: ``iv.removed``: somebody has recorded that already; ``iv.struck``.
    """
    entry = open_entry(session=access.session, by=by, taken_at=taken_at, now=now)
    if condition not in IVRemoval.Condition.values:
        raise Invalid({"condition": Problem("iv.condition", _("Say how the place looks."))})
    if entry.taken_at < access.taken_at:
        message = _("It cannot have been removed before it was placed. Check the time.")
        raise Invalid({"taken_at": Problem("iv.removed_early", message)})
    if access.retracted or IVAccess.objects.filter(corrects=access).exists():
        raise Conflict(Problem("iv.struck", _("This entry was struck. Reload the page.")))
    if IVRemoval.objects.filter(access=access).exists():
        raise Conflict(Problem("iv.removed", _("Its removal is recorded already.")))
    removal = IVRemoval(
        session=entry.session,
        access=access,
        condition=condition,
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(removal, entry=entry, verb="iv_access.removed", public_id=public_id)
