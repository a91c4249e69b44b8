"""Files of past scores, and the patients whom they are about."""

from datetime import UTC, date, datetime

from patients.models import ImportBatch
from patients.operations.importing import map_columns, run_next_chunk, stage_import, start_import
from patients.operations.registering import register_patient

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
ITEMS = [*(f"phq9_{n}" for n in range(1, 10)), *(f"gad7_{n}" for n in range(1, 8))]
HEADER = f"MRN,Date,{','.join(ITEMS)}\n"
ONES = ",".join("1" * 16)


def patient_called(number, site, by, *, family_name="García", born=date(1984, 3, 12), **more):
    names = {"family_name": family_name, "given_name": "Ana", "birth_date": born, "sex": "female"}
    return register_patient(
        site=site, details=names, record_number=number, by=by, confirmed_not_duplicate=True, **more
    )


def previewed(site, by, text, *, mapping=None, now=NOW, **how):
    batch = stage_import(
        site=site, content=text.encode(), file_name="scores.csv", kind="scores", by=by, now=now
    )
    return map_columns(batch=batch, mapping=batch.mapping | (mapping or {}), by=by, now=now, **how)


def imported(site, by, text, *, size=500, now=NOW, **how):
    batch = start_import(batch=previewed(site, by, text, now=now, **how), by=by, now=now)
    while batch.state == ImportBatch.State.RUNNING:
        batch = run_next_chunk(batch=batch, by=by, size=size, now=now)
    return batch


def said(batch) -> dict[int, tuple[str, list[str]]]:
    return {row.line: (row.verdict, row.reasons) for row in batch.rows.order_by("line")}


def answers(values: str, at: int, cell: str) -> str:
    cells = values.split(",")
    cells[at] = cell
    return ",".join(cells)
