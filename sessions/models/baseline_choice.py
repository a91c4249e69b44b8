from django.db import models

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class BaselineChoice(ClinicalFact):
    """A nurse says which of several readings before the start is the baseline; the latest row stands.

    Without one, or once the named reading is struck, the last complete reading before the start is it.
    """

    session = of_session("baseline_choices")
    reading = models.ForeignKey(
        "infusion_sessions.VitalSigns", on_delete=models.PROTECT, related_name="baseline_choices"
    )
    reason = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_baseline_choice"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"baseline {self.reading_id}"
