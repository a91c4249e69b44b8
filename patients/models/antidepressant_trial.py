from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import EntryQuerySet, RecordEntry


class AntidepressantTrialQuerySet(EntryQuerySet):
    def failed_in_current_episode(self) -> Any:
        """Trials that count towards treatment resistance: in this episode, without a sufficient response.

        Whether dose and duration were adequate stays the prescriber's judgement; both are shown beside the count.
        """
        failed = [AntidepressantTrial.Result.NO_RESPONSE, AntidepressantTrial.Result.PARTIAL_RESPONSE]
        return self.active().filter(in_current_episode=True, result__in=failed)


class AntidepressantTrial(RecordEntry):
    """An antidepressant that was tried earlier: how much, how long, and what came of it."""

    class Result(models.TextChoices):
        """What came of it."""

        NO_RESPONSE = "no_response", _("No response")
        PARTIAL_RESPONSE = "partial_response", _("Partial response")
        RESPONSE = "response", _("Response")
        NOT_TOLERATED = "not_tolerated", _("Stopped for side effects")
        UNKNOWN = "unknown", _("Unknown")

    noun = "antidepressant_trial"
    drug = models.CharField(_("antidepressant"), max_length=120)
    dose = models.CharField(_("highest dose"), max_length=60, blank=True)
    weeks = models.PositiveSmallIntegerField(
        _("weeks"), null=True, blank=True, validators=[MaxValueValidator(2000)], help_text=_("At that dose")
    )
    result = models.CharField(_("result"), max_length=20, choices=Result.choices, default=Result.UNKNOWN)
    in_current_episode = models.BooleanField(_("in the current episode"), default=True)

    history = HistoricalRecords(table_name="patients_antidepressant_trial_history")
    objects = AntidepressantTrialQuerySet.as_manager()  # type: ignore[misc]

    class Meta(RecordEntry.Meta):
        db_table = "patients_antidepressant_trial"
        ordering = ["drug", "pk"]

    def __str__(self) -> str:
        return f"{self.drug} {self.dose}".strip()
