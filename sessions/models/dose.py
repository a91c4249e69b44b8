from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session


class WeightMeasurement(ClinicalFact, Correctable):
    """A body weight as read off the scale, in the unit typed, beside whole grams."""

    class Unit(models.TextChoices):
        KILOGRAM = "kg", _("kg")
        POUND = "[lb_av]", _("lb")

    session = of_session("weights")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    typed_value = models.CharField(max_length=12)
    typed_unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.KILOGRAM)
    grams = models.PositiveIntegerField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_weight_measurement"
        ordering = ["taken_at", "pk"]
        indexes = [models.Index(fields=["patient", "-taken_at"], name="weight_of_patient")]

    def __str__(self) -> str:
        return f"{self.typed_value} {self.typed_unit}"


class DoseConfirmation(ClinicalFact):
    """The dose that a nurse confirmed, with everything it was computed from; the latest row stands.

    Whole micrograms, microlitres and microlitres per hour, as :mod:`sessions.rules.dosing` rounds them.
    """

    session = of_session("doses")
    weight = models.ForeignKey(WeightMeasurement, on_delete=models.PROTECT, related_name="+")
    dose_micrograms_per_kg = models.PositiveIntegerField()
    dose_micrograms = models.PositiveIntegerField()
    is_capped = models.BooleanField(default=False)
    concentration_micrograms_per_ml = models.PositiveIntegerField()
    drug_microlitres = models.PositiveIntegerField()
    bag_microlitres = models.PositiveIntegerField()
    duration_minutes = models.PositiveSmallIntegerField()
    rate_microlitres_per_hour = models.PositiveIntegerField()
    reason = models.TextField(blank=True, help_text=_("Why the dose departs from the order, if it does."))
    protocol_version = models.ForeignKey(
        "infusion_sessions.ProtocolVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    preparation = models.ForeignKey(
        "infusion_sessions.Preparation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    weight_basis = models.CharField(max_length=10, blank=True)
    dosing_weight_grams = models.PositiveIntegerField(null=True, blank=True)
    dosing_weight_source = models.TextField(
        blank=True, help_text=_("How a dosing weight other than the measured one was come by.")
    )
    rounding_micrograms = models.PositiveIntegerField(null=True, blank=True)
    last_dose_micrograms = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("What was confirmed at the infusion before, as it was shown.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_dose_confirmation"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.dose_micrograms} µg"
