"""The place and the people that every test starts from."""

import itertools

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, Role, RolePermission, User
from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.facilities.models import Site
from tests.remembered import remembered

_numbers = itertools.count(1)


@remembered
def make_site(code: str = "north", zone: str = "America/New_York", is_demo: bool = True) -> Site:
    """A site; the same one when asked for the same code again."""
    return Site.objects.get_or_create(
        code=code, defaults={"name": f"{code.title()} clinic", "time_zone": zone, "is_demo": is_demo}
    )[0]


@remembered
def make_user(username: str = "", password: str | None = None) -> User:
    """A member of staff without any role."""
    username = username or f"person{next(_numbers)}"
    return User.objects.create_user(
        username, password, display_name=f"Sam {username.title()}", credential="RN"
    )


def role_named(code: str) -> Role:
    """One of the roles that a new installation starts with."""
    name, rights = DEFAULT_ROLES[code]
    role, is_new = Role.objects.get_or_create(code=code, defaults={"name": name})
    if is_new:
        RolePermission.objects.bulk_create(
            RolePermission(role=role, permission=right) for right in sorted(rights)
        )
    return role


@remembered
def staff(role: str, site: Site, username: str = "") -> Actor:
    """Somebody new in a role at a site."""
    user = make_user(username)
    Membership.objects.create(user=user, site=site, role=role_named(role))
    return Actor.of_user(user)
