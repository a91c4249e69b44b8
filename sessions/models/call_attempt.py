from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class CallAttempt(ClinicalFact):
    """Somebody tried to reach the patient about a session, and what came of it."""

    class Purpose(models.TextChoices):
        """What the call was about."""

        READINESS = "readiness", _("Getting ready")
        NO_SHOW = "no_show", _("Did not come")
        CONFLICT = "conflict", _("Change of time or chair")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        """What came of it."""

        REACHED = "reached", _("Reached")
        LEFT_MESSAGE = "left_message", _("Left a message")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    session = of_session("call_attempts")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_call_attempt"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} at {self.taken_at:%H:%M}"
