"""Filled-in questionnaires."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable, FactQuerySet
from patients.models.patient import PatientRowQuerySet
from patients.scoring.instrument import Choice, Instrument, Item
from patients.scoring.registry import INSTRUMENTS


class AssessmentQuerySet(PatientRowQuerySet, FactQuerySet):  # type: ignore[override]
    def scored(self) -> Any:
        """Those with a total: every scored item was answered."""
        return self.filter(total__isnull=False)


class Assessment(ClinicalFact, Correctable):
    """One filled-in questionnaire, complete or not.

    Attributes:
        answers: ``{item code: number}``; an item without an answer is left out.
        total: None unless every scored item is answered.
        band: code of the severity band, empty without a total.
        is_flagged: an answer that a clinician must look at before treatment (item 9 of the PHQ-9 above zero).
        imported_in: the file of another system that it came in with; who imported it and when stands in
            ``entered_by`` and ``entered_at``, and ``taken_by`` is the same person: files do not name their raters.
        wording: the licensed words in which it was asked; None where the words are this software's or none were shown.
    """

    class Mode(models.TextChoices):
        """How the answers were given."""

        PAPER = "paper", _("On paper")
        INTERVIEW = "interview", _("In an interview")
        SELF = "self", _("By the patient on a screen")
        IMPORTED = "imported", _("From another system")

        @classmethod
        def typed(cls) -> list[tuple[str, Any]]:
            """Those of answers that are given here."""
            return [choice for choice in cls.choices if choice[0] != cls.IMPORTED]

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="assessments")
    instrument_code = models.CharField(max_length=20)
    instrument_version = models.CharField(max_length=20)
    answers = models.JSONField(blank=True)
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    band = models.CharField(max_length=30, blank=True)
    is_flagged = models.BooleanField(default=False)
    wording = models.ForeignKey(
        "patients.LicensedWording", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    mode = models.CharField(_("filled in"), max_length=10, choices=Mode.choices, default=Mode.PAPER)
    imported_in = models.ForeignKey(
        "patients.ImportBatch",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assessments",
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        db_table = "patients_assessment"
        ordering = ["-taken_at", "-pk"]
        indexes = [
            models.Index(fields=["patient", "instrument_code", "taken_at"], name="assessment_of_patient")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(total__isnull=True, band="") | (Q(total__isnull=False) & ~Q(band="")),
                name="assessment_band_with_total",
            ),
            models.CheckConstraint(
                condition=Q(mode="imported", imported_in__isnull=False)
                | (~Q(mode="imported") & Q(imported_in__isnull=True)),
                name="assessment_imported_with_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument.name} {self.taken_at:%Y-%m-%d}"

    @property
    def instrument(self) -> Instrument:
        return INSTRUMENTS[self.instrument_code, self.instrument_version]

    @property
    def band_label(self) -> str:
        return self.instrument.band_label(self.band)

    @property
    def is_total_only(self) -> bool:
        """Only the total came with it, from another system: what was answered is not known here."""
        return self.total is not None and not self.answers

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of the scored items without an answer; none where only a total is known."""
        return () if self.is_total_only else self.instrument.score(self.answers).missing

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the items that a clinician must look at."""
        return self.instrument.score(self.answers).flags

    def rows(self, shown: Instrument) -> list[tuple[Item, Choice | None]]:
        """Every item of the questionnaire as it is shown, with the answer given, for reading."""
        return [
            (item, item.choice(self.answers[item.code]) if item.code in self.answers else None)
            for item in shown.items
        ]
