"""The import as a command: what it prints, what it keeps, what it refuses."""

import codecs
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import AuditEvent
from clinic.common.models import JobRun
from patients.models import Identifier, ImportBatch, ImportRow, Patient, Registration
from patients.operations.importing import map_columns, run_next_chunk, stage_import, start_import
from patients.reading import table
from tests.scenes import make_site, staff

HEADER = "Id,First,Last,DOB,Gender,SSN\n"
FILE = (
    HEADER
    + """a1,Ana,García,1984-03-12,F,999-00-0001
a2,Ольга,Иванова,1990-01-01,F,999-00-0002
a3,=1+1,Formula,1971-05-05,M,999-00-0003
a4,Max,Future,2999-01-01,M,
a5,,,1990-01-01,M,
a6,Eva,García,1984-03-12,F,
a1,Ana,García,1984-03-12,F,999-00-0001
"""
)
COUNTS = """New: 3
Known at another site: 0
Already here: 1
Possible duplicate: 1
Refused: 2
Rows: 7
Line 5: refused. The date of birth is in the future.
Line 6: refused. No family name.
Line 7: possible duplicate. Same date of birth and a name in common.
"""
TABLES = (Patient, Registration, Identifier, ImportBatch, ImportRow, JobRun, AuditEvent)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(path: Path, *options: str, site: str = "north") -> str:
    out = StringIO()
    call_command("import_patients", str(path), "--site", site, *options, stdout=out)
    return out.getvalue()


def sizes() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in TABLES}


def test_it_says_what_became_of_the_rows(site, csv):
    assert run(csv) == COUNTS + "Created: 3\n"
    assert set(Patient.objects.values_list("given_name", flat=True)) == {"Ana", "Ольга", "=1+1"}
    assert Registration.objects.filter(site=site).count() == 3


def test_no_name_and_no_number_of_the_file_is_printed(site, csv):
    printed = run(csv)
    assert [word for word in ("Ana", "García", "Formula", "Future", "999", "1984") if word in printed] == []
    assert set(Identifier.objects.values_list("value", flat=True)) == {"a1", "a2", "a3"}


def test_a_dry_run_says_the_same_and_keeps_nothing(site, csv):
    before = sizes()
    assert run(csv, "--dry-run") == COUNTS + "Dry run: nothing was kept.\n"
    assert sizes() == before


def test_the_same_file_again_creates_nothing(site, csv):
    run(csv)
    assert "Already here: 4\n" in (again := run(csv))
    assert again.endswith("Created: 0\n")
    assert Patient.objects.count() == 3


def test_the_job_is_named_in_the_audit(site, csv):
    run(csv)
    assert set(ImportBatch.objects.values_list("staged_by", flat=True)) == {"job:import_patients"}


def test_it_runs_in_the_name_of_a_person(site, csv):
    desk = staff("front_desk", site, "desk")
    run(csv, "--by", "desk")
    assert ImportBatch.objects.get().staged_by == desk.key


def test_a_cut_off_import_goes_on_where_it_stopped(site, csv):
    desk = staff("front_desk", site)
    batch = stage_import(site=site, content=csv.read_bytes(), file_name="export.csv", by=desk)
    batch = start_import(batch=map_columns(batch=batch, mapping=batch.mapping, by=desk), by=desk)
    run_next_chunk(batch=batch, by=desk, size=2)
    assert run(csv) == COUNTS + "Created: 3\n"
    assert ImportBatch.objects.get().state == ImportBatch.State.DONE


def test_columns_are_mapped_by_hand(site, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("Ref=No,Called,Clan,Day,SSN\n7,Ana,García,12/03/1984,999\n", encoding="utf-8")
    options = ["Ref=No=source_id", "Called=given_name", "Clan=family_name", "Day=birth_date"]
    told = [word for option in [*options, "SSN=other_identifier"] for word in ("--map", option)]
    with pytest.raises(CommandError, match="Name the system or authority"):
        run(path, *told, "--date-order", "dmy")
    run(path, *told, "--date-order", "dmy", "--system", "odd", "--other-system", "us-ssn")
    assert Patient.objects.get().birth_date.isoformat() == "1984-03-12"
    assert set(Identifier.objects.values_list("system", "value")) == {("odd", "7"), ("us-ssn", "999")}


def test_a_column_is_left_out_by_hand(site, csv):
    run(csv, "--map", "Gender=", "--map", "Id=")
    assert set(Patient.objects.values_list("sex", flat=True)) == {"unknown"}
    assert not Identifier.objects.exists()


BAD = {
    "encoding": (HEADER.encode() + "a1,Ana,García,1984-03-12,F,\n".encode("cp1252"), "Line 2 is not UTF-8"),
    "zip": (b"PK\x03\x04" + b"\x00" * 60, "an Excel workbook or a ZIP archive"),
    "no rows": (HEADER.encode(), "nothing below it"),
    "quotes": (HEADER.encode() + b'a1,"Ana,x,1984-03-12,F,\n', "a quotation mark is not closed"),
    "no date column": (b"First,Last\nAna,Garcia\n", "Choose the column that holds the date of birth."),
    "two readings": (b"First,Last,DOB\nAna,Garcia,03/04/1984\n", "can be read in two ways"),
    "length": (
        b"First,Last,DOB\n" + b"Ana,Garcia,1984-03-12\n" * (table.MAX_ROWS + 1),
        "more than 20,000 rows",
    ),
    "size": (b"x" * (table.MAX_BYTES + 1), "larger than 20 MB"),
}


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=list(BAD))
def test_a_file_that_cannot_be_taken_in_leaves_nothing(site, tmp_path, content, says):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    before = sizes()
    with pytest.raises(CommandError, match=says):
        run(path)
    assert sizes() == before


def test_another_encoding_is_named(site, tmp_path):
    path = tmp_path / "west.csv"
    path.write_bytes(FILE.replace("Ольга,Иванова", "Olga,Iwanowa").encode("cp1252"))
    assert run(path, "--encoding", "cp1252").endswith("Created: 3\n")
    assert Patient.objects.filter(family_name="García").exists()


def test_a_byte_order_mark_is_no_part_of_the_first_header(site, csv):
    csv.write_bytes(codecs.BOM_UTF8 + csv.read_bytes())
    assert run(csv) == COUNTS + "Created: 3\n"


def test_who_and_where_must_exist_and_hold_the_right(site, csv, tmp_path):
    staff("nurse", site, "nurse")
    for options, says in (
        (["--by", "nobody"], "nobody active with the user name nobody"),
        (["--by", "nurse"], "Your role does not include this right"),
        (["--map", "Gender"], 'Write --map "Header=field"'),
        (["--map", "Gender=shoe"], "no such field: shoe"),
        (["--map", "Shoe=sex"], "no such column: Shoe"),
    ):
        with pytest.raises(CommandError, match=says):
            run(csv, *options)
    with pytest.raises(CommandError, match="no site with the code moon"):
        run(csv, site="moon")
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "none.csv")
