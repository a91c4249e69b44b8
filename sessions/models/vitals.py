from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session


class VitalSigns(ClinicalFact, Correctable):
    """One set of vital signs; what was not measured is null. Units (UCUM) stand in the help texts."""

    class TemperatureUnit(models.TextChoices):
        CELSIUS = "Cel", _("°C")
        FAHRENHEIT = "[degF]", _("°F")

    session = of_session("vital_signs")
    systolic = models.PositiveSmallIntegerField(null=True, blank=True, help_text="mm[Hg], LOINC 8480-6")
    diastolic = models.PositiveSmallIntegerField(null=True, blank=True, help_text="mm[Hg], LOINC 8462-4")
    heart_rate = models.PositiveSmallIntegerField(null=True, blank=True, help_text="/min, LOINC 8867-4")
    respiratory_rate = models.PositiveSmallIntegerField(null=True, blank=True, help_text="/min, LOINC 9279-1")
    oxygen_saturation = models.PositiveSmallIntegerField(null=True, blank=True, help_text="%, LOINC 2708-6")
    temperature_typed = models.CharField(max_length=8, blank=True)
    temperature_unit = models.CharField(max_length=8, choices=TemperatureUnit.choices, blank=True)
    temperature_decicelsius = models.SmallIntegerField(
        null=True, blank=True, help_text="0.1 Cel, LOINC 8310-5"
    )
    sedation = models.PositiveSmallIntegerField(null=True, blank=True, help_text="MOAA/S, 0 to 5")
    dissociation = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 10 at this moment")
    rass = models.SmallIntegerField(null=True, blank=True, help_text="RASS, -5 to 4")
    pain = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 10, LOINC 72514-3")
    oxygen_flow = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Oxygen given, L/min")
    confirmed_unusual = models.BooleanField(
        default=False, help_text=_("Typed again or confirmed after a question about typing.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_vital_signs"
        ordering = ["taken_at", "pk"]
        indexes = [models.Index(fields=["session", "-taken_at"], name="vitals_of_session")]
        constraints = [
            models.CheckConstraint(
                condition=Q(systolic__isnull=True, diastolic__isnull=True)
                | Q(systolic__isnull=False, diastolic__isnull=False, diastolic__lt=F("systolic")),
                name="vitals_bp_whole",
            ),
            models.CheckConstraint(
                condition=Q(retracted=True)
                | Q(systolic__isnull=False)
                | Q(heart_rate__isnull=False)
                | Q(respiratory_rate__isnull=False)
                | Q(oxygen_saturation__isnull=False)
                | Q(temperature_decicelsius__isnull=False)
                | Q(sedation__isnull=False)
                | Q(dissociation__isnull=False)
                | Q(rass__isnull=False)
                | Q(pain__isnull=False)
                | Q(oxygen_flow__isnull=False),
                name="vitals_say_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.systolic}/{self.diastolic} at {self.taken_at:%H:%M}"
