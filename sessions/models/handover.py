from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned


class HandoverQuerySet(models.QuerySet["Handover"]):
    def for_user(self, actor: Actor) -> "HandoverQuerySet":
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> "HandoverQuerySet":
        return self.select_for_update(no_key=True, of=("self",))

    def open(self, now: datetime) -> "HandoverQuerySet":
        """Offers that can still be accepted."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=now), state=Handover.State.OFFERED)


class Handover(PublicModel, Revisioned):
    """One nurse's patients offered to another, all at once; it stands only when accepted.

    Attributes:
        until: when the patients go back; empty: for the rest of the visit.
        summary: what was told of each patient, by the session's public id, as it stood when offered.
    """

    class State(models.TextChoices):
        """What has become of the offer."""

        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    from_nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to_nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    sessions = models.ManyToManyField(
        "infusion_sessions.InfusionSession", through="HandoverSession", related_name="handovers"
    )

    history = HistoricalRecords(table_name="sessions_handover_history")
    objects = HandoverQuerySet.as_manager()

    class Meta:
        db_table = "sessions_handover"
        ordering = ["-offered_at", "-pk"]
        indexes = [models.Index(fields=["site", "state", "-offered_at"], name="handover_at_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="handover_answered_whole",
            ),
            models.CheckConstraint(
                condition=~Q(from_nurse=models.F("to_nurse")), name="handover_to_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_nurse} to {self.to_nurse}"


class HandoverSessionQuerySet(models.QuerySet["HandoverSession"]):
    def covers(self) -> "HandoverSessionQuerySet":
        """Accepted until a time, and not followed by one for good: those that count, the last accepted first."""
        accepted = self.filter(handover__state=Handover.State.ACCEPTED)
        later = Q(handover__answered_at__gt=OuterRef("handover__answered_at")) | Q(
            handover__answered_at=OuterRef("handover__answered_at"), handover__gt=OuterRef("handover")
        )
        for_good = HandoverSession.objects.filter(
            later,
            session=OuterRef("session"),
            handover__state=Handover.State.ACCEPTED,
            handover__until__isnull=True,
        )
        found = accepted.filter(~Exists(for_good), handover__until__isnull=False)
        return found.order_by("-handover__answered_at", "-handover_id")


class HandoverSession(models.Model):
    """A patient in a handover. Whoever was gone or with somebody else when it was accepted is not in it."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="rows")
    session = models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name="handover_rows"
    )

    objects = HandoverSessionQuerySet.as_manager()

    class Meta:
        db_table = "sessions_handover_session"
        constraints = [models.UniqueConstraint(fields=["handover", "session"], name="handover_session_once")]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.session_id}"
