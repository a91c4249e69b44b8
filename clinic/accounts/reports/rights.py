"""Who can do what: every right, the roles that include it, and the people who hold it at each site."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant, Role, RolePermission
from clinic.accounts.permissions import Permission


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """A person who holds a right at a site, and by what.

    ``Holder(site="Lakeside clinic", site_id=UUID("…"), name="Elias Brandt, MD", user_id=UUID("…"),
    roles=("Prescriber",), given=False)``

    Attributes:
        roles: their roles there that include the right.
        given: it was given to them beyond a role.
    """

    site: str
    site_id: UUID
    name: str
    user_id: UUID
    roles: tuple[str, ...]
    given: bool


@dataclass(frozen=True, slots=True)
class Right:
    """One right, with its holders by site and name.

    ``Right(permission=Permission.BOOK, label="Book, cancel and mark no-shows", roles=("Front desk", "Nurse"),
    holders=(Holder(…), …))``
    """

    permission: Permission
    label: str
    roles: tuple[str, ...]
    holders: tuple[Holder, ...]


Place = tuple[str, UUID, str, UUID]
"""Somebody at a site: the site's name and id, the person's name and id."""


def who_can_do_what(*, actor: Actor) -> tuple[Right, ...]:
    """Every right, as active people hold it at the sites of the reader. Four queries, whatever the size."""
    roles = list(Role.objects.all())
    included: dict[int, set[str]] = defaultdict(set)
    for role_id, permission in RolePermission.objects.values_list("role_id", "permission"):
        included[role_id].add(permission)
    ways = _ways(actor, included)
    return tuple(
        Right(
            permission=right,
            label=str(right.label),
            roles=tuple(role.name for role in roles if right in included[role.pk]),
            holders=tuple(sorted(_holders(ways[right]))),
        )
        for right in Permission
    )


def _ways(actor: Actor, included: dict[int, set[str]]) -> dict[str, dict[Place, set[str | None]]]:
    """By right and person at a site, the names of the roles that give it; None where it was given by itself."""
    ways: dict[str, dict[Place, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    here = Membership.objects.for_user(actor).of_active_people()
    for membership in here.select_related("user", "site", "role"):
        for permission in included[membership.role_id]:
            ways[permission][_place(membership)].add(membership.role.name)
    grants = PermissionGrant.objects.filter(membership__in=here)
    for grant in grants.select_related("membership__user", "membership__site"):
        ways[grant.permission][_place(grant.membership)].add(None)
    return ways


def _place(membership: Membership) -> Place:
    site, user = membership.site, membership.user
    return site.name, site.public_id, user.printed_name, user.public_id


def _holders(ways: dict[Place, set[str | None]]) -> Iterator[Holder]:
    for (site, site_id, name, user_id), by in ways.items():
        roles = tuple(sorted(role for role in by if role is not None))
        yield Holder(site=site, site_id=site_id, name=name, user_id=user_id, roles=roles, given=None in by)


def by_sites(holders: Iterable[Holder]) -> tuple[tuple[tuple[str, ...], tuple[Holder, ...]], ...]:
    """The same people by the sites at which they hold it, each named once: those of several sites come first."""
    where: dict[UUID, list[Holder]] = defaultdict(list)
    for holder in holders:
        where[holder.user_id].append(holder)
    together: dict[tuple[str, ...], list[Holder]] = defaultdict(list)
    for held in where.values():
        # Given singly at one site and by a role at another: that is to be seen, so each stands by itself.
        same = len({holder.given for holder in held}) == 1
        for group in [held] if same else [[holder] for holder in held]:
            together[tuple(holder.site for holder in group)].append(group[0])
    ordered = sorted(together.items(), key=lambda pair: (-len(pair[0]), pair[0]))
    return tuple((sites, tuple(sorted(people, key=lambda one: one.name))) for sites, people in ordered)
