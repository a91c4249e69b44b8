from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.models.medicine_order import DoseUnit, MedicineOrder, Route, StandingOrder


class MedicationGiven(ClinicalFact, Correctable):
    """A medicine was given to the patient, by which order; without one, or beyond it, only with its reason."""

    session = of_session("medicines_given")
    standing_order = models.ForeignKey(
        StandingOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    order = models.ForeignKey(
        MedicineOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="given"
    )
    medicine = models.CharField(max_length=80)
    dose_micrograms = models.PositiveBigIntegerField()
    dose_typed = models.CharField(max_length=12)
    dose_unit = models.CharField(max_length=4, choices=DoseUnit.choices)
    route = models.CharField(max_length=12, choices=Route.choices)
    indication = models.CharField(max_length=200, blank=True)
    side_effect = models.ForeignKey(
        "infusion_sessions.SideEffect",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="medicines",
    )
    obstacles = models.JSONField(default=list, blank=True)
    departure_reason = models.TextField(
        blank=True, help_text=_("Why it was given although the order does not cover it.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_medication_given"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(dose_micrograms__gt=0), name="medication_given_dose"),
            models.CheckConstraint(
                condition=Q(standing_order__isnull=True) | Q(order__isnull=True),
                name="medication_given_by_one_order",
            ),
            models.CheckConstraint(
                condition=Q(standing_order__isnull=False) | Q(order__isnull=False) | ~Q(departure_reason=""),
                name="medication_given_by_order_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medicine} {self.dose_typed} {self.get_dose_unit_display()} {self.get_route_display()}"


class MedicationEffect(ClinicalFact):
    """What a medicine did, seen some time after it was given; the latest row stands."""

    class Outcome(models.TextChoices):
        HELPED = "helped", _("Helped")
        UNCHANGED = "unchanged", _("No change")
        WORSE = "worse", _("Worse")

    session = of_session("medicine_effects")
    given = models.ForeignKey(MedicationGiven, on_delete=models.PROTECT, related_name="effects")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_medication_effect"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.given_id}: {self.outcome}"
