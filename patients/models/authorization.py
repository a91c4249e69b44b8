from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import RecordEntry


class Authorization(RecordEntry):
    """A payer's prior authorization: so many infusions in a stretch of days, both included."""

    noun = "authorization"
    payer = models.CharField(_("payer"), max_length=120)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    infusions = models.PositiveSmallIntegerField(_("infusions authorised"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    history = HistoricalRecords(table_name="patients_authorization_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_authorization"
        ordering = ["-valid_from", "pk"]
        constraints = [
            *RecordEntry.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="authorization_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.reference}".strip()

    def covers(self, day: object) -> bool:
        """Whether a day falls into the stretch."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)  # type: ignore[operator]
