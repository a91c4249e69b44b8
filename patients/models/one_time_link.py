"""One-time links: a patient answers certain questions without an account."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.common.models import PublicModel, Revisioned
from patients.models.patient import PatientRowQuerySet

SIDE_EFFECTS = "side-effects"
"""A part that is no questionnaire: what became of it is stored by the floor that knows infusions."""


class OneTimeLinkQuerySet(PatientRowQuerySet):
    def open_at(self, now: datetime) -> "OneTimeLinkQuerySet":
        """Those whose address opens the questions at a moment."""
        ended = Q(answered_at__isnull=False) | Q(revoked_at__isnull=False)
        return self.filter(due_at__lte=now, expires_at__gt=now).exclude(ended)


class OneTimeLink(PublicModel, Revisioned):
    """Opens certain questions for one patient until it is answered, expires or is revoked.

    The secret in its address is told once and stored nowhere: only its digest is, as for an API token.

    Attributes:
        parts: codes of questionnaires, and :data:`SIDE_EFFECTS`, in the order in which they are asked.
        due_at: from when it may be opened. expires_at: until when.
    """

    class Purpose(models.TextChoices):
        """What it was made for."""

        CHECK_IN = "check_in", _("Check-in between sessions")
        TABLET = "tablet", _("On a tablet that was handed over")
        ASKED = "asked", _("Asked by staff")

    class State(models.TextChoices):
        """How it stands; worked out, not stored."""

        MADE = "made", _("Made, not opened")
        SENT = "sent", _("Sent")
        OPENED = "opened", _("Opened")
        ANSWERED = "answered", _("Answered")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="one_time_links")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    parts = models.JSONField()
    language = models.CharField(max_length=10, default="en")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(table_name="patients_one_time_link_history", excluded_fields=["secret_hash"])
    objects = OneTimeLinkQuerySet.as_manager()

    class Meta:
        db_table = "patients_one_time_link"
        ordering = ["-due_at", "-pk"]
        indexes = [models.Index(fields=["patient", "-due_at"], name="one_time_link_of_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("due_at")), name="one_time_link_in_order"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(revoked_at__isnull=True),
                name="one_time_link_answered_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.due_at:%Y-%m-%d}"

    def state(self, now: datetime) -> "OneTimeLink.State":
        """How it stands at a moment: what happened to it last, an answer or a revocation before all."""
        if self.revoked_at:
            return self.State.REVOKED
        if self.answered_at:
            return self.State.ANSWERED
        if self.expires_at <= now:
            return self.State.EXPIRED
        if self.opened_at:
            return self.State.OPENED
        return self.State.SENT if self.sent_at else self.State.MADE

    def is_open(self, now: datetime) -> bool:
        """Whether its address opens the questions."""
        ended = self.answered_at or self.revoked_at
        return not ended and self.due_at <= now < self.expires_at


class LinkAnswer(models.Model):
    """What was typed into one part so far, finished or not: a draft, kept so that nothing typed is lost.

    Attributes:
        answers: as typed, by item.
        assessment: the questionnaire that stands recorded from these answers, if any does.
        wording: the licensed words in which they were given last; None where the words are this software's.
    """

    link = models.ForeignKey(OneTimeLink, on_delete=models.PROTECT, related_name="answers")
    part = models.SlugField(max_length=20)
    answers = models.JSONField(default=dict, blank=True)
    assessment = models.ForeignKey(
        "patients.Assessment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    wording = models.ForeignKey(
        "patients.LicensedWording", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "patients_link_answer"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["link", "part"], name="link_answer_once_a_part")]

    def __str__(self) -> str:
        return f"{self.part} of {self.link_id}"
