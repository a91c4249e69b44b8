from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.accounts.actor import Actor
from clinic.common.models import PublicModel


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def for_user(self, actor: Actor) -> "CalendarFeedQuerySet":
        """One's own only."""
        return self.filter(user=actor.user)

    def standing(self) -> "CalendarFeedQuerySet":
        return self.filter(revoked_at__isnull=True)


class CalendarFeed(PublicModel):
    """A secret address at which one member of staff's calendar can be read by another program.

    Only a digest of the secret is kept; whoever has lost it makes a new one.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    only_mine = models.BooleanField(
        default=True, help_text="Only visits that this person looks after, or all of their sites."
    )
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        db_table = "sessions_calendar_feed"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at__isnull=True), name="calendar_feed_one_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
