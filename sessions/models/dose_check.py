from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.accounts.models import ClinicalFact
from sessions.models.dose import DoseConfirmation
from sessions.models.facts import SessionFactQuerySet, of_session


class DoseCheck(ClinicalFact):
    """A second person (``taken_by``) has computed the dose anew from order and vial, and typed what came out.

    Who confirmed the dose stands in this row too, so that the database itself refuses one's own second check.
    """

    session = of_session("dose_checks")
    dose = models.ForeignKey(DoseConfirmation, on_delete=models.PROTECT, related_name="checks")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    weight_grams = models.PositiveIntegerField()
    dose_micrograms = models.PositiveIntegerField()
    rate_microlitres_per_hour = models.PositiveIntegerField()
    agrees = models.BooleanField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_dose_check"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(taken_by=F("confirmed_by")), name="dose_check_is_another")
        ]

    def __str__(self) -> str:
        return f"{self.dose_micrograms} µg: {'agrees' if self.agrees else 'differs'}"
