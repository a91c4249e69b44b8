"""Who did what, when: append-only, and chained so that a removed or altered line shows."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from clinic.common.models import AppendOnly, PublicModel


class AuditChain(models.Model):
    """The head of one site's chain; locked last in the unit of work and only then moved on."""

    key = models.CharField(max_length=40, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_chain"

    def __str__(self) -> str:
        return self.key


class AuditEvent(AppendOnly, PublicModel):
    """One act. ``details`` holds before and after of mutable rows; the chain covers a salted digest of them."""

    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_kind = models.CharField(max_length=10)
    actor_label = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    patient_id = models.UUIDField(null=True, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    details_salt = models.CharField(max_length=32, blank=True)
    details_digest = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_event"
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_sequence_once")]
        indexes = [
            models.Index(fields=["subject_id", "-at"], name="audit_of_subject"),
            models.Index(fields=["patient_id", "-at"], name="audit_of_patient"),
            models.Index(fields=["-at"], name="audit_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_label}"


class AccessEvent(AppendOnly, PublicModel):
    """Somebody opened a patient's record. Reads are many and unchained."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_label = models.CharField(max_length=200)
    what = models.CharField(max_length=60)
    patient_id = models.UUIDField()
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_access_event"
        indexes = [models.Index(fields=["patient_id", "-at"], name="access_of_patient")]

    def __str__(self) -> str:
        return f"{self.actor_label} opened {self.what}"
