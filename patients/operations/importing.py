"""Taking in a file from another system: staged, mapped and judged, confirmed, and run in chunks.

Each chunk is one transaction, so there is never half a patient, and work that stopped goes on where it stopped.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.models import JobRun
from clinic.facilities.models import Site
from patients.models import ImportBatch, ImportRow, ReferringClinician
from patients.operations._rows import RecordNumbers, insert_patient, insert_registration
from patients.reading.columns import guess_mapping
from patients.reading.table import Table, read_table
from patients.reading.verdicts import Verdict
from patients.rules import importing as rules
from patients.rules.importing import Judge, Judged

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
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ImportBatch:
    """Read a CSV file into staging and propose what its columns mean. Nobody is registered yet.

    Args:
        encoding: chosen by a person where the file is not UTF-8.

    Raises:
        Refused: the right to import is not held at the site.
        Invalid: the file cannot be read (codes ``import.file_...``).
    """
    now = now or clock.now()
    by.require(Permission.IMPORT_PATIENTS, site.pk)
    table = read_table(content, encoding=encoding)
    batch = ImportBatch(
        public_id=public_id or uuid.uuid4(),
        site=site,
        file_name=file_name[:200] or "file.csv",
        file_digest=table.digest,
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=table.columns,
        mapping=guess_mapping(table.columns),
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
    now: datetime | None = None,
) -> ImportBatch:
    """Say what the columns mean, and judge every row by it. It can be said again until the import runs.

    Args:
        mapping: ``{field: column}``; fields of :data:`patients.reading.columns.FIELDS`.
        system: under which name the other system's ids are kept; unchanged when empty.
        date_order: ``dmy`` or ``mdy`` where dates can be read in two ways.

    Raises:
        Invalid: the mapping cannot make patients.
        Conflict: the import runs already.
    """
    now = now or clock.now()
    batch = _locked(batch, by)
    rules.check_state(batch, ImportBatch.State.STAGED, ImportBatch.State.MAPPED)
    batch.system = (system or batch.system).strip()
    batch.other_system = other_system.strip()
    rules.check_mapping(batch, mapping=mapping, system=batch.system, other_system=batch.other_system)
    batch.mapping, batch.state = dict(mapping), ImportBatch.State.MAPPED
    batch.date_order = rules.date_order_of(_dates_in(batch), chosen=date_order)
    check_fields(batch)
    batch.save(update_fields=["system", "other_system", "mapping", "state", "date_order"])
    ImportRow.objects.filter(batch=batch).update(is_chosen=False)
    judge = Judge(batch, now=now)
    for rows in _chunks(batch.rows.order_by("line")):
        _write_verdicts(batch, judge.judge(rows))
    record(verb="import.mapped", subject=batch, by=by, now=now, site=batch.site, after=batch.mapping)
    return batch


@transaction.atomic(savepoint=False)
def choose_rows(
    *, batch: ImportBatch, chosen: Iterable[int], among: Iterable[int], by: Actor, now: datetime | None = None
) -> ImportBatch:
    """Say which possible duplicates are other people and shall be registered all the same.

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
    """
    now = now or clock.now()
    batch = _locked(batch, by)
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
    numbers = RecordNumbers(batch.site)
    judged = Judge(batch, now=now).judge(list(batch.rows.waiting()[:size]))
    registered = [(one, verb) for one in judged if (verb := _take_in(one, batch, numbers, by=by, now=now))]
    _write_verdicts(batch, judged, is_done=True)
    lines = [one.row.line for one, _verb in registered]
    ImportRow.objects.filter(batch=batch, line__in=lines).update(created=True)
    _advance(batch, len(judged), now=now)
    for one, verb in registered:
        record(verb=verb, subject=one.patient, by=by, now=now, site=batch.site, patient=one.patient)
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


def _take_in(
    one: Judged, batch: ImportBatch, numbers: RecordNumbers, *, by: Actor, now: datetime
) -> str | None:
    """Write what the verdict says; the verb for the audit, or None where nothing was to be written."""
    if one.patient is None:
        return None
    if one.verdict is Verdict.KNOWN_ELSEWHERE:
        insert_registration(one.patient, numbers=numbers, record_number=one.read.record_number, now=now)
        return "patient.registered_here_too"
    wanted = one.verdict is Verdict.NEW or (one.verdict is Verdict.POSSIBLE_DUPLICATE and one.row.is_chosen)
    if not wanted:
        return None
    given = ((batch.system, one.read.source_id), (batch.other_system, one.read.other_identifier))
    insert_patient(
        one.patient,
        numbers=numbers,
        record_number=one.read.record_number,
        identifiers=[(system, value) for system, value in given if value],
        by=by,
        now=now,
    )
    _refer(one, batch, by=by, now=now)
    return "patient.imported"


def _refer(one: Judged, batch: ImportBatch, *, by: Actor, now: datetime) -> None:
    """Who sent the patient, where the file says so."""
    name, practice = one.read.referring_clinician, one.read.referring_organisation
    if not (name or practice):
        return
    sender = ReferringClinician(
        patient=one.patient,
        name=name or practice,
        organisation=practice if name else "",
        recorded_at=now,
        recorded_by=by.user,
    )
    save_record(
        sender, verb="referring_clinician.added", by=by, now=now, site=batch.site, patient=one.patient
    )


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
    by.require(Permission.IMPORT_PATIENTS, found.site_id)
    return found


def _stage_rows(batch: ImportBatch, table: Table) -> None:
    rows = (ImportRow(batch=batch, line=line.number, cells=line.cells) for line in table.lines)
    ImportRow.objects.bulk_create(rows, batch_size=CHUNK)


def _dates_in(batch: ImportBatch) -> list[str]:
    places = [batch.columns.index(batch.mapping[name]) for name in rules.DATE_FIELDS if name in batch.mapping]
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


def _write_verdicts(batch: ImportBatch, judged: Sequence[Judged], **also: bool) -> None:
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
