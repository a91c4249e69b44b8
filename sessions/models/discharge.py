from django.db import models

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class DischargeAssessment(ClinicalFact):
    """An assessment against the protocol's discharge criteria; the latest row stands.

    ``criteria`` is ``{code: true | false}``: a criterion that is absent was not assessed.
    """

    session = of_session("discharge_assessments")
    criteria = models.JSONField(default=dict)
    escort_name = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_discharge_assessment"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"assessed at {self.taken_at:%H:%M}"
