import io
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import ImportBatch, Patient
from patients.operations.importing import CHUNK
from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, address, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

FILE = (
    "Id,First,Last,DOB,SSN\n"
    "a1,Ana,García,1984-03-12,999-17-5017\n"
    "a2,Eva,García,1984-03-12,999-17-5018\n"
    "a3,,,1990-01-01,999-17-5019\n"
    'a4,=1+2,"Ruiz\nPérez",1990-01-01,999-17-5020\n'
)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return Pages(staff("front_desk", site))


def upload(desk, site, content=FILE, *, key=None, **typed):
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "export.csv"
    return desk.post("import-upload", key=key, site=site.public_id, file=file, **typed)


def staged(desk, site, content=FILE):
    key = uuid.uuid4()
    assert goes_to(upload(desk, site, content, key=key), "import-columns", key)
    return ImportBatch.objects.get(public_id=key)


def mapped(desk, site, content=FILE, **typed):
    batch = staged(desk, site, content)
    answer = desk.post("import-columns", batch, **columns_of(desk, batch, **typed))
    assert goes_to(answer, "import", batch), text_of(answer)
    return batch


def columns_of(desk, batch, **typed):
    form = desk.get("import-columns", batch).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | typed


def run(desk, batch):
    """Confirm, and send the page's own form until there is nothing more to send."""
    desk.post("import-start", batch)
    for _time in range(100):
        batch.refresh_from_db()
        if batch.state == ImportBatch.State.DONE:
            return desk.get("import", batch)
        assert f'action="{address("import-next", batch)}"' in text_of(desk.get("import", batch))
        assert goes_to(desk.post("import-next", batch), "import", batch)
    raise AssertionError("the import never ends")


def test_the_whole_way_and_the_same_file_again(site, desk):
    batch = mapped(desk, site)
    preview = desk.get("import", batch)
    assert {one.verdict: one.count for one in preview.context["counts"] if one.count} == {
        "new": 2,
        "possible_duplicate": 1,
        "refused": 1,
    }
    assert "No family name." in text_of(preview)
    assert "Import 2 people" in text_of(preview)
    result = run(desk, batch)
    assert result.context["batch"].made_count == 2
    assert {patient.full_name for patient in Patient.objects.all()} == {"García, Ana", "Ruiz Pérez, =1+2"}
    again = run(desk, mapped(desk, site))
    assert again.context["batch"].made_count == 0
    assert "Nobody was registered" in text_of(again)
    assert Patient.objects.count() == 2


def test_what_identifies_somebody_to_an_authority_is_taken_by_hand_only(site, desk):
    batch = staged(desk, site)
    form = desk.get("import-columns", batch).context["form"]
    chosen = {form[name].label: form[name].value() for name in form.fields if name.startswith("column")}
    assert chosen == {
        "Id": "source_id",
        "First": "given_name",
        "Last": "family_name",
        "DOB": "birth_date",
        "SSN": "",
    }
    desk.post("import-columns", batch, **columns_of(desk, batch))
    assert "999-17-5017" not in text_of(desk.get("import", batch))


def test_a_doubtful_row_comes_in_when_somebody_ticks_it(site, desk):
    known = registered_patient(site=site)
    batch = mapped(desk, site, "Id,First,Last,DOB\nb1,Anna,García,1984-03-12\n")
    page = desk.get("import", batch, query="?verdict=possible_duplicate")
    assert address("detail", known) in text_of(page)
    answer = desk.post("import-choose", batch, chosen="2", among="2", page="1")
    assert answer["Location"] == address("import", batch) + "?verdict=possible_duplicate&page=1"
    assert "Import 1 person" in text_of(desk.get("import", batch))
    run(desk, batch)
    assert Patient.objects.count() == 2


def test_whom_a_row_resembles_elsewhere_is_a_number(site, desk):
    elsewhere = registered_patient(site=make_site("south"))
    batch = mapped(desk, site, "Id,First,Last,DOB\nb1,Anna,García,1984-03-12\n")
    page = text_of(desk.get("import", batch))
    assert "1 at another site" in page
    assert str(elsewhere.public_id) not in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"PK\x03\x04 a workbook", "This is an Excel workbook or a ZIP archive, whatever its name says."),
        ("Name,DOB\nJosé,1990-01-01\n".encode("latin-1"), "is not UTF-8"),
        (b"Name,DOB\nJo\x00s,1990-01-01\n", "holds a NUL character"),
        (b"Name,DOB\n", "nothing below it"),
        (b"Name,DOB\n" + b"A,1990-01-01\n" * 20_001, "more than 20,000 rows"),
        (b"x" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_sentence(site, desk, content, sentence):
    answer = upload(desk, site, content)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not ImportBatch.objects.exists()


def test_no_file_is_a_sentence(site, desk):
    answer = desk.post("import-upload", site=site.public_id)
    assert answer.status_code == 422
    assert "This field is required." in text_of(answer)


def test_an_encoding_can_be_chosen(site, desk):
    content = "Last,First,DOB\nMuñoz,José,1990-01-01\n".encode("cp1252")
    answer = upload(desk, site, content, encoding="cp1252")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"column2": ""}, "Choose the column that holds the family name"),
        ({"column3": ""}, "Choose the column that holds the date of birth."),
        ({"column1": "family_name"}, "Another column holds this already."),
        ({"column4": "other_identifier"}, "Name the system or authority"),
        ({"system": ""}, "This field is required."),
        ({"column0": "shoe_size"}, "Select a valid choice."),
    ],
)
def test_columns_that_make_no_patients_are_refused_and_kept(site, desk, typed, sentence):
    batch = staged(desk, site)
    said = columns_of(desk, batch) | typed
    answer = desk.post("import-columns", batch, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    form = answer.context["form"]
    assert {name: form[name].value() for name in said} == said


def test_dates_that_can_be_read_in_two_ways_are_asked_about(site, desk):
    batch = staged(desk, site, "Last,First,DOB\nRuiz,Eva,03/04/1990\n")
    said = columns_of(desk, batch)
    answer = desk.post("import-columns", batch, **said)
    assert answer.status_code == 422
    assert "03/04/1990 can be read in two ways." in text_of(answer)
    assert goes_to(desk.post("import-columns", batch, **said | {"date_order": "dmy"}), "import", batch)


def test_a_long_file_runs_in_chunks_and_says_how_far_it_is(site, desk):
    births = [date(1950, 1, 1) + timedelta(days=n) for n in range(CHUNK + 1)]
    rows = "".join(f"c{n},Eva{n},Ruiz,{birth}\n" for n, birth in enumerate(births))
    batch = mapped(desk, site, "Id,First,Last,DOB\n" + rows)
    desk.post("import-start", batch)
    assert f"0 of {CHUNK + 1} rows" in text_of(desk.get("import", batch))
    key = uuid.uuid4()
    for _time in range(2):
        desk.post("import-next", batch, key=key)
    page = text_of(desk.get("import", batch))
    assert f"{CHUNK} of {CHUNK + 1} rows" in page
    assert "data-go-on" in page
    desk.post("import-next", batch)
    assert desk.get("import", batch).context["batch"].made_count == CHUNK + 1


@pytest.mark.parametrize("step", ["import-choose", "import-next"])
def test_a_step_out_of_order_is_a_sentence(site, desk, step):
    batch = staged(desk, site)
    answer = desk.post(step, batch)
    assert answer.status_code == 409
    assert "This is not possible now" in text_of(answer)


def test_an_import_is_given_up(site, desk):
    batch = mapped(desk, site)
    assert goes_to(desk.post("import-discard", batch), "imports")
    assert "nobody was registered" in text_of(desk.get("import", batch))
    assert not Patient.objects.exists()


def test_the_list_of_imports_tells_what_came_of_each(site, desk):
    assert "Nothing was imported yet." in text_of(desk.get("imports"))
    run(desk, mapped(desk, site))
    page = text_of(desk.get("imports"))
    assert "export.csv" in page
    assert "Done" in page


@pytest.mark.parametrize("query", ["?verdict=new", "?verdict=nonsense", "?page=99", "?page=x"])
def test_any_filter_opens(site, desk, query):
    assert desk.get("import", mapped(desk, site), query=query).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_rows(site, desk, django_assert_num_queries):
    registered_patient(site=site)
    line = "d{n},Anna{n},García,1984-03-12\n"
    few, many = (
        mapped(desk, site, "Id,First,Last,DOB\n" + "".join(line.format(n=n) for n in range(count)))
        for count in (1, 20)
    )
    with CaptureQueriesContext(connection) as counted:
        desk.get("import", few)
    with django_assert_num_queries(len(counted)):
        desk.get("import", many)


@pytest.mark.parametrize("name", ["import", "import-columns"])
def test_the_imports_of_other_sites_are_out_of_reach(site, desk, name):
    batch = staged(desk, site)
    elsewhere = Pages(staff("front_desk", make_site("south")))
    assert elsewhere.get(name, batch).status_code == 404
    nurse = Pages(staff("nurse", site))
    assert nurse.get(name, batch).status_code == 403


@pytest.mark.parametrize("name", ["import-choose", "import-start", "import-next", "import-discard"])
def test_the_steps_need_the_right_at_the_site(site, desk, name):
    batch = staged(desk, site)
    assert Pages(staff("front_desk", make_site("south"))).post(name, batch).status_code == 404
    assert Pages(staff("nurse", site)).post(name, batch).status_code == 403
    assert desk.get(name, batch).status_code == 405


def test_the_export_of_another_system_comes_in_once(site, desk, shared_data):
    content = (shared_data / "synthea_patients.csv").read_bytes()
    first = run(desk, mapped(desk, site, content))
    assert first.context["batch"].made_count == first.context["batch"].row_count
    second = run(desk, mapped(desk, site, content))
    assert second.context["batch"].made_count == 0
