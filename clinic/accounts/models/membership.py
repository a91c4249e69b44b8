from django.conf import settings
from django.db import models

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


class Membership(models.Model):
    """A person in a role at a site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")

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
