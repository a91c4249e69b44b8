"""A file on its way in, as its pages show it: samples of its columns, and its rows with what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from patients.models import Assessment, ImportBatch, ImportRow, Patient
from patients.models.import_batch import VERDICTS
from patients.reading.verdicts import Verdict, sentence
from patients.rules.importing import Judge

SAMPLES = 3
SAMPLE_LENGTH = 28
# Enough to tell people apart, and narrow enough for a tablet: heading, and the fields that make one column.
SHOWN: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Name"), ("full_name", "family_name", "given_name", "middle_names")),
    (_("Born"), ("birth_date",)),
    (_("Sex"), ("sex",)),
    (_("Phone"), ("phone",)),
    (_("Died"), ("deceased_on",)),
)


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many rows share a verdict."""

    verdict: str
    label: Any
    count: int


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row of the file.

    Example: ``RowLine(row, ["García, Ana", "1984-03-12"], ["Same date of birth and a name in common."], [], 1)``

    Attributes:
        cells: those of :func:`shown_columns`.
        like: patients within reach who may be the same person.
        elsewhere: how many more there are at other sites.
        patient: of a row of scores, whose they are.
    """

    row: ImportRow
    cells: list[str]
    reasons: list[str]
    like: list[Patient]
    elsewhere: int
    patient: Patient | None = None


def imports_of(actor: Actor) -> QuerySet[ImportBatch]:
    """Files that were imported or are on their way, the latest first, with their numbers of rows.

    ``made_count`` is how many patients a file has registered, or how many scores it has recorded.
    """
    scores = Assessment.objects.filter(imported_in=OuterRef("pk"), corrects=None).order_by()
    per_file = scores.values("imported_in").annotate(n=Count("pk")).values("n")
    return (
        ImportBatch.objects.for_user(actor)
        .select_related("site", "job")
        .annotate(row_count=Count("rows"), registered=Count("rows", filter=Q(rows__created=True)))
        .annotate(
            made_count=Case(
                When(kind=ImportBatch.Kind.SCORES, then=Coalesce(Subquery(per_file), 0)),
                default=F("registered"),
                output_field=IntegerField(),
            )
        )
        .order_by("-staged_at", "-pk")
    )


def verdict_counts(batch: ImportBatch) -> list[VerdictCount]:
    """Of scores, nobody is known elsewhere: whoever is not registered at the site is not found."""
    counts = batch.counts
    found = [VerdictCount(verdict.value, label, counts[verdict.value]) for verdict, label in VERDICTS.items()]
    return [one for one in found if not (batch.holds_scores and one.verdict == Verdict.KNOWN_ELSEWHERE)]


def samples_of(batch: ImportBatch) -> list[list[str]]:
    """For each column the first different values that stand in it."""
    rows = list(batch.rows.order_by("line").values_list("cells", flat=True)[:50])
    samples = []
    for place in range(len(batch.columns)):
        values = dict.fromkeys(_short(row[place]) for row in rows if place < len(row) and row[place])
        samples.append(list(values)[:SAMPLES])
    return samples


def _short(text: str) -> str:
    return text if len(text) <= SAMPLE_LENGTH else f"{text[:SAMPLE_LENGTH]}…"


def shown_columns(batch: ImportBatch) -> list[tuple[Any, list[int]]]:
    """Headings of the preview, each with the places of the cells that stand below it; mapped columns only."""
    found = []
    for heading, fields in SHOWN:
        places = [batch.columns.index(batch.mapping[name]) for name in fields if name in batch.mapping]
        if places:
            found.append((heading, places))
    return found


def row_lines(batch: ImportBatch, rows: list[ImportRow], *, actor: Actor, now: datetime) -> list[RowLine]:
    """One page of rows; the number of queries does not depend on its length."""
    columns = [places for _heading, places in shown_columns(batch)]
    like = _people_like(batch, rows, actor=actor, now=now)
    return [
        RowLine(
            row=row,
            cells=[_joined(row.cells, places) for places in columns],
            reasons=[sentence(reason) for reason in row.reasons],
            like=like.get(row.line, ([], 0))[0],
            elsewhere=like.get(row.line, ([], 0))[1],
        )
        for row in rows
    ]


def _joined(cells: list[str], places: list[int]) -> str:
    return ", ".join(_short(cells[place]) for place in places if place < len(cells) and cells[place])


def _people_like(
    batch: ImportBatch, rows: list[ImportRow], *, actor: Actor, now: datetime
) -> dict[int, tuple[list[Patient], int]]:
    """By line: whom a possible duplicate may be, and how many of them are out of reach."""
    doubtful = [row for row in rows if row.verdict == Verdict.POSSIBLE_DUPLICATE.value and row.cells]
    if not doubtful:
        return {}
    judged = Judge(batch, now=now).judge(doubtful)
    wanted = {patient.pk for one in judged for patient in one.like}
    seen = Patient.objects.for_user(actor).with_record_numbers(actor).in_bulk(wanted)
    return {
        one.row.line: (
            [seen[patient.pk] for patient in one.like if patient.pk in seen],
            sum(patient.pk not in seen for patient in one.like),
        )
        for one in judged
    }


def earlier_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch | None:
    """The same file, imported at this site before."""
    done = imports_of(actor).filter(state=ImportBatch.State.DONE, site=batch.site, kind=batch.kind)
    return done.filter(file_digest=batch.file_digest).exclude(pk=batch.pk).first()
