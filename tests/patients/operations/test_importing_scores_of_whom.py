"""Past scores: whose row it is, of which day, and what a mapping must say."""

from datetime import date

import pytest

from clinic.common.errors import Invalid
from patients.models import Assessment
from patients.operations.importing import (
    map_columns,
    run_next_chunk,
    stage_import,
    start_import,
)
from tests.patients.score_files import HEADER, NOW, ONES, imported, patient_called, previewed, said
from tests.refusals import refused
from tests.scenes import make_site, staff


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site)


@pytest.fixture
def ana(site, desk):
    return patient_called("M1", site, desk)


PEOPLE = [
    ("García,Ana,1984-03-12", "new"),
    ("garcia,ANA,1984-03-12", "new"),
    ("García,Ana María,1984-03-12", "new"),
    ("García,Eva,1984-03-12", "refused"),
    ("García,,1984-03-12", "refused"),
    ("García,Ana,1984-12-03", "refused"),
    (",,1984-03-12", "refused"),
]


@pytest.mark.parametrize(("cells", "verdict"), PEOPLE)
def test_patients_are_found_by_name_and_birth_date(site, desk, ana, cells, verdict):
    batch = previewed(site, desk, f"Last,First,DOB,Date,PHQ9\n{cells},2025-06-01,5\n")
    assert said(batch)[2][0] == verdict


def test_two_patients_of_one_name_and_birth_date_are_told_apart_by_number_only(site, desk, ana):
    twin = patient_called("M2", site, desk)
    batch = previewed(site, desk, "Last,First,DOB,Date,PHQ9\nGarcía,Ana,1984-03-12,2025-06-01,5\n")
    assert said(batch)[2] == ("refused", ["several_patients"])
    imported(site, desk, "MRN,Last,First,DOB,Date,PHQ9\nM2,García,Ana,1984-03-12,2025-06-01,5\n")
    assert Assessment.objects.get().patient == twin


@pytest.mark.parametrize(
    ("cells", "reason"),
    [("M1,García,Ana,1984-03-13", "birth_date_differs"), ("M1,Ruiz,Eva,1984-03-12", "name_differs")],
)
def test_a_number_that_contradicts_the_rest_of_the_row_is_refused(site, desk, ana, cells, reason):
    batch = previewed(site, desk, f"MRN,Last,First,DOB,Date,PHQ9\n{cells},2025-06-01,5\n")
    assert said(batch)[2] == ("refused", [reason])


def test_patients_are_found_by_the_id_of_an_earlier_import(site, desk):
    people = "Id,First,Last,DOB\na1,Ana,García,1984-03-12\n"
    batch = stage_import(site=site, content=people.encode(), file_name="old.csv", by=desk, now=NOW)
    batch = start_import(batch=map_columns(batch=batch, mapping=batch.mapping, by=desk), by=desk)
    run_next_chunk(batch=batch, by=desk, now=NOW)
    scores = imported(site, desk, "Id,Date,PHQ9\na1,2025-06-01,5\na2,2025-06-01,5\n")
    assert scores.system == "old"
    assert said(scores) == {2: ("new", []), 3: ("refused", ["no_patient"])}


def test_patients_of_another_site_are_not_found_by_anything(site, desk, ana):
    south = make_site("south")
    elsewhere = staff("front_desk", south)
    number = imported(south, elsewhere, HEADER + f"M1,2025-06-01,{ONES}\n")
    name = imported(south, elsewhere, "Last,First,DOB,Date,PHQ9\nGarcía,Ana,1984-03-12,2025-06-01,5\n")
    assert said(number) == said(name) == {2: ("refused", ["no_patient"])}
    assert not Assessment.objects.exists()


def test_one_day_for_all_rows(site, desk, ana):
    text = "row,phq9_1,gad7_1\nM1,1,1\n"
    with refused(Invalid, "import.no_day_column"):
        previewed(site, desk, text)
    with refused(Invalid, "import.future_day"):
        previewed(site, desk, text, taken_on=date(2026, 3, 3))
    batch = imported(site, desk, text, taken_on=date(2025, 6, 1))
    assert batch.mapping["record_number"] == "row"
    assert {row.taken_at.date() for row in Assessment.objects.all()} == {date(2025, 6, 1)}


@pytest.mark.parametrize(
    ("mapping", "how", "field", "code"),
    [
        ({"record_number": "Nope"}, {}, "record_number", "import.column"),
        ({"shoe": "Date"}, {}, "shoe", "import.field"),
        ({"taken_on": "Date"}, {"taken_on": date(2025, 1, 1)}, "taken_on", "import.two_days"),
        ({"instrument": "MRN"}, {}, "total", "import.half_named"),
    ],
)
def test_mappings_that_cannot_make_scores(site, desk, mapping, how, field, code):
    with refused(Invalid, code) as refusal:
        previewed(site, desk, HEADER + f"M1,2025-06-01,{ONES}\n", mapping=mapping, **how)
    assert field in refusal.value.fields


def test_a_mapping_names_somebody_and_something(site, desk):
    batch = stage_import(
        site=site, content=b"Date,Note\n2025-06-01,x\n", file_name="a.csv", kind="scores", by=desk
    )
    with refused(Invalid, "import.no_patient_column") as refusal:
        map_columns(batch=batch, mapping=batch.mapping, by=desk)
    assert {"record_number", "total"} <= set(refusal.value.fields)


def test_dates_that_can_be_read_in_two_ways_are_asked_about(site, desk, ana):
    text = "MRN,Date,PHQ9\nM1,03/04/2025,5\n"
    with refused(Invalid, "import.date_order"):
        previewed(site, desk, text)
    imported(site, desk, text, date_order="dmy")
    assert Assessment.objects.get().taken_at.date() == date(2025, 4, 3)
