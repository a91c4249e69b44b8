"""The lists of a patient's record: each row can be added, edited and ended, never deleted."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.common.models import PublicModel, Revisioned
from patients.models.patient import PatientRowQuerySet


class EntryQuerySet(PatientRowQuerySet):
    def active(self) -> Any:
        """What stands on the list today."""
        return self.filter(ended_on__isnull=True)


class RecordEntry(PublicModel, Revisioned):
    """A row of one of the record's lists.

    Attributes:
        noun: what one row is called in the audit's verbs (``allergy.added``).
        ended_on: the day from which it does not hold any more.
        entered_in_error: it never held; the row stays, struck out.
    """

    noun: ClassVar[str]

    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="%(class)s_entries"
    )
    recorded_at = models.DateTimeField(editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    entered_in_error = models.BooleanField(_("entered in error"), default=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(entered_in_error=False) | Q(ended_on__isnull=False),
                name="%(class)s_error_is_ended",
            )
        ]

    @property
    def is_active(self) -> bool:
        return self.ended_on is None

    def was_active_on(self, day: date) -> bool:
        """Whether it held on a day, as far as the record knows today."""
        return not self.entered_in_error and (self.ended_on is None or day < self.ended_on)
