"""To whom a review climbed that nobody confirmed, and by which ways they were told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.models import AppendOnly, PublicModel
from patients.models.suicide_review import SuicideReview


class ReviewStepQuerySet(models.QuerySet["ReviewStep"]):
    def for_user(self, actor: Actor) -> "ReviewStepQuerySet":
        """Steps of reviews within reach."""
        return self.filter(review__in=SuicideReview.objects.for_user(actor))


class ReviewStep(AppendOnly, PublicModel):
    """A review climbed to somebody, or a message about it went out; taken by the house and not by a person.

    Attributes:
        step: one of :class:`Who`.
        to: who has it from then on or, of the manager, who is informed; None: nobody was named for this step.
        channel: by which they were told: ``screen``, ``sms`` or ``email``; empty for the climbing itself.
        note: why a message was not delivered.
    """

    class Kind(models.TextChoices):
        CLIMBED = "climbed", _("Passed on")
        SENDING = "sending", _("Being sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Not delivered")

    class Who(models.TextChoices):
        """Who has it from the beginning, and the people whom a review climbs to, in this order."""

        COVER = "cover", _("who accepted these hours")
        PRESCRIBER = "prescriber", _("the responsible prescriber")
        ON_CALL = "on_call", _("the clinician on call")
        MANAGER = "manager", _("the manager, for information")

    review = models.ForeignKey(SuicideReview, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    step = models.CharField(max_length=10, choices=Who.choices)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=6, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    objects = ReviewStepQuerySet.as_manager()

    class Meta:
        db_table = "patients_review_step"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["review", "kind"], name="steps_of_review")]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "step", "to"],
                condition=Q(kind="climbed", to__isnull=False),
                name="review_climbed_once",
            ),
            # That nobody was named is written down once too; whoever is named later is told after all.
            models.UniqueConstraint(
                fields=["review", "step"],
                condition=Q(kind="climbed", to__isnull=True),
                name="review_climbed_to_nobody_once",
            ),
            models.UniqueConstraint(
                fields=["review", "step", "to", "channel"],
                condition=Q(kind="sending"),
                name="review_step_sent_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="climbed", channel="")
                | ~Q(kind="climbed") & ~Q(channel="") & Q(to__isnull=False),
                name="review_step_channel_of_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.kind}"
