from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned
from patients.models import Channel


class ReminderTextQuerySet(models.QuerySet["ReminderText"]):
    def for_user(self, actor: Actor) -> "ReminderTextQuerySet":
        return self.filter(site__in=actor.site_ids)

    def in_use(self) -> "ReminderTextQuerySet":
        return self.filter(is_in_use=True)


class ReminderText(PublicModel, Revisioned):
    """What a site tells its patients before a visit, in one language by one channel, and how long before.

    The text may name the first name, the day, the time, the site and its telephone, and never the treatment.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10, default="en")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField()
    days_before = models.PositiveSmallIntegerField(default=1)
    send_at = models.TimeField(help_text=_("On the patient's clocks."))
    is_in_use = models.BooleanField(default=True)

    history = HistoricalRecords(table_name="sessions_reminder_text_history")
    objects = ReminderTextQuerySet.as_manager()

    class Meta:
        db_table = "sessions_reminder_text"
        ordering = ["site", "name", "language", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name", "language", "channel"], name="reminder_text_once")
        ]

    def __str__(self) -> str:
        return self.name


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def for_user(self, actor: Actor) -> "ReminderQuerySet":
        return self.filter(session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> "ReminderQuerySet":
        return self.select_for_update(no_key=True, of=("self",))


class Reminder(PublicModel, Revisioned):
    """One message to one patient about one visit, and what became of it."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Not sent")

    session = models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name="reminders"
    )
    text = models.ForeignKey(ReminderText, on_delete=models.PROTECT, related_name="reminders")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField()
    visit_at = models.DateTimeField(help_text=_("The booked time it speaks of; a moved visit gets another."))
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True, help_text=_("Why it was not sent."))
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(table_name="sessions_reminder_history")
    objects = ReminderQuerySet.as_manager()

    class Meta:
        db_table = "sessions_reminder"
        ordering = ["-due_at", "-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="reminder_due")]
        constraints = [
            models.UniqueConstraint(fields=["session", "text", "visit_at"], name="reminder_once_per_visit")
        ]

    def __str__(self) -> str:
        return f"{self.text} for {self.session_id}"
