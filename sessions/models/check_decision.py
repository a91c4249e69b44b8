"""Whether to go on after the check: what a prescriber is asked, and what is decided."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class DecisionRequestQuerySet(SessionFactQuerySet):
    def unanswered(self) -> Self:
        """Questions that nobody has decided yet."""
        return self.filter(~Exists(CheckDecision.objects.filter(request=OuterRef("pk"))))


class DecisionRequest(ClinicalFact):
    """A nurse asks a prescriber to decide. Until somebody does, the infusion does not start."""

    session = of_session("decision_requests")
    question = models.TextField()

    objects = DecisionRequestQuerySet.as_manager()

    class Meta:
        db_table = "sessions_decision_request"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return self.question


class CheckDecision(ClinicalFact):
    """What is decided after the check; the latest row stands.

    Attributes:
        request: the question that it answers; one decision at most answers a question.
        changes: what is changed, as codes of :class:`Change`; ``words`` say to what.
        by_prescriber: whether the author held a prescriber's right then: only another prescriber goes against it.
    """

    class Outcome(models.TextChoices):
        PROCEED = "proceed", _("Proceed")
        CHANGE = "change", _("Proceed with a change")
        WAIT = "wait", _("Wait")
        CANCEL = "cancel", _("Cancel today")

    class Change(models.TextChoices):
        """What a prescriber may want otherwise."""

        DOSE = "dose", _("Dose")
        DURATION = "duration", _("Duration")
        OBSERVATION = "observation", _("Observation")
        OTHER = "other", _("Something else")

    session = of_session("check_decisions")
    request = models.OneToOneField(
        DecisionRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="decision"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    changes = models.JSONField(default=list, blank=True)
    words = models.TextField(blank=True)
    waits_until = models.DateTimeField(null=True, blank=True)
    by_prescriber = models.BooleanField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_check_decision"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="wait", waits_until__isnull=False)
                | (~Q(outcome="wait") & Q(waits_until__isnull=True)),
                name="check_decision_waits_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_outcome_display())

    @property
    def change_words(self) -> list[str]:
        """The changes by name."""
        known = dict(self.Change.choices)
        return [str(known[code]) for code in self.changes if code in known]
