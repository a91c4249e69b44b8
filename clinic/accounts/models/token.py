from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clinic.accounts.actor import Actor
from clinic.accounts.models.membership import Membership
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def for_user(self, actor: Actor) -> "ApiTokenQuerySet":
        """One's own, and those of the people at the sites whose staff the actor manages."""
        managed = Membership.objects.filter(site__in=actor.sites_with(Permission.MANAGE_STAFF))
        theirs = Exists(managed.filter(user=OuterRef("user")))
        return self.filter(theirs | Q(user=actor.user_id))


class ApiToken(PublicModel):
    """Access for another system, as one person, narrowed to scopes, until a date. Only a hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "accounts_api_token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
