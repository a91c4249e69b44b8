from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class ReadingNotDone(ClinicalFact):
    """A planned reading that was not taken, and why: another thing than one that was forgotten."""

    session = of_session("readings_not_done")
    due_at = models.DateTimeField()
    parameter = models.CharField(
        max_length=20, blank=True, help_text=_("Empty: everything that was due at that moment.")
    )
    reason = models.TextField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_reading_not_done"
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="reading_not_done_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.parameter or 'set'} due at {self.due_at:%H:%M}"
