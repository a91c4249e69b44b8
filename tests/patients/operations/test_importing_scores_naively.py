"""The import of scores against a second reader that knows nothing of it: one dictionary, one row after the other.

Rows are drawn from a small world, so that days, answers and people meet: the same score twice, another one on the same
day, an answer that is none, a day that cannot be, a number that nobody has.
"""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Assessment, SuicideReview
from tests.patients.score_files import imported, patient_called, said
from tests.scenes import make_site, staff

TODAY = date(2026, 3, 2)
BORN = {"M1": date(1984, 3, 12), "M2": date(2026, 2, 1)}
COLUMNS = [*(f"gad7_{n}" for n in range(1, 8)), "phq9_9"]
CELLS = st.sampled_from(["0", "0", "1", "3", "2.0", "", "-999", "4", "NA", "=1"])
PLAIN = st.sampled_from(["0", "1"])
ROWS = st.tuples(
    st.sampled_from(["M1", "M1", "M2", "M3", ""]),
    st.sampled_from(["2026-03-03", "2026-03-02", "2026-02-23", "2026-02-22", "2026-01-31", "2020-01-01", ""]),
    st.one_of(
        st.lists(PLAIN, min_size=8, max_size=8).map(lambda cells: [cells[0]] * 7 + [cells[7]]),
        st.lists(CELLS, min_size=8, max_size=8),
    ),
)
GOOD = {"0": 0, "1": 1, "3": 3, "2.0": 2}


def naive_verdicts(rows, record):
    """What becomes of each row; ``record`` is filled with what comes in: (number, day, kind) -> list of answers."""
    verdicts = []
    for number, day, cells in rows:
        if number not in BORN or not day or any(cell not in {*GOOD, ""} for cell in cells):
            verdicts.append("refused")
            continue
        when = date.fromisoformat(day)
        given_cells = {name: GOOD[cell] for name, cell in zip(COLUMNS, cells, strict=True) if cell}
        if not given_cells or not BORN[number] <= when <= TODAY:
            verdicts.append("refused")
            continue
        parts = {}
        for name, value in given_cells.items():
            parts.setdefault(name[:4], {})[name] = value
        fresh = {
            kind: part for kind, part in parts.items() if part not in record.get((number, day, kind), [])
        }
        clash = any(record.get((number, day, kind)) for kind in fresh)
        verdicts.append("already_here" if not fresh else "possible_duplicate" if clash else "new")
        if verdicts[-1] == "new":
            for kind, part in fresh.items():
                record.setdefault((number, day, kind), []).append(part)
    return verdicts


def text_of(rows):
    lines = [
        ",".join(["MRN", "Date", *COLUMNS]),
        *(",".join([number, day, *cells]) for number, day, cells in rows),
    ]
    return "\n".join(lines) + "\n"


def stored():
    found = {}
    for row in Assessment.objects.select_related("patient").order_by("pk"):
        number = row.patient.registrations.get().record_number
        key = number, row.taken_at.date().isoformat(), row.instrument_code
        found.setdefault(key, []).append(row.answers)
    return found


@pytest.fixture
def clinic(db):
    site = make_site()
    desk = staff("front_desk", site)
    for number, born in BORN.items():
        patient_called(number, site, desk, born=born)
    return site, desk


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=8), size=st.sampled_from([1, 2, 500]))
def test_it_agrees_with_a_naive_reader_and_a_second_run_adds_nothing(clinic, rows, size):
    site, desk = clinic
    with transaction.atomic():
        record = {}
        expected = naive_verdicts(rows, record)
        batch = imported(site, desk, text_of(rows), size=size)
        assert [verdict for verdict, _why in said(batch).values()] == expected
        assert stored() == record
        totals = {
            row.total for row in Assessment.objects.filter(instrument_code="gad7") if len(row.answers) < 7
        }
        assert totals <= {None}
        recent = [
            part
            for (_number, day, _kind), parts in record.items()
            for part in parts
            if part.get("phq9_9") and date.fromisoformat(day) >= TODAY - timedelta(days=7)
        ]
        assert SuicideReview.objects.count() == len(recent)
        before = Assessment.objects.count()
        again = imported(site, desk, text_of(rows), size=size)
        assert (again.created_count, Assessment.objects.count()) == (0, before)
        transaction.set_rollback(True)
