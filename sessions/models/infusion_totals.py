from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.choices import TotalsUsed
from sessions.models.facts import SessionFactQuerySet, of_session


class InfusionTotals(ClinicalFact):
    """What the pump showed at the end beside what the chart computed then, and which of them the record uses.

    The latest row stands. Without the pump's volume it says why there is none.
    """

    session = of_session("infusion_totals")
    pump_microlitres = models.PositiveIntegerField(null=True, blank=True)
    pump_micrograms = models.PositiveIntegerField(null=True, blank=True)
    charted_microlitres = models.PositiveIntegerField(null=True, blank=True)
    charted_micrograms = models.PositiveIntegerField(null=True, blank=True)
    tolerance_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The protocol's tolerance then; empty: not checked.")
    )
    used = models.CharField(max_length=8, choices=TotalsUsed.choices)
    reason = models.TextField(blank=True)
    residual_microlitres = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Left in bag and line, as stated.")
    )
    flush_microlitres = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("With what the line was flushed, as stated; 0: not flushed.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_infusion_totals"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pump_microlitres__isnull=False) | (Q(used="chart") & ~Q(reason="")),
                name="infusion_totals_say_why_no_pump",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used}: pump {self.pump_microlitres}, chart {self.charted_microlitres} µL"
