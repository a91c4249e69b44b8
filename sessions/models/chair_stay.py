from django.db import models

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class ChairStay(ClinicalFact):
    """The patient sat down in this chair at ``taken_at``; the next row, or the end of the visit, ends the stay."""

    session = of_session("chair_stays")
    chair = models.ForeignKey("facilities.Chair", on_delete=models.PROTECT, related_name="+")

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_chair_stay"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.chair} from {self.taken_at:%H:%M}"
