"""Check-ins between sessions: what a protocol's plan has asked of a patient, and what came of it."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned
from patients.models import Channel


class HomeCheckInQuerySet(models.QuerySet["HomeCheckIn"]):
    def for_user(self, actor: Actor) -> "HomeCheckInQuerySet":
        return self.filter(session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> "HomeCheckInQuerySet":
        return self.select_for_update(no_key=True, of=("self",))

    def missed(self, now: datetime) -> "HomeCheckInQuerySet":
        """Those that brought no answer: sent and expired, or never sent."""
        expired = models.Q(
            state=HomeCheckIn.State.SENT, link__revoked_at__isnull=True, link__expires_at__lte=now
        )
        open_ones = self.exclude(link__answered_at__isnull=False)
        return open_ones.filter(expired | models.Q(state__in=HomeCheckIn.UNSENT))


class HomeCheckIn(PublicModel, Revisioned):
    """One day of a plan for one infusion: the message with its link, at most once, and what became of it.

    Attributes:
        day: days after the infusion, on the patient's calendar.
        parts: what is asked, as the plan says; what is too soon for its questionnaire is left out of the link.
        why: why it was not sent, as a code; behind a colon what the carrier said.
    """

    class State(models.TextChoices):
        """Where the message stands; what came of it says the link."""

        QUEUED = "queued", _("Waits")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Not sent")

    UNSENT = (State.FAILED.value, State.DROPPED.value)

    session = models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name="home_check_ins"
    )
    day = models.PositiveSmallIntegerField()
    parts = models.JSONField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    link = models.OneToOneField(
        "patients.OneTimeLink", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=5, choices=Channel.choices, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(table_name="sessions_home_check_in_history")
    objects = HomeCheckInQuerySet.as_manager()

    class Meta:
        db_table = "sessions_home_check_in"
        ordering = ["-due_at", "-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="home_check_in_due")]
        constraints = [models.UniqueConstraint(fields=["session", "day"], name="home_check_in_once_a_day")]

    def __str__(self) -> str:
        return f"day {self.day} of {self.session_id}"
