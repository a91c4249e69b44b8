"""An emergency at the chair: a log of moments, so that nobody has to remember them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session


class EmergencyStep(ClinicalFact, Correctable):
    """One thing done in an emergency. The first is the alarm; ``over`` ends what the last alarm began."""

    class Kind(models.TextChoices):
        """What is worth its own button; anything else is ``other`` with words."""

        ALARM = "alarm", _("Emergency")
        PUMP_STOPPED = "pump_stopped", _("Pump stopped")
        AIRWAY = "airway", _("Airway opened")
        OXYGEN = "oxygen", _("Oxygen given")
        DRUG = "drug", _("Drug given")
        COMPRESSIONS = "compressions", _("Chest compressions")
        SHOCK = "shock", _("Defibrillator used")
        CALLED = "called", _("Ambulance called")
        TOLD_PRESCRIBER = "told_prescriber", _("Prescriber told")
        ARRIVED = "arrived", _("Ambulance arrived")
        OTHER = "other", _("Something else")
        OVER = "over", _("Emergency over")

    session = of_session("emergency_steps")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_emergency_step"
        ordering = ["taken_at", "pk"]
        indexes = [models.Index(fields=["session", "taken_at"], name="emergency_of_session")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="other") | ~models.Q(note="") | models.Q(retracted=True),
                name="emergency_other_says_what",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.taken_at:%H:%M}"
