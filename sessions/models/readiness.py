from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class ReadinessAnswer(ClinicalFact):
    """What was settled with the patient before the day; the latest answer to an item stands."""

    class Item(models.TextChoices):
        """What only the patient can tell, days ahead; the rest of readiness is read from the record."""

        RIDE = "ride", _("Ride home")
        FASTING = "fasting", _("Fasting instruction understood")

    class Outcome(models.TextChoices):
        """How it stands."""

        SETTLED = "settled", _("Settled")
        OPEN = "open", _("Still open")
        NOT_NEEDED = "not_needed", _("Does not apply")

    session = of_session("readiness_answers")
    item = models.CharField(max_length=10, choices=Item.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.CharField(max_length=300, blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_readiness_answer"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_item_display()}: {self.get_outcome_display()}"
