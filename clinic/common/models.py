"""Bases of the models of every floor, and the tables of the plumbing.

The plumbing knows who did something only as the text of an actor's key: people live a floor above.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models


class PublicModel(models.Model):
    """Known outside by ``public_id`` only: in addresses, in the API and on a tablet that makes rows offline."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class Revisioned(models.Model):
    """A mutable row; ``revision`` counts its saves, so that an edit based on an older one is noticed."""

    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class PeriodQuerySet(models.QuerySet[Any]):
    """Rows that hold in ``[starts_at, ends_at)`` unless somebody has taken them back (``is_withdrawn``)."""

    def standing(self) -> Self:
        """Those that nobody has taken back."""
        return self.filter(is_withdrawn=False)

    def overlapping(self, start: datetime, end: datetime) -> Self:
        """Rows that share an instant with the half-open range."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def at(self, now: datetime) -> Self:
        """Those that stand and hold at a moment."""
        return self.standing().filter(starts_at__lte=now, ends_at__gt=now)


class AppendOnly(models.Model):
    """A row that is written once: triggers on both databases refuse to change or delete it.

    Attributes:
        before_insert: SQL by kind of database, of what a trigger does before a row is added; none if empty.
    """

    before_insert: ClassVar[Mapping[str, str]] = {}

    class Meta:
        abstract = True


class IdempotencyKey(models.Model):
    """A write that has happened, so that a repeated request finds its result instead of doing it twice."""

    actor = models.CharField(max_length=80)
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "common_idempotency_key"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class OfflineEntry(AppendOnly):
    """A form that was typed without network and arrived later.

    The rows it wrote carry its key as their id or, where it wrote several, its author and ``received_at`` as the
    moment of their entry.
    """

    actor = models.CharField(max_length=80)
    key = models.UUIDField()
    typed_at = models.DateTimeField(help_text="By the tablet's own clock.")
    clock_offset_ms = models.BigIntegerField(
        null=True,
        help_text="What the server's clock was ahead of it, as last measured; null: never measured.",
    )
    received_at = models.DateTimeField()

    class Meta:
        db_table = "common_offline_entry"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="offline_entry_once")]
        indexes = [
            models.Index(fields=["key"], name="offline_entry_of_row"),
            models.Index(fields=["received_at"], name="offline_entry_received"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"

    @property
    def clock_was_off(self) -> bool:
        """By more than a minute: then the tablet's own time is worth telling."""
        return abs(self.clock_offset_ms or 0) > 60_000


class Draft(models.Model):
    """What somebody has typed into a form and not yet sent, valid or not."""

    owner = models.CharField(max_length=80)
    form = models.CharField(max_length=200)
    body = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "common_draft"
        constraints = [models.UniqueConstraint(fields=["owner", "form"], name="draft_one_per_form")]

    def __str__(self) -> str:
        return f"{self.owner} {self.form}"


class JobRun(PublicModel):
    """Long work done in chunks, and how far it has come: the page that asked for it posts the next chunk."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=80)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "common_job_run"
        indexes = [models.Index(fields=["name", "-started_at"], name="job_run_latest")]

    def __str__(self) -> str:
        return f"{self.name} {self.done}/{self.total} {self.state}"
