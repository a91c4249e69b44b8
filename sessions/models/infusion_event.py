from django.db import models
from django.db.models import Q

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.choices import END_CHOICES, EVENT_CHOICES
from sessions.models.facts import SessionFactQuerySet, of_session


class InfusionEvent(ClinicalFact, Correctable):
    """Start, pause, resume, change of rate or end: the timeline from which minutes and milligrams follow.

    The detail of an event, such as why it was stopped, is often said later. It is another row at the same moment
    that names the first one, with no ``correction_reason``: nothing was wrong.
    """

    session = of_session("infusion_events")
    kind = models.CharField(max_length=8, choices=EVENT_CHOICES)
    end_kind = models.CharField(max_length=14, choices=END_CHOICES, blank=True)
    reason = models.TextField(blank=True)
    rate_microlitres_per_hour = models.PositiveIntegerField(null=True, blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_infusion_event"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="end") & ~Q(end_kind="")) | (~Q(kind="end") & Q(end_kind="")),
                name="infusion_event_end_says_how",
            ),
            models.CheckConstraint(
                condition=Q(kind="rate", rate_microlitres_per_hour__gt=0)
                | (~Q(kind="rate") & Q(rate_microlitres_per_hour__isnull=True)),
                name="infusion_event_rate_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.taken_at:%H:%M}"

    @property
    def is_detail(self) -> bool:
        """Whether it only says more about the event it names, which was right as it stood."""
        return self.corrects_id is not None and not self.correction_reason and not self.retracted
