"""Taking in a file from another system: staged, mapped and judged, confirmed, and run in chunks.

A file holds patients, or past scores of patients who are registered. Each chunk is one transaction, so there is never
half a patient, and work that stopped goes on where it stopped.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.models import JobRun
from clinic.facilities.models import Site
from patients.models import ImportBatch, ImportRow
from patients.operations._taking_in import taking_in
from patients.reading.table import Table, read_table
from patients.reading.verdicts import Verdict
from patients.rules import importing as rules

JOB = "patients.import"
CHUNK = 500


@transaction.atomic(savepoint=False)
def stage_import(
    *,
    site: Site,
    content: bytes,
    file_name: str,
    by: Actor,
    encoding: str = "",
    kind: str = ImportBatch.Kind.PATIENTS,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ImportBatch:
    """Read a CSV file into staging and propose what its columns mean. Nothing is taken in yet.

    Args:
        kind: whether its rows are patients or past scores.
        encoding: chosen by a person where the file is not UTF-8.

    Raises:
        Refused: the right to import is not held at the site; scores need the right to record them too.
        Invalid: the file cannot be read (codes ``import.file_...``).
    """
    now = now or clock.now()
    rules.check_may_import(kind, by=by, site_id=site.pk)
    table = read_table(content, encoding=encoding)
    batch = ImportBatch(
        public_id=public_id or uuid.uuid4(),
        site=site,
        kind=kind,
        file_name=file_name[:200] or "file.csv",
        file_digest=table.digest,
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=table.columns,
        mapping=taking_in(kind).guess(table.columns),
        system=_usual_system(site, file_name),
        staged_by=by.key,
        staged_at=now,
    )
    check_fields(batch)
    batch.save(force_insert=True)
    _stage_rows(batch, table)
    record(verb="import.staged", subject=batch, by=by, now=now, site=site, after={"rows": len(table.lines)})
    return batch


@transaction.atomic(savepoint=False)
def map_columns(
    *,
    batch: ImportBatch,
    mapping: Mapping[str, str],
    by: Actor,
    system: str = "",
    other_system: str = "",
    date_order: str = "",
    taken_on: date | None = None,
    now: datetime | None = None,
) -> ImportBatch:
    """Say what the columns mean, and judge every row by it. It can be said again until the import runs.

    Args:
        mapping: ``{field: column}``; fields of :data:`patients.reading.columns.FIELDS`, and for scores of
            :data:`patients.rules.score_columns.FIELDS`.
        system: under which name the other system's ids are kept; unchanged when empty.
        date_order: ``dmy`` or ``mdy`` where dates can be read in two ways.
        taken_on: of scores, the one day of all rows where no column holds it.

    Raises:
        Invalid: the mapping cannot make patients, or scores.
        Conflict: the import runs already.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    rules.check_state(batch, ImportBatch.State.STAGED, ImportBatch.State.MAPPED)
    batch.system = (system or batch.system).strip()
    batch.other_system = other_system.strip()
    way = taking_in(batch.kind)
    way.check_mapping(batch, mapping=mapping, taken_on=taken_on, now=now)
    batch.taken_on = taken_on if batch.holds_scores else None
    batch.mapping, batch.state = dict(mapping), ImportBatch.State.MAPPED
    batch.date_order = rules.date_order_of(_dates_in(batch, way.date_fields), chosen=date_order)
    check_fields(batch)
    batch.save(update_fields=["system", "other_system", "mapping", "state", "date_order", "taken_on"])
    ImportRow.objects.filter(batch=batch).update(is_chosen=False)
    judge = way.judge(batch, now=now, holds=False)
    for rows in _chunks(batch.rows.order_by("line")):
        _write_verdicts(batch, judge.judge(rows))
    record(verb="import.mapped", subject=batch, by=by, now=now, site=batch.site, after=batch.mapping)
    return batch


@transaction.atomic(savepoint=False)
def choose_rows(
    *, batch: ImportBatch, chosen: Iterable[int], among: Iterable[int], by: Actor, now: datetime | None = None
) -> ImportBatch:
    """Say which possible duplicates are other people, or scores of their own, and shall come in all the same.

    Args:
        chosen: their lines.
        among: the lines that were looked at; those not chosen stay out.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    rules.check_state(batch, ImportBatch.State.MAPPED)
    seen = batch.rows.filter(line__in=list(among), verdict=Verdict.POSSIBLE_DUPLICATE.value)
    doubtful = set(seen.values_list("line", flat=True))
    lines = sorted(doubtful & set(chosen))
    ImportRow.objects.filter(batch=batch, line__in=doubtful).update(is_chosen=False)
    ImportRow.objects.filter(batch=batch, line__in=lines).update(is_chosen=True)
    record(verb="import.rows_chosen", subject=batch, by=by, now=now, site=batch.site, after={"lines": lines})
    return batch


@transaction.atomic(savepoint=False)
def start_import(*, batch: ImportBatch, by: Actor, now: datetime | None = None) -> ImportBatch:
    """Confirm the preview: from now on chunks can be run, by anybody who may import at the site.

    Raises:
        Conflict: nothing has been mapped yet, or it has started before.
        Refused: a job would start an import of scores, which have an author.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    taking_in(batch.kind).check_start(by)
    rules.check_state(batch, ImportBatch.State.MAPPED)
    batch.job = JobRun.objects.create(name=JOB, started_by=by.key, started_at=now, total=batch.rows.count())
    batch.state = ImportBatch.State.RUNNING
    batch.save(update_fields=["job", "state"])
    record(verb="import.started", subject=batch, by=by, now=now, site=batch.site, after=batch.counts)
    return batch


@transaction.atomic(savepoint=False)
def run_next_chunk(
    *, batch: ImportBatch, by: Actor, size: int = CHUNK, now: datetime | None = None
) -> ImportBatch:
    """Take in the next rows, judged anew; the last chunk empties the staging rows. Done means done: nothing more.

    Args:
        size: rows in one transaction.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    if batch.state == ImportBatch.State.DONE:
        return batch
    rules.check_state(batch, ImportBatch.State.RUNNING)
    way = taking_in(batch.kind)
    judged = way.judge(batch, now=now, holds=True).judge(list(batch.rows.waiting()[:size]))
    lines, finish = way.take_in(judged, batch, by=by, now=now)
    _write_verdicts(batch, judged, is_done=True)
    ImportRow.objects.filter(batch=batch, line__in=lines).update(created=True)
    _advance(batch, len(judged), now=now)
    finish()
    record(verb="import.chunk_done", subject=batch, by=by, now=now, site=batch.site, after=batch.counts)
    return batch


@transaction.atomic(savepoint=False)
def discard_import(*, batch: ImportBatch, by: Actor, now: datetime | None = None) -> ImportBatch:
    """Give up an import that has not started; its rows are removed.

    Raises:
        Conflict: it has started.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    rules.check_state(batch, ImportBatch.State.STAGED, ImportBatch.State.MAPPED)
    batch.rows.all().delete()
    batch.state = ImportBatch.State.DISCARDED
    batch.save(update_fields=["state"])
    record(verb="import.discarded", subject=batch, by=by, now=now, site=batch.site)
    return batch


def _advance(batch: ImportBatch, count: int, *, now: datetime) -> None:
    job = batch.job
    if job is None:
        raise AssertionError("a running import has a job")
    job.done += count
    if not batch.rows.waiting().exists():
        job.state, job.finished_at = JobRun.State.DONE, now
        batch.state = ImportBatch.State.DONE
        job.result = batch.counts | {"created": batch.created_count}
        ImportRow.objects.filter(batch=batch).update(cells=[])
        batch.save(update_fields=["state"])
    job.save()


def _locked(batch: ImportBatch, by: Actor) -> ImportBatch:
    found = ImportBatch.objects.locked().select_related("site", "job").get(pk=batch.pk)
    rules.check_may_import(found.kind, by=by, site_id=found.site_id)
    return found


def _stage_rows(batch: ImportBatch, table: Table) -> None:
    rows = (ImportRow(batch=batch, line=line.number, cells=line.cells) for line in table.lines)
    ImportRow.objects.bulk_create(rows, batch_size=CHUNK)


def _dates_in(batch: ImportBatch, fields: Sequence[str]) -> list[str]:
    places = [batch.columns.index(batch.mapping[name]) for name in fields if name in batch.mapping]
    cells = batch.rows.values_list("cells", flat=True)
    return [row[place] for row in cells for place in places if place < len(row) and row[place]]


def _chunks(rows: Iterable[ImportRow]) -> Iterable[Sequence[ImportRow]]:
    chunk: list[ImportRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write_verdicts(batch: ImportBatch, judged: Sequence[Any], **also: bool) -> None:
    """One UPDATE for each distinct outcome: there are few of them, whatever the length of the file."""
    lines: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for one in judged:
        lines[one.verdict.value, tuple(one.reasons)].append(one.row.line)
    for (verdict, reasons), numbers in lines.items():
        ImportRow.objects.filter(batch=batch, line__in=numbers).update(
            verdict=verdict, reasons=list(reasons), **also
        )


def _usual_system(site: Site, file_name: str) -> str:
    """The name used last at this site, so that the next export of the same system finds its people again."""
    latest = ImportBatch.objects.filter(site=site, state=ImportBatch.State.DONE).first()
    if latest:
        return latest.system
    stem = file_name.rpartition("/")[2].rpartition(".")[0] or file_name
    return stem[:80] or "other system"
