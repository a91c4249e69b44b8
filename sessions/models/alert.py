from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import AppendOnly, PublicModel
from sessions.models.facts import of_session
from sessions.states import ENDED, PRESENT

LEVELS = [
    ("info", _("Inform")),
    ("warn", _("Warn")),
    ("hold_start", _("Do not start")),
    ("pause", _("Pause")),
    ("stop", _("Stop")),
    ("emergency", _("Emergency")),
]
"""As :class:`sessions.rules.protocols.LimitLevel` has them, in the order of urgency."""


class AlertQuerySet(models.QuerySet["Alert"]):
    def for_user(self, actor: Actor) -> "AlertQuerySet":
        return self.filter(session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def _having(self, *kinds: str) -> Exists:
        return Exists(AlertEntry.objects.filter(alert=OuterRef("pk"), kind__in=kinds))

    def that_ask(self) -> "AlertQuerySet":
        """Those of a level that asks for an acknowledgement: to be informed is no task."""
        return self.exclude(level="info")

    def unsettled(self) -> "AlertQuerySet":
        """Nobody has said what was done, nothing worse took their place, and the reading stands."""
        return self.that_ask().filter(~self._having("acknowledged", "worsened", "retracted"))

    def open(self) -> "AlertQuerySet":
        """As :meth:`unsettled`, of a patient who is here."""
        return self.unsettled().filter(session__status__in=PRESENT)

    def unanswered(self) -> "AlertQuerySet":
        """As :meth:`unsettled`, of a patient who has left: there is nothing to be done at the chair any more."""
        return self.unsettled().filter(session__status__in=ENDED)

    def unresolved(self) -> "AlertQuerySet":
        """As far as is known the value is still beyond the limit."""
        last = AlertEntry.objects.filter(alert=OuterRef("pk"), kind__in=("ended", "reopened", "retracted"))
        state = models.Subquery(last.order_by("-pk").values("kind")[:1])
        return self.annotate(course_of_it=state).filter(Q(course_of_it=None) | Q(course_of_it="reopened"))


class Alert(AppendOnly, PublicModel):
    """A reading crossed a limit, or came to a worse tier of it. What became of it stands in its entries.

    Attributes:
        side: ``above`` or ``below`` the limit.
        rule: the limit as it stood, also when its version is retired.
        rule_key: names that rule in addresses and counts.
        value: what was held against it: the measurement or its change.
        before: what the change was counted from.
        is_live: the reading was fresh when it came; one that came late is raised for review and pages nobody.
    """

    session = of_session("alerts")
    parameter = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    level = models.CharField(max_length=12, choices=LEVELS)
    rule = models.JSONField()
    rule_key = models.CharField(max_length=80)
    protocol_version = models.ForeignKey(
        "infusion_sessions.ProtocolVersion", on_delete=models.PROTECT, related_name="+"
    )
    patient_limit = models.ForeignKey(
        "infusion_sessions.PatientLimit", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reading = models.ForeignKey("infusion_sessions.VitalSigns", on_delete=models.PROTECT, related_name="+")
    value = models.FloatField()
    before = models.FloatField(null=True, blank=True)
    is_live = models.BooleanField(
        help_text=_("Fresh when it came; a late reading is for review and pages nobody.")
    )
    raised_at = models.DateTimeField()

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "sessions_alert"
        ordering = ["raised_at", "pk"]
        indexes = [
            models.Index(fields=["session", "raised_at"], name="alerts_of_session"),
            models.Index(fields=["raised_at", "rule_key"], name="alerts_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["above", "below"]), name="alert_side_known"),
            models.CheckConstraint(
                condition=Q(level__in=[code for code, _label in LEVELS]), name="alert_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.parameter} {self.side}"


class AlertEntryQuerySet(models.QuerySet["AlertEntry"]):
    def for_user(self, actor: Actor) -> "AlertEntryQuerySet":
        return self.filter(alert__session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class AlertEntry(AppendOnly, PublicModel):
    """Something that became of an alert.

    Attributes:
        step: of the escalation, one of :class:`sessions.rules.alert_escalation.Step`.
        to: who was told; None with a step: nobody was there for it.
        channel: by which it was told: ``screen``, ``sms`` or ``email``.
        cause: why it was taken back or goes on after all, where no reading was corrected.
        reading: the one that ended it or took it back.
        worse: the alert that took its place.
        after_signature: written when the chart was signed already; the signature does not cover it.
        by: who did it; None: the house itself.
    """

    class Kind(models.TextChoices):
        WORSENED = "worsened", _("Became worse")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        ESCALATED = "escalated", _("Passed on")
        SENDING = "sending", _("Being sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Not delivered")
        ENDED = "ended", _("Back within limits")
        REOPENED = "reopened", _("Goes on after all")
        RETRACTED = "retracted", _("Taken back")

    class Cause(models.TextChoices):
        """What an alert hangs on beside its readings, and was changed."""

        LATE = "late", _("another reading was entered afterwards")
        TIMES = "times", _("the start or the end of the infusion was put right")
        BASELINE = "baseline", _("changes are counted from another reading")
        USUAL = "usual", _("what is usual for the patient was put right in an earlier chart")
        PROTOCOL = "protocol", _("the course was moved to another version of its protocol")

    class ActionTaken(models.TextChoices):
        """What was done, as the published action lists have it."""

        RECHECKED = "rechecked", _("Measured again")
        WATCHED = "watched", _("Watching closely")
        SLOWED = "slowed", _("Rate lowered at the pump")
        PAUSED = "paused", _("Paused at the pump")
        STOPPED = "stopped", _("Stopped at the pump")
        OXYGEN = "oxygen", _("Oxygen given")
        MEDICINE = "medicine", _("Medicine given")
        CALLED = "called", _("Prescriber called")
        EMERGENCY = "emergency", _("Emergency called")
        NOT_STARTED = "not_started", _("Start held back")
        NONE = "none", _("No action needed")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actions = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    step = models.CharField(max_length=10, blank=True)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=6, blank=True)
    cause = models.CharField(max_length=8, choices=Cause.choices, blank=True)
    reading = models.ForeignKey(
        "infusion_sessions.VitalSigns", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    worse = models.ForeignKey(Alert, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    after_signature = models.BooleanField(default=False)

    objects = AlertEntryQuerySet.as_manager()

    class Meta:
        db_table = "sessions_alert_entry"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["alert", "kind"], name="entries_of_alert")]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "step"], condition=Q(kind="escalated"), name="alert_escalated_once"
            ),
            models.UniqueConstraint(
                fields=["alert", "step", "channel"], condition=Q(kind="sending"), name="alert_sent_once"
            ),
            models.UniqueConstraint(
                fields=["alert"], condition=Q(kind="acknowledged"), name="alert_acknowledged_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="acknowledged") | Q(by__isnull=False), name="alert_acknowledged_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind}"


class AlertChannelTestQuerySet(models.QuerySet["AlertChannelTest"]):
    def for_user(self, actor: Actor) -> "AlertChannelTestQuerySet":
        return self.filter(site__in=actor.site_ids)


class AlertChannelTest(AppendOnly, PublicModel):
    """A channel of a site's alerts was tried, and whether the message was taken."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=6)
    is_ok = models.BooleanField()
    why = models.CharField(max_length=300, blank=True, help_text=_("Why it did not work."))
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AlertChannelTestQuerySet.as_manager()

    class Meta:
        db_table = "sessions_alert_channel_test"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["site", "channel", "-at"], name="channel_test_latest")]

    def __str__(self) -> str:
        return f"{self.channel} {'works' if self.is_ok else 'fails'}"
