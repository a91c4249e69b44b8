from django.db import models

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session


class Note(ClinicalFact, Correctable):
    """Free text on a session, by one person at one time."""

    session = of_session("notes")
    text = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_note"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
