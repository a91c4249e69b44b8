"""Who works at a site, in the order of its roster?"""

from dataclasses import dataclass

from django.db.models import QuerySet

from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Site


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a site. ``is_nurse``: may run infusions there, so that their shifts count for its patients."""

    user: User
    is_nurse: bool
    is_here: bool = True


def people_at(site: Site) -> QuerySet[User]:
    """People with a role at the site and an open account, by name."""
    here = Membership.objects.filter(site=site).of_active_people()
    found: QuerySet[User] = User.objects.filter(pk__in=here.values("user")).order_by("display_name", "pk")
    return found


def roster_people(site: Site) -> list[Person]:
    """The same, those first whose shifts count for patients. Two queries."""
    nurses = Membership.objects.filter(site=site).that_give(Permission.RUN_INFUSION)
    counted = set(nurses.values_list("user_id", flat=True))
    found = [Person(user, user.pk in counted) for user in people_at(site)]
    return sorted(found, key=lambda person: not person.is_nurse)
