from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.models import ClinicalFact
from patients.models.entry import RecordEntry
from patients.models.patient import Patient, PatientRowQuerySet


class Allergy(RecordEntry):
    """A substance that the patient must not be given."""

    class Severity(models.TextChoices):
        """How bad the worst reaction was."""

        MILD = "mild", _("Mild")
        MODERATE = "moderate", _("Moderate")
        SEVERE = "severe", _("Severe")
        UNKNOWN = "unknown", _("Unknown")

    noun = "allergy"
    substance = models.CharField(_("substance"), max_length=120)
    reaction = models.CharField(_("reaction"), max_length=200, blank=True)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.UNKNOWN
    )

    history = HistoricalRecords(table_name="patients_allergy_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_allergy"
        ordering = ["substance", "pk"]

    def __str__(self) -> str:
        return self.substance


class NoKnownAllergies(ClinicalFact):
    """The patient was asked and knows of no allergy. It stands until one is listed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="no_known_allergies")

    objects = PatientRowQuerySet.as_manager()

    class Meta:
        db_table = "patients_no_known_allergies"
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"asked {self.taken_at:%Y-%m-%d}"


class AllergyStatus(models.TextChoices):
    """What an empty list of allergies means."""

    LISTED = "listed", _("Allergies listed")
    NONE_KNOWN = "none_known", _("No known allergies")
    NOT_ASKED = "not_asked", _("Allergies not asked yet")


def allergy_status(patient: Patient) -> AllergyStatus:
    """Whether allergies are listed, denied, or were never asked about; an empty list alone says nothing.

    A denial stands only if no allergy was listed after it: one that was listed and ended calls for asking again.
    """
    return allergies_of(patient)[1]


def allergies_of(patient: Patient) -> tuple[list[Allergy], AllergyStatus]:
    """What is listed today, and :func:`allergy_status`; two queries at most."""
    every = list(Allergy.objects.filter(patient=patient))
    listed = [entry for entry in every if entry.ended_on is None]
    if listed:
        return listed, AllergyStatus.LISTED
    asked = NoKnownAllergies.objects.filter(patient=patient).order_by("-entered_at").first()
    if asked is None or any(
        entry.recorded_at > asked.entered_at and not entry.entered_in_error for entry in every
    ):
        return [], AllergyStatus.NOT_ASKED
    return [], AllergyStatus.NONE_KNOWN
