from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.accounts.permissions import Permission


class ReevaluationQuerySet(models.QuerySet["Reevaluation"]):
    def for_user(self, actor: Actor) -> "ReevaluationQuerySet":
        """Of courses at sites where the actor may open patients' records."""
        return self.filter(course__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class Reevaluation(ClinicalFact):
    """A prescriber looked again at a course after some of its infusions, and decided how it goes on."""

    class Decision(models.TextChoices):
        """How the course goes on."""

        CONTINUE = "continue", _("Continue as ordered")
        CHANGE = "change", _("Continue with a change")
        STOP = "stop", _("Stop the course")

    course = models.ForeignKey(
        "infusion_sessions.Course", on_delete=models.PROTECT, related_name="reevaluations"
    )
    delivered = models.PositiveSmallIntegerField(
        help_text=_("How many infusions of the course had been given by then.")
    )
    decision = models.CharField(max_length=10, choices=Decision.choices)
    note = models.TextField(blank=True)

    objects = ReevaluationQuerySet.as_manager()

    class Meta:
        db_table = "sessions_reevaluation"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} after {self.delivered}"
