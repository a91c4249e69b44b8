from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.accounts.actor import Actor
from clinic.common.models import AppendOnly, PublicModel
from patients.models import Patient


class PatientLimitQuerySet(models.QuerySet["PatientLimit"]):
    def for_user(self, actor: Actor) -> "PatientLimitQuerySet":
        """Those of patients whose records the actor may open."""
        return self.filter(patient__in=Patient.objects.for_user(actor).order_by().values("pk"))

    def with_end(self) -> "PatientLimitQuerySet":
        """Annotates ``revoked_at``: when it was taken back, if it was."""
        return self.annotate(revoked_at=F("revocation__taken_back_at"))

    def standing(self, at: datetime) -> "PatientLimitQuerySet":
        return self.filter(valid_until__gt=at, revocation__isnull=True).with_end()


class PatientLimit(AppendOnly, PublicModel):
    """A limit that a prescriber set for one patient, with a reason and an end.

    It takes the place of the protocol's absolute limit of the same parameter, phase, level and side, and is shown
    beside it. It is written once: another value is another row, and taking it back is a row too.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    parameter = models.CharField(max_length=20)
    phase = models.CharField(max_length=10)
    comparator = models.CharField(max_length=2)
    value = models.FloatField()
    level = models.CharField(max_length=12)
    reason = models.TextField()
    valid_until = models.DateTimeField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = PatientLimitQuerySet.as_manager()

    class Meta:
        db_table = "sessions_patient_limit"
        ordering = ["set_at", "pk"]
        indexes = [models.Index(fields=["patient", "-valid_until"], name="limits_of_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("set_at")), name="patient_limit_ends_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="patient_limit_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.comparator} {self.value:g}"

    def is_in_force(self, at: datetime) -> bool:
        """Whether it counted at a moment; needs ``with_end()``."""
        ends: Any = getattr(self, "revoked_at", None) or self.valid_until
        return self.set_at <= at < min(ends, self.valid_until)


class PatientLimitRevocation(AppendOnly, PublicModel):
    """A patient's own limit was taken back before its end."""

    limit = models.OneToOneField(PatientLimit, on_delete=models.PROTECT, related_name="revocation")
    reason = models.TextField()
    taken_back_at = models.DateTimeField()
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sessions_patient_limit_revocation"

    def __str__(self) -> str:
        return f"{self.limit_id} taken back"
