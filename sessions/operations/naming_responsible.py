"""Naming who answers for a site's patients, and ending it."""

import uuid
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Problem
from clinic.common.text import storable
from clinic.facilities.models import Site
from clinic.facilities.rules.ranges import check_range
from sessions.models import ResponsiblePrescriber
from sessions.rules import responsible as rules
from sessions.rules.moments import person

ONCE = {"responsible_once", "on_call_once"}


@transaction.atomic(savepoint=False)
def name_responsible(
    *,
    site: Site,
    kind: str,
    user: User,
    presence: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    phone: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> ResponsiblePrescriber:
    """Name who answers for a site in ``[starts_at, ends_at)``.

    Args:
        kind: the responsible prescriber, or the clinician on call behind them.
        presence: on site, or by phone at ``phone``.

    Raises:
        Refused: somebody who neither opens days, prescribes nor plans the roster there.
        Invalid: a person without the right, no number for somebody by phone, a time that cannot be meant.
        Conflict: somebody else is named for part of that time (``responsible.taken``).
    """
    now = now or clock.now()
    rules.check_may_name(by, site.pk)
    rules.check_can_answer_for(user, site=site, kind=kind)
    rules.check_reachable(presence=presence, phone=phone)
    check_range(starts_at, ends_at, now=now, longest=rules.LONGEST)
    named = ResponsiblePrescriber(
        public_id=public_id or uuid.uuid4(),
        site=site,
        kind=kind,
        user=user,
        presence=presence,
        phone=storable(phone, field="phone").strip(),
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        named_by=person(by),
        named_at=now,
    )
    _check_free(named)
    try:
        return save_record(named, verb="responsible.named", by=by, now=now, site=site)
    except IntegrityError as error:
        if violated(error) not in ONCE:
            raise
        message = _("Somebody else was named for this time just now. Reload the page and look.")
        raise Conflict(Problem("responsible.taken", message)) from error


def _check_free(named: ResponsiblePrescriber) -> None:
    others = ResponsiblePrescriber.objects.standing().filter(site=named.site, kind=named.kind)
    other = others.overlapping(named.starts_at, named.ends_at).select_related("user").first()
    if other is None:
        return
    message = _("%(name)s is named from %(start)s to %(end)s. End that first, or choose other times.")
    start, end = (at.astimezone(named.site.zone).strftime("%H:%M") for at in (other.starts_at, other.ends_at))
    raise Conflict(
        Problem("responsible.taken", message, {"name": other.user.display_name, "start": start, "end": end})
    )


@transaction.atomic(savepoint=False)
def end_responsible(
    *, named: ResponsiblePrescriber, by: Actor, expected_revision: int, now: datetime | None = None
) -> ResponsiblePrescriber:
    """End it now; what has not begun is withdrawn. Raises Conflict ``responsible.over`` when it is over, and Stale."""
    now = now or clock.now()
    rules.check_may_name(by, named.site_id)
    rows = ResponsiblePrescriber.objects.select_related("site", "user")
    named = rows.select_for_update(no_key=True, of=("self",)).get(pk=named.pk)
    if named.is_withdrawn or named.ends_at <= now:
        raise Conflict(Problem("responsible.over", _("This is over already.")))
    if named.starts_at >= now:
        named.is_withdrawn = True
    else:
        named.ends_at = now.astimezone(UTC)
    return save_record(
        named,
        verb="responsible.ended",
        by=by,
        now=now,
        site=named.site,
        expected_revision=expected_revision,
    )
