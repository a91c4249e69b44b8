from django.db import models

from clinic.accounts.models import ClinicalFact
from sessions.models.choices import STATUS_CHOICES
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.states import ACTION_LABELS


class StatusChange(ClinicalFact):
    """One step of a session: ``taken_at`` is when it happened, ``entered_at`` when it was recorded."""

    session = of_session("status_changes")
    action = models.CharField(max_length=20, choices=[(a.value, label) for a, label in ACTION_LABELS.items()])
    source = models.CharField(max_length=12, choices=STATUS_CHOICES)
    target = models.CharField(max_length=12, choices=STATUS_CHOICES)
    reason = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_status_change"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.action}: {self.source} to {self.target}"


class Departure(ClinicalFact):
    """Something happened although a gate would have refused it: what stood in the way, and why it happened."""

    session = of_session("departures")
    action = models.CharField(max_length=20, choices=[(a.value, label) for a, label in ACTION_LABELS.items()])
    obstacles = models.JSONField(default=list)
    reason = models.TextField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_departure"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.action} although {', '.join(item['code'] for item in self.obstacles)}"
