"""A file from another system on its way in. Staging: ordinary rows, emptied when the work is done."""

from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import JobRun, PublicModel
from patients.reading.verdicts import Verdict

VERDICTS = {
    Verdict.NEW: _("New"),
    Verdict.KNOWN_ELSEWHERE: _("Known at another site"),
    Verdict.ALREADY_HERE: _("Already here"),
    Verdict.POSSIBLE_DUPLICATE: _("Possible duplicate"),
    Verdict.REFUSED: _("Refused"),
}


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def for_user(self, actor: Actor) -> "ImportBatchQuerySet":
        """Files of sites where the actor may import what they hold: scores are seen by those who record scores."""
        sites = actor.sites_with(Permission.IMPORT_PATIENTS)
        scored = sites & actor.sites_with(Permission.RECORD_SCORES)
        return self.filter(
            Q(kind=ImportBatch.Kind.PATIENTS, site__in=sites)
            | Q(kind=ImportBatch.Kind.SCORES, site__in=scored)
        )

    def locked(self) -> "ImportBatchQuerySet":
        return self.select_for_update(no_key=True, of=("self",))


class ImportBatch(PublicModel):
    """One uploaded file and what was decided about it.

    Attributes:
        kind: what its rows are; the steps are the same for both.
        system: the name under which the other system's ids are kept; the same name makes a second import harmless.
        mapping: ``{field: column of the file}``.
        date_order: which number of ``03/04/1980`` is the month; empty where the file leaves no doubt.
        taken_on: the day of all scores, at the site, where no column of the file holds it.
        job: how far it has come, once it runs.
    """

    class State(models.TextChoices):
        """How far a batch has come."""

        STAGED = "staged", _("Columns to be mapped")
        MAPPED = "mapped", _("Ready for preview")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        DISCARDED = "discarded", _("Discarded")

    class Kind(models.TextChoices):
        """What the rows are."""

        PATIENTS = "patients", _("Patients")
        SCORES = "scores", _("Past scores")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PATIENTS)
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, blank=True)
    system = models.CharField(max_length=80)
    other_system = models.CharField(max_length=80, blank=True)
    date_order = models.CharField(max_length=3, blank=True)
    taken_on = models.DateField(null=True, blank=True)
    staged_by = models.CharField(max_length=200)
    staged_at = models.DateTimeField()
    job = models.OneToOneField(JobRun, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        db_table = "patients_import_batch"
        ordering = ["-staged_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def counts(self) -> dict[str, int]:
        """Rows by verdict, and ``total``; rows not judged yet count in the total only."""
        found = dict(self.rows.order_by().values_list("verdict").annotate(Count("pk")))
        return {verdict.value: found.get(verdict.value, 0) for verdict in Verdict} | {
            "total": sum(found.values())
        }

    @property
    def created_count(self) -> int:
        """How many people were registered at the site by it, or how many scores it recorded."""
        made = self.assessments.filter(corrects=None) if self.holds_scores else self.rows.filter(created=True)
        return made.count()

    @property
    def holds_scores(self) -> bool:
        return self.kind == self.Kind.SCORES


class ImportRowQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Any:
        return self.filter(is_done=False).order_by("line")


class ImportRow(models.Model):
    """One line of the file. The cells go when the import is done; line, verdict and reasons stay.

    Attributes:
        line: its first line in the file, counted from 1.
        reasons: codes of :mod:`patients.reading.verdicts`; they hold no data of the patient.
        is_chosen: import it although it may be a duplicate.
        created: a patient was made of it, or a score, or several.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    verdict = models.CharField(
        max_length=20, blank=True, choices=[(key.value, text) for key, text in VERDICTS.items()]
    )
    reasons = models.JSONField(default=list, blank=True)
    is_chosen = models.BooleanField(default=False)
    is_done = models.BooleanField(default=False)
    created = models.BooleanField(default=False)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        db_table = "patients_import_row"
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_line_once")]
        indexes = [models.Index(fields=["batch", "is_done", "line"], name="import_row_waiting")]

    def __str__(self) -> str:
        return f"{self.line} {self.verdict}"
