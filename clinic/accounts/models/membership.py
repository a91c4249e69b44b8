from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission


class Role(models.Model):
    """What somebody is at a site; its rights are rows."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "accounts_role"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class RolePermission(models.Model):
    """A right that a role includes."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="rights")
    permission = models.CharField(max_length=40, choices=Permission.choices)

    class Meta:
        db_table = "accounts_role_permission"
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="role_right_once")]

    def __str__(self) -> str:
        return f"{self.role_id} {self.permission}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def for_user(self, actor: Actor) -> "MembershipQuerySet":
        """Roles at the sites at which the actor has one."""
        return self.filter(site__in=actor.site_ids)

    def of_active_people(self) -> "MembershipQuerySet":
        return self.filter(user__is_active=True)

    def that_give(self, permission: Permission) -> "MembershipQuerySet":
        """Memberships with a right, be it by the role or given to the person."""
        by_role = Q(role__rights__permission=permission)
        return self.filter(by_role | Q(grants__permission=permission)).distinct()


class Membership(models.Model):
    """A person in a role at a site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "accounts_membership"
        constraints = [models.UniqueConstraint(fields=["user", "site", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role_id} at {self.site_id}"


class PermissionGrant(models.Model):
    """A right given to one person beyond the role, such as approving protocols."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="grants")
    permission = models.CharField(max_length=40, choices=Permission.choices)

    class Meta:
        db_table = "accounts_permission_grant"
        constraints = [models.UniqueConstraint(fields=["membership", "permission"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.permission}"
