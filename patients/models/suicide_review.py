"""What was done about an answer on suicide: one review for each, which grows until a clinician has closed it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.common.models import PublicModel
from patients.models.patient import PatientRowQuerySet


class SafetyPlan(ClinicalFact):
    """A safety plan made with the patient; the latest one stands, until its day."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="safety_plans")
    review_by = models.DateField(_("review by"))
    text = models.TextField(_("plan"))

    objects = PatientRowQuerySet.as_manager()

    class Meta:
        db_table = "patients_safety_plan"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"safety plan until {self.review_by}"

    def is_in_date(self, day: date) -> bool:
        """Whether it still holds on a day."""
        return day <= self.review_by


class SuicideReviewQuerySet(PatientRowQuerySet):
    def open(self) -> Any:
        """Those that no entry has closed."""
        closed = SuicideReviewEntry.objects.filter(review=OuterRef("pk"), kind=SuicideReviewEntry.Kind.CLOSED)
        return self.filter(~Exists(closed))

    def before_start(self) -> Any:
        """Those that a prescriber looks at before any infusion."""
        return self.filter(urgency=SuicideReview.Urgency.BEFORE_START)

    def with_entries(self) -> Any:
        """With their patients and places, and what was done, by whom."""
        rows = self.select_related("patient", "site", "assessment")
        return rows.prefetch_related("entries__owner", "entries__taken_by", "steps__to")


class SuicideReview(PublicModel):
    """An answer on suicide that a clinician looks at. Who owns it and what was done stands in its entries.

    Attributes:
        reasons: codes of what called for it (:class:`patients.rules.suicide.Reason`).
        due_at: by when it is confirmed, by the site's policy.
    """

    class Urgency(models.TextChoices):
        """How soon, and by whom."""

        SAME_DAY = "same_day", _("Same day, by a clinician")
        BEFORE_START = "before_start", _("Before any infusion, by a prescriber")

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="suicide_reviews")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(
        "patients.Assessment", null=True, blank=True, on_delete=models.PROTECT, related_name="suicide_reviews"
    )
    urgency = models.CharField(max_length=14, choices=Urgency.choices)
    reasons = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()

    objects = SuicideReviewQuerySet.as_manager()

    class Meta:
        db_table = "patients_suicide_review"
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["site", "due_at"], name="suicide_review_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(assessment__isnull=False),
                name="suicide_review_once_for_an_assessment",
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.patient} due {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def needs_prescriber(self) -> bool:
        """Whether a prescriber looks at it, before any infusion."""
        return bool(self.urgency == self.Urgency.BEFORE_START)


class SuicideReviewEntryQuerySet(models.QuerySet["SuicideReviewEntry"]):
    def for_user(self, actor: Actor) -> "SuicideReviewEntryQuerySet":
        """Entries of reviews within reach."""
        return self.filter(review__in=SuicideReview.objects.for_user(actor))


class SuicideReviewEntry(ClinicalFact):
    """One thing that happened to a review; rows are never changed."""

    class Kind(models.TextChoices):
        """What happened."""

        ASSIGNED = "assigned", _("Given to")
        CONFIRMED = "confirmed", _("Receipt confirmed")
        ACTED = "acted", _("Done")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        """What the clinician found; each is a decision of theirs, not of the software."""

        SAFE_TO_PROCEED = "safe_to_proceed", _("Safe to go on with treatment")
        PLAN_MADE = "plan_made", _("Safety plan made or renewed")
        HOLD = "hold", _("Treatment held")
        EMERGENCY = "emergency", _("Emergency care")

    review = models.ForeignKey(SuicideReview, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    text = models.TextField(blank=True)

    objects = SuicideReviewEntryQuerySet.as_manager()

    class Meta:
        db_table = "patients_suicide_review_entry"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="closed") & ~Q(outcome="")) | (~Q(kind="closed") & Q(outcome="")),
                name="suicide_review_closed_says_how",
            ),
            models.CheckConstraint(
                condition=(Q(kind="assigned") & Q(owner__isnull=False))
                | (~Q(kind="assigned") & Q(owner__isnull=True)),
                name="suicide_review_assigned_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(kind="closed"), name="suicide_review_closed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entered_at:%H:%M}"
