"""Who may record whose leave, and who may read why somebody is away."""

from collections.abc import Iterable

from clinic.accounts.actor import Actor, lacking
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.facilities.models import StaffLeave


def may_plan_for(by: Actor, user: User) -> bool:
    """Whether the person works at a site whose roster the actor plans."""
    here = Membership.objects.filter(site__in=by.sites_with(Permission.PLAN_ROSTER))
    return here.filter(user=user).exists()


def check_may_record(by: Actor, user: User, *kinds: str) -> None:
    """Anybody may say that they are ill; every other leave is for whoever plans the roster.

    Raises:
        Refused: ``permission.missing``.
    """
    is_own_sickness = by.user_id == user.pk and set(kinds) == {StaffLeave.Kind.SICK}
    if not is_own_sickness and not may_plan_for(by, user):
        raise lacking(Permission.PLAN_ROSTER)


def people_planned_by(by: Actor) -> frozenset[int]:
    """Whose roster the actor plans, by inner key; asked once for a list."""
    here = Membership.objects.filter(site__in=by.sites_with(Permission.PLAN_ROSTER))
    return frozenset(here.values_list("user_id", flat=True))


def may_see_kind(by: Actor, leave: StaffLeave, *, planned: Iterable[int]) -> bool:
    """Colleagues see that somebody is away; why is between that person and who plans the roster."""
    return leave.user_id == by.user_id or leave.user_id in frozenset(planned)
