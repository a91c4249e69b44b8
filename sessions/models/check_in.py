from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class CheckAnswer(ClinicalFact):
    """The answer to one item of the pre-infusion check; the latest row of an item stands.

    Attributes:
        details: what the answer rests on, in the shape that :mod:`sessions.rules.check_details` holds for the item.
            One column and not a table for each kind: answers are read together, in one order, and what stands is
            always the latest row of an item, whatever its kind.
        waits_until: for an answer that waits, when to look again; ``note`` says what for.
    """

    class Outcome(models.TextChoices):
        OK = "ok", _("OK")
        ADVISE = "advise", _("Noted")
        STOP = "stop", _("Stop")
        NOT_APPLICABLE = "not_applicable", _("Does not apply")
        OVERRIDDEN = "overridden", _("Overridden")
        WAIT = "wait", _("Waiting")

    session = of_session("check_answers")
    item = models.SlugField(max_length=40)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    waits_until = models.DateTimeField(null=True, blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_check_answer"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="wait", waits_until__isnull=False)
                | (~Q(outcome="wait") & Q(waits_until__isnull=True)),
                name="check_answer_waits_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.outcome}"
