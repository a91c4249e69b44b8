from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.models.side_effect import SideEffect


class SideEffectNarrative(ClinicalFact):
    """The story of a serious side effect; each writing is a version of its own, and the last one stands."""

    session = of_session("+")
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="narratives")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_narrative"
        ordering = ["side_effect", "number"]
        constraints = [
            models.UniqueConstraint(fields=["side_effect", "number"], name="narrative_version_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class SideEffectReview(ClinicalFact):
    """A prescriber's judgement of a side effect: grade by CTCAE, cause by WHO-UMC, and how it ended.

    The last one stands. It comes after the chair, often after the chart's signature, and is no part of what that
    covers.
    """

    class Causality(models.TextChoices):
        """The WHO-UMC scale."""

        CERTAIN = "certain", _("Certain")
        PROBABLE = "probable", _("Probable or likely")
        POSSIBLE = "possible", _("Possible")
        UNLIKELY = "unlikely", _("Unlikely")
        CONDITIONAL = "conditional", _("Conditional, unclassified")
        UNASSESSABLE = "unassessable", _("Cannot be assessed")

    class Outcome(models.TextChoices):
        """How it stood at the review."""

        RECOVERED = "recovered", _("Recovered")
        RECOVERING = "recovering", _("Recovering")
        SEQUELAE = "sequelae", _("Recovered with sequelae")
        NOT_RECOVERED = "not_recovered", _("Not recovered")
        FATAL = "fatal", _("Fatal")
        UNKNOWN = "unknown", _("Not known")

    session = of_session("+")
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="reviews")
    ctcae_version = models.CharField(max_length=8, blank=True)
    ctcae_code = models.CharField(max_length=12, blank=True)
    ctcae_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    causality = models.CharField(max_length=12, choices=Causality.choices)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    comment = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_review"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ctcae_code="", ctcae_version="", ctcae_grade__isnull=True)
                | (~Q(ctcae_code="") & ~Q(ctcae_version="") & Q(ctcae_grade__gte=1, ctcae_grade__lte=5)),
                name="effect_review_grade_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_causality_display()}, {self.get_outcome_display()}"
