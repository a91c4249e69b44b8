from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from clinic.common.models import AppendOnly, PublicModel
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS


class SideEffect(AppendOnly, PublicModel):
    """One side effect of one session. What is known of it grows by :class:`SideEffectEntry` rows."""

    session = of_session("side_effects")
    term = models.SlugField(max_length=40, choices=[(term.code, term.label) for term in SIDE_EFFECT_TERMS])
    onset_at = models.DateTimeField()
    moment = models.SlugField(
        max_length=24, blank=True, help_text="Found when asked at this moment of the protocol."
    )
    after_signature = models.BooleanField(
        default=False, help_text="Reported after the author's signature, which does not cover it."
    )

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

    @property
    def seriousness(self) -> "SideEffectEntry | None":
        """The entry that says whether it is serious; None while nobody has answered that.

        An entry may leave the question out. What was called life-threatening before the question was asked is
        serious all the same.
        """
        entries = list(self.entries.all())
        said = [entry for entry in entries if entry.serious is not None]
        grave = [entry for entry in entries if entry.grade == SideEffectEntry.Grade.LIFE_THREATENING]
        return next(reversed(said or grave), None)

    @property
    def is_serious(self) -> bool:
        said = self.seriousness
        return said is not None and said.serious is not False


class SideEffectEntry(ClinicalFact):
    """What was seen of a side effect at a moment; the latest row stands.

    ``grade`` is how bad it was to the eye at the chair. The CTCAE grade is the prescriber's and another thing
    (:class:`sessions.models.SideEffectReview`); so is whether it is serious, which says what it led to.
    """

    class Grade(models.IntegerChoices):
        """Severity at the bedside. The fourth was a grade once; it is severe, with a criterion of seriousness."""

        MILD = 1, _("Mild")
        MODERATE = 2, _("Moderate")
        SEVERE = 3, _("Severe")
        LIFE_THREATENING = 4, _("Life-threatening")

    class Severity(models.TextChoices):
        """The three words that are said at the chair."""

        MILD = "mild", _("Mild")
        MODERATE = "moderate", _("Moderate")
        SEVERE = "severe", _("Severe")

    class Criterion(models.TextChoices):
        """What makes an event serious, as ICH E2A has it: what it led to, not how bad it felt."""

        DEATH = "death", _("Death")
        LIFE_THREATENING = "life-threatening", _("Life-threatening at the time")
        HOSPITALISATION = "hospitalisation", _("Hospital stay, or a longer one")
        DISABILITY = "disability", _("Lasting or significant disability")
        BIRTH_DEFECT = "birth-defect", _("Birth defect")
        IMPORTANT = "important-event", _("Important medical event, by judgement")

    class ActionTaken(models.TextChoices):
        NONE = "none", _("None")
        COMFORT = "comfort", _("Comfort measures")
        MEDICATION = "medication", _("Medicine given")
        SLOWED = "slowed", _("Infusion slowed")
        PAUSED = "paused", _("Infusion paused")
        STOPPED = "stopped", _("Infusion stopped")

    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="entries")
    session = of_session("+")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    action_taken = models.CharField(max_length=12, choices=ActionTaken.choices, default=ActionTaken.NONE)
    resolved_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    serious = models.BooleanField(null=True, blank=True, help_text="Empty: not answered with this entry.")
    serious_criteria = models.JSONField(default=list, blank=True)
    after_signature = models.BooleanField(
        default=False, help_text="Entered after the author's signature, which does not cover it."
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_entry"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.side_effect_id} grade {self.grade}"

    @property
    def severity(self) -> "SideEffectEntry.Severity":
        return list(self.Severity)[min(self.grade, self.Grade.SEVERE) - 1]

    @property
    def criteria(self) -> list[Any]:
        """The criteria of seriousness in words."""
        known = dict(self.Criterion.choices)
        return [known.get(code, code) for code in self.serious_criteria]


class SideEffectInquiry(ClinicalFact):
    """The patient was asked about side effects and had none: not the same as nobody asking."""

    session = of_session("side_effect_inquiries")
    moment = models.SlugField(
        max_length=24, blank=True, help_text="The moment of the protocol that this answers."
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_side_effect_inquiry"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"asked at {self.taken_at:%H:%M}"
