from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class CheckAnswer(ClinicalFact):
    """The answer to one item of the pre-infusion check; the latest row of an item stands."""

    class Outcome(models.TextChoices):
        OK = "ok", _("OK")
        ADVISE = "advise", _("Noted")
        STOP = "stop", _("Stop")
        NOT_APPLICABLE = "not_applicable", _("Does not apply")
        OVERRIDDEN = "overridden", _("Overridden")

    session = of_session("check_answers")
    item = models.SlugField(max_length=40)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_check_answer"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.item}: {self.outcome}"
