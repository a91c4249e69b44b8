"""Who works at the sites whose staff one manages?"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, Role, User
from clinic.accounts.permissions import Permission
from clinic.accounts.reports.places import HeldRole, known

MANAGE = Permission.MANAGE_STAFF


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person, with their roles at the sites that the reader manages; sites with the same roles stand together.

    ``PersonRow(user_id=UUID("…"), name="Elias Brandt, MD", username="prescriber", is_active=True,
    places=(("Harbour clinic, Lakeside clinic", (HeldRole(…),)),))``
    """

    user_id: UUID
    name: str
    username: str
    is_active: bool
    places: tuple[tuple[str, tuple[HeldRole, ...]], ...]


def managed_memberships(actor: Actor) -> QuerySet[Membership]:
    """Roles at the sites whose staff the actor manages."""
    here = Membership.objects.for_user(actor).filter(site__in=actor.sites_with(MANAGE))
    return here.select_related("site", "role").order_by("site__name", "site_id", "role__position")


def managed_people(actor: Actor, *, site_id: UUID | None = None, closed: bool = False) -> QuerySet[User]:
    """The people of those sites, or of one of them, by name; closed accounts only when asked for."""
    roles = managed_memberships(actor).order_by()
    if site_id is not None:
        roles = roles.filter(site__public_id=site_id)
    found = User.objects.for_user(actor).filter(pk__in=roles.values("user"), is_active=not closed)
    ordered: QuerySet[User] = found.order_by("display_name", "pk")
    return ordered


def person_rows(people: QuerySet[User], *, actor: Actor) -> tuple[PersonRow, ...]:
    """One page of people with their roles, in three queries."""
    memberships = managed_memberships(actor).prefetch_related("grants")
    held = Prefetch("memberships", queryset=memberships, to_attr="managed")
    return tuple(_row(person) for person in people.prefetch_related(held))


def _row(person: Any) -> PersonRow:
    places: dict[tuple[int, str], list[HeldRole]] = {}
    for membership in person.managed:
        given = known(grant.permission for grant in membership.grants.all())
        role = HeldRole(membership.role.code, membership.role.name, given)
        places.setdefault((membership.site_id, membership.site.name), []).append(role)
    together: dict[tuple[HeldRole, ...], list[str]] = {}
    for (_id, name), roles in places.items():
        together.setdefault(tuple(roles), []).append(name)
    return PersonRow(
        user_id=person.public_id,
        name=person.printed_name,
        username=person.username,
        is_active=person.is_active,
        places=tuple((", ".join(names), roles) for roles, names in together.items()),
    )


def role_names() -> tuple[str, ...]:
    """Every role in its usual order."""
    return tuple(Role.objects.values_list("name", flat=True))
