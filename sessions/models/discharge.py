from django.db import models

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class DischargeAssessment(ClinicalFact):
    """An assessment against some or all of the protocol's discharge criteria.

    ``criteria`` is ``{code: true | false}``, ``values`` what was seen of a criterion, where it has a value
    (:mod:`sessions.rules.discharge_values`). A criterion stands as the last row that names it left it, with that
    row's time and assessor; one that no row names was not assessed.
    """

    session = of_session("discharge_assessments")
    criteria = models.JSONField(default=dict)
    values = models.JSONField(default=dict, blank=True)
    escort_name = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_discharge_assessment"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"assessed at {self.taken_at:%H:%M}"
