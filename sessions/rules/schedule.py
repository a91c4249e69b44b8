"""Who may look at a site's schedule, and who may look after a patient there."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Problem, Refused
from clinic.facilities.models import Site
from sessions.models import InfusionSession
from sessions.states import PRESENT, Status

SEES_SCHEDULE = (Permission.VIEW_PATIENTS, Permission.BOOK, Permission.CHECK_IN, Permission.PLAN_ROSTER)
"""Any of these opens the schedule of a site. Whom its initials stand for is told to those only who may open the
record."""


def may_see_schedule(by: Actor, site_id: int) -> bool:
    return any(by.can(permission, site_id) for permission in SEES_SCHEDULE)


def check_can_see_schedule(by: Actor, site_id: int) -> None:
    """Raises Refused ``schedule.closed``."""
    if not may_see_schedule(by, site_id):
        message = _(
            "Your role does not include the schedule. Ask an administrator for a right to plan or book."
        )
        raise Refused(Problem("schedule.closed", message))


def nurses_of(site: Site) -> Any:
    """Who may look after patients at a site: active people with the right to run infusions there."""
    here = Membership.objects.filter(site=site).of_active_people().that_give(Permission.RUN_INFUSION)
    return User.objects.filter(pk__in=here.values("user")).order_by("display_name", "pk")


def check_can_assign(*, session: InfusionSession, nurse: User | None, by: Actor) -> None:
    """Raises Refused without the right to book; Conflict for a visit that is over, or for a person who may not run
    infusions at the site (``nurse.not_here``)."""
    by.require(Permission.BOOK, session.site_id)
    if session.state is not Status.SCHEDULED and session.state not in PRESENT:
        message = _("A nurse is assigned until the visit is over. This session is %(status)s.")
        raise Conflict(Problem("session.status", message, {"status": str(session.state.label).lower()}))
    if nurse is not None and not nurses_of(session.site).filter(pk=nurse.pk).exists():
        message = _("%(name)s may not run infusions at %(site)s. Choose somebody else.")
        params = {"name": nurse.printed_name, "site": session.site.name}
        raise Conflict(Problem("nurse.not_here", message, params))
