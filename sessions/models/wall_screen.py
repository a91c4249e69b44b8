from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel


class WallScreenQuerySet(models.QuerySet["WallScreen"]):
    def for_user(self, actor: Actor) -> Self:
        """Screens of the sites whose days the actor plans."""
        return self.filter(site__in=actor.sites_with(Permission.PLAN_ROSTER))

    def locked(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",))


class WallScreen(PublicModel):
    """A screen on a wall of a site that shows who sits where: no person, no right, and nothing to be written with.

    It is opened by a code that counts once and soon ends; the screen's browser then holds a secret, and here stands
    only its digest. It does not time out, and ends when somebody revokes it.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    code_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    code_expires_at = models.DateTimeField()
    secret_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = WallScreenQuerySet.as_manager()

    class Meta:
        db_table = "sessions_wall_screen"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opened_at__isnull=True, secret_digest__isnull=True)
                | models.Q(opened_at__isnull=False, secret_digest__isnull=False, code_digest__isnull=True),
                name="wall_screen_code_counts_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_waiting(self, now: datetime) -> bool:
        """Whether its code can still be typed."""
        return self.revoked_at is None and self.opened_at is None and now < self.code_expires_at
