"""Who acts: a person in roles at sites, or a job. Every operation takes one as ``by``."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.permissions import Permission
from clinic.common.errors import PasswordNeeded, Problem, Refused

if TYPE_CHECKING:
    from clinic.accounts.models import User


class ActorKind(StrEnum):
    USER = "user"
    LINK = "link"
    JOB = "job"
    DEVICE = "device"
    IMPORT = "import"


Grants = Mapping[int, frozenset[Permission]]

NEEDS_PASSWORD = frozenset({Permission.MANAGE_STAFF, Permission.APPROVE_PROTOCOL})
"""Rights too far-reaching for a PIN."""

LINK_RIGHTS = frozenset({Permission.RECORD_SCORES, Permission.RECORD_OBSERVATIONS})
"""What a link lets its patient do; which patient and which questions, its operations hold it to."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts, with the rights that count while it does.

    Attributes:
        label: printed name, as it stands in signatures and in the audit.
        grants: rights by site id. A right is always held at a site.
        narrowed: it acts through an API token, and so with some of the person's rights only.
        by_pin: the session was opened by a PIN; rights of :data:`NEEDS_PASSWORD` are then ``withheld``.
    """

    kind: ActorKind
    label: str
    key: str
    grants: Grants = field(default_factory=dict, repr=False)
    user: "User | None" = field(default=None, repr=False)
    narrowed: bool = False
    by_pin: bool = False
    withheld: Grants = field(default_factory=dict, repr=False)

    @classmethod
    def of_user(cls, user: "User", *, only: Iterable[str] | None = None, by_pin: bool = False) -> "Actor":
        """A person with everything their memberships give; ``only`` narrows it, as an API token does."""
        grants = grants_of(user)
        withheld: Grants = {}
        if by_pin:
            withheld = {site_id: rights & NEEDS_PASSWORD for site_id, rights in grants.items()}
            grants = {site_id: rights - NEEDS_PASSWORD for site_id, rights in grants.items()}
        if only is not None:
            allowed = frozenset(Permission(value) for value in only)
            grants = {site_id: rights & allowed for site_id, rights in grants.items()}
        return cls(
            kind=ActorKind.USER,
            label=user.printed_name,
            key=f"user:{user.pk}",
            grants=grants,
            user=user,
            narrowed=only is not None,
            by_pin=by_pin,
            withheld=withheld,
        )

    @classmethod
    def of_device(cls, name: str, *, key: str) -> "Actor":
        """A trusted device at which nobody has said yet who they are; it may nothing."""
        return cls(kind=ActorKind.DEVICE, label=name, key=f"device:{key}")

    @classmethod
    def of_link(cls, author: "User", *, key: str, site_id: int) -> "Actor":
        """A patient who answers through a one-time link; facts name ``author``, the account of all such patients."""
        grants = {site_id: LINK_RIGHTS}
        return cls(
            kind=ActorKind.LINK, label=author.printed_name, key=f"link:{key}", grants=grants, user=author
        )

    @classmethod
    def job(cls, name: str, *, site_ids: Iterable[int], permissions: Iterable[Permission]) -> "Actor":
        """A command run by the installation itself, with rights named one by one."""
        rights = frozenset(permissions)
        return cls(
            kind=ActorKind.JOB,
            label=name,
            key=f"job:{name}",
            grants=dict.fromkeys(site_ids, rights),
        )

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @property
    def site_ids(self) -> frozenset[int]:
        """Sites at which this actor has any role."""
        return frozenset(self.grants)

    def sites_with(self, permission: Permission) -> frozenset[int]:
        return frozenset(site_id for site_id, rights in self.grants.items() if permission in rights)

    def site_keys_with(self, permission: Permission) -> frozenset[str]:
        """The same sites by public id: the audit names its chains so and does not know sites."""
        from clinic.accounts.models import Membership  # the model needs this module's names

        held = Membership.objects.filter(site__in=self.sites_with(permission))
        return frozenset(str(key) for key in held.values_list("site__public_id", flat=True).distinct())

    def only_at(self, site_ids: Collection[int]) -> "Actor":
        """The same actor, with nothing but these sites."""
        here, withheld = (
            {site_id: rights for site_id, rights in grants.items() if site_id in site_ids}
            for grants in (self.grants, self.withheld)
        )
        return replace(self, grants=here, withheld=withheld)

    def can(self, permission: Permission, site_id: int | None = None) -> bool:
        """Whether the right is held at a site, or at any site when none is named."""
        if site_id is None:
            return any(permission in rights for rights in self.grants.values())
        return permission in self.grants.get(site_id, frozenset())

    def require(self, permission: Permission, site_id: int | None = None) -> None:
        """Refuse unless the right is held.

        Raises:
            Refused: ``permission.missing``, naming the right.
            PasswordNeeded: it is withheld from a session that a PIN has opened.
        """
        if self.can(permission, site_id):
            return
        raise password_needed() if self.withholds(permission, site_id) else lacking(permission)

    def withholds(self, permission: Permission, site_id: int | None = None) -> bool:
        """Whether the person has this right, and the session has to be confirmed with the password for it."""
        held = self.withheld.values() if site_id is None else [self.withheld.get(site_id, frozenset())]
        return any(permission in rights for rights in held)


def lacking(permission: Permission) -> Refused:
    """The refusal of somebody without a right."""
    message = _("Your role does not include this right: %(right)s. Ask somebody who holds it.")
    return Refused(Problem("permission.missing", message, {"right": permission.label}))


def password_needed() -> PasswordNeeded:
    """The refusal of a session that a PIN has opened, where a few digits are not enough."""
    message = _("This needs your password: you have signed in with a PIN.")
    return PasswordNeeded(Problem("session.password_needed", message))


def grants_of(user: "User") -> dict[int, frozenset[Permission]]:
    """All rights of a person by site: from roles and from rights given one by one."""
    from clinic.accounts.models import Membership  # the model needs this module's names

    known = set(Permission.values)
    rows = (
        Membership.objects.filter(Q(user=user))
        .values_list("site_id", "role__rights__permission", "grants__permission")
        .order_by()
    )
    collected: dict[int, set[Permission]] = {}
    for site_id, *permissions in rows:
        rights = collected.setdefault(site_id, set())
        # A right that a newer release has dropped may still stand in a row.
        rights.update(Permission(value) for value in permissions if value in known)
    return {site_id: frozenset(rights) for site_id, rights in collected.items()}
