from django.db import models
from django.db.models import Q

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.choices import END_CHOICES, EVENT_CHOICES
from sessions.models.facts import SessionFactQuerySet, of_session


class InfusionEvent(ClinicalFact, Correctable):
    """Start, pause, resume or end of the infusion: the timeline from which minutes and milligrams follow."""

    session = of_session("infusion_events")
    kind = models.CharField(max_length=8, choices=EVENT_CHOICES)
    end_kind = models.CharField(max_length=14, choices=END_CHOICES, blank=True)
    reason = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_infusion_event"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="end") & ~Q(end_kind="")) | (~Q(kind="end") & Q(end_kind="")),
                name="infusion_event_end_says_how",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.taken_at:%H:%M}"
