"""Where somebody works, in which roles, and with which rights there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at a site, with the rights given beyond it.

    ``HeldRole(code="prescriber", name="Prescriber", given=(Permission.APPROVE_PROTOCOL,))``
    """

    code: str
    name: str
    given: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A site, the roles that somebody has there, and every right that these come to."""

    site: Any
    roles: tuple[HeldRole, ...]
    rights: tuple[Permission, ...]


def places_of(*, user_id: int | None, actor: Actor) -> tuple[Place, ...]:
    """Somebody's sites by name, of those at which the reader has a role too. Three queries."""
    memberships = (
        Membership.objects.for_user(actor)
        .filter(user=user_id)
        .select_related("site", "role")
        .prefetch_related("grants", "role__rights")
        .order_by("site__name", "site_id", "role__position", "role__name")
    )
    by_site: dict[int, list[Membership]] = {}
    for membership in memberships:
        by_site.setdefault(membership.site_id, []).append(membership)
    return tuple(_place(held) for held in by_site.values())


def sites_with(permission: Permission, *, actor: Actor) -> tuple[Any, ...]:
    """The sites at which the reader has a right, by name."""
    mine = Membership.objects.for_user(actor).filter(site__in=actor.sites_with(permission))
    found = {membership.site_id: membership.site for membership in mine.select_related("site")}
    return tuple(sorted(found.values(), key=lambda site: (site.name, site.pk)))


def _place(memberships: list[Membership]) -> Place:
    roles, held = [], set()
    for membership in memberships:
        given = [grant.permission for grant in membership.grants.all()]
        held |= {*given, *(right.permission for right in membership.role.rights.all())}
        roles.append(HeldRole(membership.role.code, membership.role.name, known(given)))
    return Place(memberships[0].site, tuple(roles), known(held))


def known(names: Iterable[str]) -> tuple[Permission, ...]:
    """Rights of this release in their usual order; a newer release may have dropped one that stands in a row."""
    given = set(names)
    return tuple(right for right in Permission if right.value in given)
