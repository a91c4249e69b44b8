"""What somebody may do at a site: roles, and rights given one by one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant, Role, User
from clinic.accounts.permissions import Permission
from clinic.accounts.rules.staff import MANAGE, check_administrator_remains, check_not_oneself
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem


@transaction.atomic(savepoint=False)
def give_role(*, user: User, site: Any, role: Role, by: Actor, now: datetime | None = None) -> Membership:
    """Make somebody a nurse, a prescriber … at a site, beside the roles they already have.

    Raises:
        Refused: without the right at that site, or to oneself (``staff.oneself``).
        Conflict: they are that already (``staff.role_held``).
    """
    now = now or clock.now()
    by.require(MANAGE, site.pk)
    check_not_oneself(user.pk, by=by)
    membership = insert_membership(user=user, site=site, role=role)
    record(verb="staff.role_given", subject=user, by=by, now=now, site=site, after={"role": role.code})
    return membership


def insert_membership(*, user: User, site: Any, role: Role) -> Membership:
    """The row alone, for operations that record what they did themselves."""
    membership, is_new = Membership.objects.get_or_create(user=user, site=site, role=role)
    if not is_new:
        message = _("%(name)s has this role at %(site)s already: %(role)s.")
        shown = {"name": user.display_name, "site": site.name, "role": role.name}
        raise Conflict(Problem("staff.role_held", message, shown))
    return membership


@transaction.atomic(savepoint=False)
def change_role(
    *, membership: Membership, role: Role, by: Actor, reason: str = "", now: datetime | None = None
) -> Membership:
    """Another role in place of this one. Rights given beyond the old role end with it.

    Raises:
        Refused: without the right at that site, or one's own (``staff.oneself``).
        Conflict: they have the new role already, or nobody would be left to manage the site's staff.
    """
    now = now or clock.now()
    membership = _locked(membership, by=by)
    check_not_oneself(membership.user_id, by=by)
    if not role.rights.filter(permission=MANAGE).exists():
        check_administrator_remains(site=membership.site, without={membership.pk})
    before = _told(membership)
    membership.grants.all().delete()
    changed = insert_membership(user=membership.user, site=membership.site, role=role)
    membership.delete()
    record(
        verb="staff.role_changed",
        subject=changed.user,
        by=by,
        now=now,
        site=changed.site,
        reason=reason.strip(),
        before=before,
        after={"role": role.code, "rights": []},
    )
    return changed


@transaction.atomic(savepoint=False)
def end_membership(
    *, membership: Membership, by: Actor, reason: str = "", now: datetime | None = None
) -> None:
    """The person has this role no more; what they did in it stays theirs.

    Raises:
        Refused: without the right at that site.
        Conflict: nobody would be left to manage the site's staff (``staff.last_administrator``).
    """
    now = now or clock.now()
    membership = _locked(membership, by=by)
    check_administrator_remains(site=membership.site, without={membership.pk})
    user, site, before = membership.user, membership.site, _told(membership)
    membership.delete()
    record(
        verb="staff.role_ended", subject=user, by=by, now=now, site=site, reason=reason.strip(), before=before
    )


@transaction.atomic(savepoint=False)
def grant_right(
    *, membership: Membership, permission: str, by: Actor, reason: str = "", now: datetime | None = None
) -> PermissionGrant:
    """Give a single right beyond the role.

    Raises:
        Refused: without the right at that site, or to oneself (``staff.oneself``).
        Invalid: there is no such right (``right.unknown``).
        Conflict: the role includes it, or it was given before (``right.held``).
    """
    now = now or clock.now()
    membership = _locked(membership, by=by)
    check_not_oneself(membership.user_id, by=by)
    right = _known(permission)
    if right in _rights(membership):
        message = _("%(name)s holds this right already: %(right)s.")
        shown = {"name": membership.user.display_name, "right": right.label}
        raise Conflict(Problem("right.held", message, shown))
    grant = PermissionGrant.objects.create(membership=membership, permission=right)
    record(
        verb="staff.right_granted",
        subject=membership.user,
        by=by,
        now=now,
        site=membership.site,
        reason=reason.strip(),
        after={"role": membership.role.code, "right": right.value},
    )
    return grant


@transaction.atomic(savepoint=False)
def withdraw_right(
    *, membership: Membership, permission: str, by: Actor, reason: str = "", now: datetime | None = None
) -> None:
    """Take a single right back. What a role includes is taken by changing the role.

    Raises:
        Refused: without the right at that site.
        Conflict: it was not given to this person (``right.not_given``), or nobody would be left to manage the
            site's staff.
    """
    now = now or clock.now()
    membership = _locked(membership, by=by)
    right = _known(permission)
    grant = membership.grants.filter(permission=right).first()
    if grant is None:
        message = _("This right was not given to %(name)s by itself: %(right)s. It may come with the role.")
        shown = {"name": membership.user.display_name, "right": right.label}
        raise Conflict(Problem("right.not_given", message, shown))
    if right == MANAGE and not membership.role.rights.filter(permission=MANAGE).exists():
        check_administrator_remains(site=membership.site, without={membership.pk})
    grant.delete()
    record(
        verb="staff.right_withdrawn",
        subject=membership.user,
        by=by,
        now=now,
        site=membership.site,
        reason=reason.strip(),
        before={"role": membership.role.code, "right": right.value},
    )


def _locked(membership: Membership, *, by: Actor) -> Membership:
    """The membership as it is now, with all those of its site locked.

    Raises:
        Refused: without the right to manage the site's staff.
        Conflict: somebody else has just ended it (``staff.role_gone``).
    """
    by.require(MANAGE, membership.site_id)
    here = Membership.objects.filter(site=membership.site_id).select_related("user", "site", "role")
    locked = here.select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = next((row for row in locked if row.pk == membership.pk), None)
    if found is None:
        message = _("Somebody else has just changed this role. Look at the list again.")
        raise Conflict(Problem("staff.role_gone", message))
    return found


def _known(permission: str) -> Permission:
    if permission not in Permission.values:
        message = _("There is no right called %(name)s.")
        raise Invalid({"permission": Problem("right.unknown", message, {"name": permission})})
    return Permission(permission)


def _rights(membership: Membership) -> set[str]:
    by_role = membership.role.rights.values_list("permission", flat=True)
    return {*by_role, *membership.grants.values_list("permission", flat=True)}


def _told(membership: Membership) -> dict[str, Any]:
    given = membership.grants.order_by("permission").values_list("permission", flat=True)
    return {"role": membership.role.code, "rights": list(given)}
