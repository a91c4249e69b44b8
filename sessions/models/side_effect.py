from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from clinic.common.models import PublicModel
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS


class SideEffect(PublicModel):
    """One side effect of one session. What is known of it grows by :class:`SideEffectEntry` rows."""

    session = of_session("side_effects")
    term = models.SlugField(max_length=40, choices=[(term.code, term.label) for term in SIDE_EFFECT_TERMS])
    onset_at = models.DateTimeField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect"
        ordering = ["onset_at", "pk"]

    def __str__(self) -> str:
        return self.get_term_display()

    @property
    def latest(self) -> "SideEffectEntry | None":
        """What stands of it: the last entry; entries that were loaded are not asked for again."""
        entries = list(self.entries.all())
        return entries[-1] if entries else None


class SideEffectEntry(ClinicalFact):
    """What was seen of a side effect at a moment; the latest row stands."""

    class Grade(models.IntegerChoices):
        """CTCAE v5.0 general grades (NCI, 27 November 2017); severe is not the same as serious."""

        MILD = 1, _("Mild")
        MODERATE = 2, _("Moderate")
        SEVERE = 3, _("Severe")
        LIFE_THREATENING = 4, _("Life-threatening")

    class ActionTaken(models.TextChoices):
        NONE = "none", _("None")
        COMFORT = "comfort", _("Comfort measures")
        MEDICATION = "medication", _("Medicine given")
        PAUSED = "paused", _("Infusion paused")
        STOPPED = "stopped", _("Infusion stopped")

    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="entries")
    session = of_session("+")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    action_taken = models.CharField(max_length=12, choices=ActionTaken.choices, default=ActionTaken.NONE)
    resolved_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_entry"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.side_effect_id} grade {self.grade}"


class SideEffectInquiry(ClinicalFact):
    """The patient was asked about side effects and had none: not the same as nobody asking."""

    session = of_session("side_effect_inquiries")

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_inquiry"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"asked at {self.taken_at:%H:%M}"
