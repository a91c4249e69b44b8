"""Clinical facts: written once, with both times and both people; corrected only by another row."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from clinic.common.models import AppendOnly, PublicModel


class ClinicalFact(AppendOnly, PublicModel):
    """Something that happened: when and seen by whom, and when and by whom it was entered."""

    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def is_late_entry(self) -> bool:
        """Entered more than five minutes after it happened; both times are then shown."""
        return (self.entered_at - self.taken_at).total_seconds() > 300


class FactQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """What stands: neither corrected by another row nor a retraction itself."""
        superseding = self.model._base_manager.filter(corrects=OuterRef("pk"))
        return self.filter(~Exists(superseding), retracted=False)


class Correctable(models.Model):
    """A correction is a new row that names the old one; two corrections of one row cannot both exist."""

    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    correction_reason = models.TextField(blank=True)
    retracted = models.BooleanField(
        default=False, help_text="The named row was entered in error and nothing replaces it."
    )

    class Meta:
        abstract = True
