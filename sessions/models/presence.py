from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

PRESENT_FOR = timedelta(seconds=60)
"""An open page says so three times in this span; without a word of it nobody is there any more."""


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self, now: datetime) -> "PresenceQuerySet":
        return self.filter(seen_at__gt=now - PRESENT_FOR)


class Presence(models.Model):
    """Somebody has the page of a session open on a device. No fact of the record: it is overwritten and swept away.

    Attributes:
        device: the trusted device's id, or a digest of the web session's key.
    """

    session = models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name="presences"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    device = models.CharField(max_length=64)
    device_name = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField()

    objects = PresenceQuerySet.as_manager()

    class Meta:
        db_table = "sessions_presence"
        constraints = [
            models.UniqueConstraint(fields=["session", "user", "device"], name="presence_once"),
        ]
        indexes = [models.Index(fields=["seen_at"], name="presence_by_time")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.session_id}"
