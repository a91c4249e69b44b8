"""The import of scores as a command: what it prints, what it keeps, what it refuses."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import AuditEvent
from clinic.common.models import JobRun
from patients.models import Assessment, ImportBatch, ImportRow
from patients.operations.importing import map_columns, run_next_chunk, stage_import, start_import
from patients.reading import table
from tests.patients.score_files import HEADER, ONES, answers, patient_called
from tests.scenes import make_site, staff

FILE = HEADER + (
    f"M1,2020-06-01,{ONES}\n"
    f"M1,2020-06-01,{ONES}\n"
    f"M1,2020-06-01,{answers(ONES, 0, '2')}\n"
    f"M1,2020-06-02,{answers(ONES, 0, '-999')}\n"
    f"M1,2999-01-01,{ONES}\n"
    f"M9,2020-06-01,{ONES}\n"
)
COUNTS = """New: 1
Already here: 1
Possible duplicate: 1
Refused: 3
Rows: 6
Line 4: possible duplicate. PHQ-9: another one with other answers stands on that day. \
GAD-7: the same stands further up in this file. PHQ-9: an answer on suicide from some time ago; no review is opened. \
Look at it.
Line 5: refused. “phq9_1” holds a code for “not answered”, such as -999. Leave the cell empty: \
such a code is never added.
Line 6: refused. The date is in the future.
Line 7: refused. No patient of this site is known like that. Register or import the patient first, then this file again.
"""
MADE = "Answers on suicide: 1; reviews opened: 0. Look at the others.\nCreated: 2\n"
TABLES = (Assessment, ImportBatch, ImportRow, JobRun, AuditEvent)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site, "desk")


@pytest.fixture
def ana(site, desk):
    return patient_called("M1", site, desk)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(path: Path, *options: str, site: str = "north") -> str:
    out = StringIO()
    call_command("import_scores", str(path), "--site", site, *options, stdout=out)
    return out.getvalue()


def sizes() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in TABLES}


def test_it_says_what_became_of_the_rows(csv, desk, ana):
    assert run(csv, "--by", "desk") == COUNTS + MADE
    assert Assessment.objects.filter(patient=ana, entered_by=desk.user).count() == 2


def test_a_dry_run_says_the_same_and_keeps_nothing(csv, ana):
    before = sizes()
    assert run(csv, "--dry-run") == COUNTS + "Dry run: nothing was kept.\n"
    assert sizes() == before


def test_the_same_file_again_creates_nothing(csv, ana):
    run(csv, "--by", "desk")
    again = run(csv, "--by", "desk")
    assert "Already here: 2\n" in again
    assert again.endswith("Created: 0\n")
    assert Assessment.objects.count() == 2


def test_a_cut_off_import_goes_on_where_it_stopped(site, csv, desk, ana):
    batch = stage_import(site=site, content=csv.read_bytes(), file_name="scores.csv", kind="scores", by=desk)
    batch = start_import(batch=map_columns(batch=batch, mapping=batch.mapping, by=desk), by=desk)
    run_next_chunk(batch=batch, by=desk, size=2)
    assert run(csv, "--by", "desk").endswith(MADE)
    assert ImportBatch.objects.get().state == ImportBatch.State.DONE


def test_one_date_and_columns_told_by_hand(tmp_path, ana):
    path = tmp_path / "odd.csv"
    path.write_text("Who,Mood of the day\nM1,7\n", encoding="utf-8")
    told = ["--map", "Who=record_number", "--map", "Mood of the day=mood"]
    with pytest.raises(CommandError, match="or give one date for all rows"):
        run(path, "--by", "desk", *told)
    run(path, "--by", "desk", *told, "--date", "2020-06-01", "--system", "diary")
    score = Assessment.objects.get()
    assert (score.answers, score.imported_in.system) == ({"mood": 7}, "diary")


BAD = {
    "encoding": (HEADER.encode() + "M1,Müller".encode("cp1252"), "Line 2 is not UTF-8"),
    "zip": (b"PK\x03\x04" + b"\x00" * 60, "an Excel workbook or a ZIP archive"),
    "no rows": (HEADER.encode(), "nothing below it"),
    "no patient column": (b"Date,PHQ9\n2020-06-01,5\n", "Choose the column that says whose scores they are"),
    "nothing scored": (b"MRN,Date\nM1,2020-06-01\n", "Choose at least one column that holds answers"),
    "length": (b"MRN,PHQ9\n" + b"M1,5\n" * (table.MAX_ROWS + 1), "more than 20,000 rows"),
}


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=list(BAD))
def test_a_file_that_cannot_be_taken_in_leaves_nothing(tmp_path, desk, content, says):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    before = sizes()
    with pytest.raises(CommandError, match=says):
        run(path, "--by", "desk")
    assert sizes() == before


def test_who_imports_is_named_and_holds_the_rights(site, csv, ana):
    staff("nurse", site, "nurse")
    for options, says in (
        ([], "add --by USERNAME, or --dry-run"),
        (["--by", "nurse"], "Your role does not include this right"),
        (["--by", "nobody"], "nobody active with the user name nobody"),
        (["--by", "desk", "--map", "Date=shoe"], "no such field: shoe"),
    ):
        with pytest.raises(CommandError, match=says):
            run(csv, *options)
    assert not Assessment.objects.exists()
