"""Past scores through the pages: upload, columns, preview, result; what is said on each."""

import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.common import clock
from patients.models import Assessment, ImportBatch
from patients.operations.assessing import correct_assessment
from tests.patients.score_files import HEADER, ONES, answers, patient_called
from tests.patients.views.pages import Pages, address, goes_to, text_of
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

FILE = HEADER + (
    f"M1,2020-06-01,{ONES}\n"
    f"M1,2020-06-02,{answers(ONES, 0, '-999')}\n"
    f"M1,2020-06-03,{answers(ONES, 8, '')}\n"
    f"M9,2020-06-01,{ONES}\n"
)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def clerk(site):
    return staff("front_desk", site)


@pytest.fixture
def desk(clerk):
    return Pages(clerk)


@pytest.fixture
def ana(site, clerk):
    return patient_called("M1", site, clerk)


def staged(desk, site, text=FILE):
    key, file = uuid.uuid4(), io.BytesIO(text.encode())
    file.name = "scores.csv"
    answer = desk.post("import-upload-scores", key=key, site=site.public_id, file=file)
    assert goes_to(answer, "import-columns", key), text_of(answer)
    return ImportBatch.objects.get(public_id=key)


def columns_of(desk, batch, **typed):
    form = desk.get("import-columns", batch).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | typed


def mapped(desk, site, text=FILE, **typed):
    batch = staged(desk, site, text)
    answer = desk.post("import-columns", batch, **columns_of(desk, batch, **typed))
    assert goes_to(answer, "import", batch), text_of(answer)
    return batch


def run(desk, batch):
    desk.post("import-start", batch)
    desk.post("import-next", batch)
    return desk.get("import", batch)


def test_the_whole_way_and_the_same_file_again(site, desk, ana):
    batch = mapped(desk, site)
    preview = desk.get("import", batch)
    said = text_of(preview)
    assert {one.verdict: one.count for one in preview.context["counts"]} == {
        "new": 2,
        "already_here": 0,
        "possible_duplicate": 0,
        "refused": 2,
    }
    for sentence in (
        "Import 2 rows",
        "PHQ-9 9, GAD-7 7",
        "PHQ-9 –, GAD-7 7",
        "García, Ana",
        "“phq9_1” holds a code for “not answered”",
        "No patient of this site is known like that.",
        "PHQ-9: questions are unanswered, so it comes in without a total.",
        "no review is opened. Look at it.",
    ):
        assert sentence in said, sentence
    result = run(desk, batch)
    assert result.context["batch"].made_count == 4
    assert "Scores recorded" in text_of(result)
    again = run(desk, mapped(desk, site))
    assert "Nothing was recorded" in text_of(again)
    assert Assessment.objects.count() == 4


def test_the_result_lists_answers_on_suicide_and_which_have_a_review(site, desk, ana):
    today = clock.local_date(clock.now(), site.time_zone).isoformat()
    batch = mapped(desk, site, HEADER + f"M1,2020-06-01,{ONES}\nM1,{today},{ONES}\n")
    page = run(desk, batch)
    shown = [(one.score.taken_at.year, one.has_review) for one in page.context["answers"].shown]
    assert shown == [(int(today[:4]), True), (2020, False)]
    assert "2 scores came in with such an answer" in text_of(page)
    assert address("suicide-reviews") in text_of(page)


def test_the_record_says_where_a_score_is_from(site, clerk, desk, ana):
    run(desk, mapped(desk, site, HEADER + f"M1,2020-06-01,{ONES}\n", system="Old House"))
    score = Assessment.objects.get(instrument_code="phq9")
    page = text_of(desk.get("assessment", ana, score))
    assert "Imported from Old House (file scores.csv) on" in page
    assert f"by {clerk.user.printed_name}" in page
    assert "Old House" in text_of(desk.get("detail", ana))
    assert "From another system" not in text_of(desk.get("assess", ana, "phq9"))


def test_a_total_without_answers_says_so_and_can_be_corrected(site, clerk, desk, ana):
    run(desk, mapped(desk, site, "MRN,Date,Measure,Score\nM1,2020-06-01,PHQ-9,21\n"))
    score = Assessment.objects.get()
    page = text_of(desk.get("assessment", ana, score))
    assert "The other system gave the total only" in page
    assert "Severe" in page
    assert "not answered" not in page
    assert desk.get("correct-assessment", ana, score).status_code == 200
    fixed = correct_assessment(assessment=score, reason="found the form", answers={"phq9_1": 1}, by=clerk)
    assert text_of(desk.get("assessment", ana, fixed)).count("Imported from") == 1


def test_one_date_for_all_rows_is_asked_for_and_kept(site, desk, ana):
    batch = staged(desk, site, "row,phq9_9\nM1,0\n")
    said = columns_of(desk, batch)
    answer = desk.post("import-columns", batch, **said)
    assert answer.status_code == 422
    assert "or give one date for all rows." in text_of(answer)
    answer = desk.post("import-columns", batch, **said | {"taken_on": "2999-01-01"})
    assert "This day is in the future." in text_of(answer)
    assert answer.context["form"]["taken_on"].value() == "2999-01-01"
    assert goes_to(desk.post("import-columns", batch, **said | {"taken_on": "2020-06-01"}), "import", batch)
    assert columns_of(desk, batch)["taken_on"].isoformat() == "2020-06-01"


def test_another_score_of_the_day_comes_in_when_ticked(site, desk, ana):
    run(desk, mapped(desk, site, HEADER + f"M1,2020-06-01,{ONES}\n"))
    batch = mapped(desk, site, HEADER + f"M1,2020-06-01,{answers(ONES, 0, '3')}\n")
    page = text_of(desk.get("import", batch, query="?verdict=possible_duplicate"))
    assert "A score of its own" in page
    assert "PHQ-9: another one with other answers stands on that day." in page
    desk.post("import-choose", batch, chosen="2", among="2")
    run(desk, batch)
    assert Assessment.objects.filter(instrument_code="phq9").count() == 2


def test_an_import_is_given_up(site, desk, ana):
    batch = mapped(desk, site)
    assert goes_to(desk.post("import-discard", batch), "imports")
    assert "nothing was recorded" in text_of(desk.get("import", batch))
    assert not Assessment.objects.exists()


def test_the_list_offers_both_imports_to_those_who_may(site, desk, ana):
    run(desk, mapped(desk, site))
    page = text_of(desk.get("imports"))
    assert address("import-upload-scores") in page
    assert "Past scores" in page
    role_named("front_desk").rights.filter(permission="record_scores").delete()
    without = Pages(staff("front_desk", site))
    page = text_of(without.get("imports"))
    assert address("import-upload-scores") not in page
    assert without.get("import-upload-scores").status_code == 403
    assert ImportBatch.objects.get().file_name not in page


def test_the_number_of_queries_does_not_grow_with_the_rows(site, desk, clerk):
    for number in range(20):
        patient_called(f"M{number}", site, clerk)
    few, many = (
        mapped(
            desk,
            site,
            "MRN,Date,PHQ9\n" + "".join(f"M{n},2020-06-{n + 1:02},5\n" for n in range(count)),
        )
        for count in (1, 20)
    )
    counts = []
    for batch in (few, many):
        with CaptureQueriesContext(connection) as counted:
            desk.get("import", batch)
        counts.append(len(counted))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["import", "import-columns"])
def test_the_scores_of_other_sites_are_out_of_reach(site, desk, ana, name):
    batch = staged(desk, site)
    assert Pages(staff("front_desk", make_site("south"))).get(name, batch).status_code == 404
    assert Pages(staff("nurse", site)).get(name, batch).status_code == 403


def test_the_file_of_answers_comes_in_once(site, desk, clerk, shared_data):
    text = (shared_data / "phq9_gad7_responses.csv").read_text()
    lines = text.splitlines()[1:]
    for line in lines:
        number = line.partition(",")[0]
        patient_called(number, site, clerk, family_name=f"No {number}")
    first = run(desk, mapped(desk, site, text, taken_on="2020-06-01"))
    assert first.context["batch"].made_count == 2 * len(lines)
    assert run(desk, mapped(desk, site, text, taken_on="2020-06-01")).context["batch"].made_count == 0
