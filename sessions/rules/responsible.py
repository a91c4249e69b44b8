"""Who answers for a site's patients now, who may be named for it, and by whom."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, lacking
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Invalid, Problem
from sessions.models import ResponsiblePrescriber

Kind = ResponsiblePrescriber.Kind

MAY_NAME = (Permission.RUN_INFUSION, Permission.ORDER_COURSE, Permission.PLAN_ROSTER)
"""Any of these: whoever opens the day writes down who answers for it."""
MAY_ANSWER: dict[str, tuple[Permission, ...]] = {
    Kind.RESPONSIBLE: (Permission.ORDER_COURSE,),
    Kind.ON_CALL: (Permission.ORDER_COURSE, Permission.RUN_INFUSION),
}
LONGEST = timedelta(days=7)


def responsible_prescriber(site: Any, now: datetime) -> ResponsiblePrescriber | None:
    """The responsible prescriber of a site at a moment; None while nobody is named."""
    return _of(site, Kind.RESPONSIBLE, now)


def on_call_clinician(site: Any, now: datetime) -> ResponsiblePrescriber | None:
    """The clinician on call behind the responsible prescriber; None while nobody is named."""
    return _of(site, Kind.ON_CALL, now)


def _of(site: Any, kind: str, now: datetime) -> ResponsiblePrescriber | None:
    rows = ResponsiblePrescriber.objects.at(now).filter(site=site, kind=kind).select_related("user")
    found: ResponsiblePrescriber | None = rows.first()
    return found


def may_name(by: Actor, site_id: int) -> bool:
    return any(by.can(right, site_id) for right in MAY_NAME)


def check_may_name(by: Actor, site_id: int) -> None:
    """Raises Refused unless the actor opens days, prescribes or plans the roster at the site."""
    if not may_name(by, site_id):
        raise lacking(Permission.RUN_INFUSION)


def people_for(site: Any, kind: str) -> list[User]:
    """Who can be named: active people with the right at the site, by name."""
    held = Membership.objects.filter(site=site).of_active_people()
    keys = {
        key for right in MAY_ANSWER[kind] for key in held.that_give(right).values_list("user_id", flat=True)
    }
    return list(User.objects.filter(pk__in=keys).order_by("display_name", "pk"))


def check_can_answer_for(user: User, *, site: Any, kind: str) -> None:
    """Raises Invalid: an unknown kind (``responsible.kind``), somebody without the right (``responsible.person``)."""
    if kind not in MAY_ANSWER:
        raise Invalid({"kind": Problem("responsible.kind", _("Say for what: responsible, or on call."))})
    if user not in people_for(site, kind):
        message = _("%(name)s has no role at %(site)s that allows it. Choose somebody else.")
        params = {"name": user.display_name, "site": site.name}
        raise Invalid({"user": Problem("responsible.person", message, params)})


def check_reachable(*, presence: str, phone: str) -> None:
    """Raises Invalid: neither on site nor by phone, or by phone without a number."""
    if presence not in ResponsiblePrescriber.Presence.values:
        raise Invalid({"presence": Problem("responsible.presence", _("Say whether on site or by phone."))})
    if presence == ResponsiblePrescriber.Presence.BY_PHONE and not phone.strip():
        message = _("Enter the number at which they are reached.")
        raise Invalid({"phone": Problem("responsible.phone", message)})
