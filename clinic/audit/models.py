"""Who did what, when: append-only, and chained so that a removed or altered line shows."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol, Self
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef

from clinic.common.models import AppendOnly, PublicModel

ORGANISATION = "organisation"
"""The chain of what belongs to no site."""

READ = "view_audit"
"""The right to read the log; people and their rights live a floor above."""


class Reader(Protocol):
    """Whoever reads the log; an Actor fits."""

    def site_keys_with(self, permission: Any) -> Collection[str]: ...


class LogQuerySet(models.QuerySet[Any]):
    """What both logs can be asked for."""

    def by_person(self, public_id: UUID) -> Self:
        return self.filter(actor__public_id=public_id)

    def about_patient(self, public_id: UUID) -> Self:
        return self.filter(patient_id=public_id)

    def between(self, start: datetime, end: datetime) -> Self:
        """Of the half-open range of instants; a day at a site is ``clock.day_range(day, zone)``."""
        return self.filter(at__gte=start, at__lt=end)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class AuditEventQuerySet(LogQuerySet):
    def for_user(self, reader: Reader) -> Self:
        """The chains of the sites whose log the reader may read, and with any of them the organisation's."""
        keys = set(reader.site_keys_with(READ))
        return self.filter(chain__key__in=keys | {ORGANISATION}) if keys else self.none()

    def at_site(self, public_id: UUID | str) -> Self:
        return self.filter(chain__key=str(public_id))

    def with_verb(self, verb: str) -> Self:
        """One verb (``session.started``) or, with a dot or nothing after it, a family of them (``session``)."""
        family = verb.rstrip(".")
        return self.filter(models.Q(verb=verb) | models.Q(verb__startswith=f"{family}."))


class AccessEventQuerySet(LogQuerySet):
    def for_user(self, reader: Reader) -> Self:
        """Whoever opened a patient that one of the reader's sites has ever done something for."""
        mine = AuditEvent.objects.for_user(reader)
        return self.filter(Exists(mine.filter(patient_id=OuterRef("patient_id"))))


MOVE_HEAD = """UPDATE audit_chain SET length = NEW.sequence, head = NEW.hash
    WHERE id = NEW.chain_id AND length = NEW.sequence - 1 AND head = NEW.previous_hash;"""


class AuditChain(models.Model):
    """The head of one site's chain: locked last in the unit of work, and moved on by the database with each event."""

    key = models.CharField(max_length=40, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_chain"

    def __str__(self) -> str:
        return self.key


class AuditEvent(AppendOnly, PublicModel):
    """One act. ``details`` holds before and after of mutable rows; the chain covers a salted digest of them.

    The database takes no event that does not follow the head of its chain, and moves the head itself.
    """

    before_insert: ClassVar[Mapping[str, str]] = {
        "postgresql": f"""{MOVE_HEAD}
            IF NOT FOUND THEN
                RAISE EXCEPTION 'constraint audit_event_follows' USING ERRCODE = '23514';
            END IF;""",
        "sqlite": f"""{MOVE_HEAD}
            SELECT RAISE(ABORT, 'constraint audit_event_follows') WHERE changes() = 0;""",
    }

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

    objects = AuditEventQuerySet.as_manager()

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

    @property
    def site_key(self) -> str:
        """The public id of the site whose log this stands in; empty for the organisation's."""
        return "" if self.chain.key == ORGANISATION else self.chain.key

    def changed(self) -> dict[str, tuple[Any, Any]]:
        """What the event says of each value that it changed: before and after."""
        before, after = self.details.get("before") or {}, self.details.get("after") or {}
        names = [*before, *(name for name in after if name not in before)]
        pairs = {name: (before.get(name), after.get(name)) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


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

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        db_table = "audit_access_event"
        indexes = [models.Index(fields=["patient_id", "-at"], name="access_of_patient")]

    def __str__(self) -> str:
        return f"{self.actor_label} opened {self.what}"
