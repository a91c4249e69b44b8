"""Past scores from another system's file: what becomes of each row, what is recorded, what is refused and why."""

from datetime import UTC, date, datetime

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Refused
from patients.models import Assessment, ImportBatch, ImportRow, SuicideReview
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.importing import (
    choose_rows,
    map_columns,
    run_next_chunk,
    stage_import,
    start_import,
)
from tests.patients.scenes import phq9
from tests.patients.score_files import HEADER, NOW, ONES, answers, imported, patient_called, previewed, said
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


def test_a_row_of_two_questionnaires_becomes_two_scores(site, desk, ana):
    batch = imported(site, desk, HEADER + f"M1,2025-06-01,{ONES}\n")
    assert said(batch) == {2: ("new", ["old_suicide_answer:PHQ-9"])}
    assert batch.created_count == batch.job.result["created"] == 2
    found = {row.instrument_code: row for row in Assessment.objects.filter(patient=ana)}
    assert {code: (row.total, row.band) for code, row in found.items()} == {
        "phq9": (9, "mild"),
        "gad7": (7, "mild"),
    }
    for row in found.values():
        assert row.taken_at == datetime(2025, 6, 1, 16, tzinfo=UTC), "noon in New York"
        assert (row.mode, row.imported_in, row.entered_at) == ("imported", batch, NOW)
        assert row.entered_by == row.taken_by == desk.user
    assert AuditEvent.objects.filter(verb="assessment.imported").count() == 2


# Cells after MRN and date; the patient is born 1984-03-12 and registered as M1.
TABLE = [
    (f"M1,2025-06-01,{ONES}", "new", ["old_suicide_answer:PHQ-9"]),
    (f"M1,2026-02-23,{ONES}", "new", ["opens_review:PHQ-9"]),
    (f"M1,2026-02-22,{ONES}", "new", ["old_suicide_answer:PHQ-9"]),
    (f"M1,2026-03-02,{answers(ONES, 8, '0')}", "new", []),
    (f"M1,2025-06-01,{answers(ONES, 8, '')}", "new", ["incomplete:PHQ-9"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '-999')}", "refused", ["sentinel:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '-999.0')}", "refused", ["sentinel:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '999')}", "refused", ["sentinel:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 15, 'NA')}", "refused", ["sentinel:gad7_7"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '4')}", "refused", ["answer_range:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '1.5')}", "refused", ["not_an_answer:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '=1+1')}", "refused", ["not_an_answer:phq9_1"]),
    (f"M1,2025-06-01,{answers(ONES, 0, '١')}", "refused", ["not_an_answer:phq9_1"]),
    (f"M1,2025-06-01,{answers(answers(ONES, 8, '0'), 0, '2.0')}", "new", []),
    (f"M1,2025-06-01,{answers(answers(ONES, 8, 'Not at all'), 0, 'SEVERAL DAYS')}", "new", []),
    (f"M1,2026-03-03,{ONES}", "refused", ["taken_on_future"]),
    (f"M1,1984-03-11,{ONES}", "refused", ["taken_on_before_birth"]),
    (f"M1,,{ONES}", "refused", ["no_taken_on"]),
    (f"M1,someday,{ONES}", "refused", ["taken_on_unreadable"]),
    (f"M9,2025-06-01,{ONES}", "refused", ["no_patient"]),
    (f",2025-06-01,{ONES}", "refused", ["no_patient_named"]),
    (f"M1,2025-06-01{',' * 16}", "refused", ["no_score"]),
    (f"M1,2025-06-01,{ONES},1,1", "refused", ["cells"]),
]


@pytest.mark.parametrize(("row", "verdict", "reasons"), TABLE)
def test_the_verdict_of_a_row(site, desk, ana, row, verdict, reasons):
    batch = previewed(site, desk, HEADER + row + "\n")
    assert said(batch) == {2: (verdict, reasons)}
    assert not Assessment.objects.exists()


def test_a_refused_answer_keeps_the_whole_row_out(site, desk, ana):
    imported(site, desk, HEADER + f"M1,2025-06-01,{answers(ONES, 15, '-999')}\n")
    assert not Assessment.objects.exists()


def test_an_unfinished_form_has_no_total(site, desk, ana):
    imported(site, desk, HEADER + f"M1,2025-06-01,{answers(ONES, 3, '')}\n")
    assert Assessment.objects.get(instrument_code="phq9").total is None
    assert Assessment.objects.get(instrument_code="gad7").total == 7


@pytest.mark.parametrize("size", [1, 2, 500])
def test_the_run_does_what_the_preview_said_in_chunks_of_any_size(site, desk, ana, size):
    rows = "\n".join(row for row, _verdict, _reasons in TABLE)
    preview = {line: verdict for line, (verdict, _why) in said(previewed(site, desk, HEADER + rows)).items()}
    batch = imported(site, desk, HEADER + rows, size=size)
    assert {line: verdict for line, (verdict, _why) in said(batch).items()} == preview
    assert batch.job.done == len(TABLE)
    assert set(map(str, ImportRow.objects.filter(batch=batch).values_list("cells", flat=True))) == {"[]"}


def test_the_same_file_again_creates_nothing(site, desk, ana):
    text = HEADER + f"M1,2025-06-01,{ONES}\nM1,2025-07-01,{ONES}\nM1,2025-07-01,{ONES}\n"
    first = imported(site, desk, text)
    assert (first.created_count, said(first)[4][0]) == (4, "already_here")
    again = imported(site, desk, text, size=1)
    assert (again.created_count, again.counts["already_here"]) == (0, 3)
    assert said(again)[2][1] == ["score_known:PHQ-9", "score_known:GAD-7"]
    assert Assessment.objects.count() == 4


def test_what_was_typed_here_is_known_too(site, desk, ana):
    at = datetime(2025, 6, 1, 20, tzinfo=UTC)
    record_assessment(patient=ana, instrument="phq9", answers=phq9(*[1] * 9), taken_at=at, by=desk, now=NOW)
    batch = imported(site, desk, HEADER + f"M1,2025-06-01,{ONES}\n")
    assert said(batch)[2] == ("new", ["score_known:PHQ-9"])
    assert batch.created_count == 1


def test_what_was_corrected_or_retracted_here_does_not_come_back(site, desk, ana):
    text = HEADER + f"M1,2025-06-01,{ONES}\n"
    imported(site, desk, text)
    wrong, useless = Assessment.objects.order_by("instrument_code").reverse()
    fixed = correct_assessment(assessment=wrong, reason="typing", answers=phq9(*[0] * 9), by=desk, now=NOW)
    correct_assessment(assessment=useless, reason="not hers", answers=None, by=desk, now=NOW)
    assert (fixed.mode, fixed.imported_in) == ("imported", wrong.imported_in)
    again = imported(site, desk, text)
    assert (said(again)[2][0], again.created_count) == ("already_here", 0)


def test_another_score_of_the_same_day_comes_in_only_when_chosen(site, desk, ana):
    quiet = answers(ONES, 8, "0")
    imported(site, desk, HEADER + f"M1,2025-06-01,{quiet}\n")
    other = HEADER + f"M1,2025-06-01,{answers(quiet, 0, '3')}\n"
    batch = previewed(site, desk, other)
    assert said(batch)[2] == ("possible_duplicate", ["other_score_that_day:PHQ-9", "score_known:GAD-7"])
    imported(site, desk, other)
    assert Assessment.objects.count() == 2
    choose_rows(batch=batch, chosen=[2], among=[2], by=desk, now=NOW)
    start_import(batch=batch, by=desk, now=NOW)
    run_next_chunk(batch=batch, by=desk, now=NOW)
    assert sorted(Assessment.objects.values_list("instrument_code", "total")) == [
        ("gad7", 7),
        ("phq9", 8),
        ("phq9", 10),
    ]


def test_an_old_answer_on_suicide_is_history_and_a_fresh_one_a_review(site, desk, ana):
    text = HEADER + "".join(f"M1,{day},{ONES}\n" for day in ("2020-06-01", "2026-02-22", "2026-02-23"))
    imported(site, desk, text)
    assert Assessment.objects.filter(is_flagged=True).count() == 3
    review = SuicideReview.objects.get()
    assert review.assessment.taken_at.date() == date(2026, 2, 23)
    assert review.opened_at == NOW


@pytest.mark.parametrize(("day", "reviews"), [("2020-06-01", 0), ("2026-02-25", 1)])
def test_correcting_an_imported_answer_opens_what_importing_it_would_have(site, desk, ana, day, reviews):
    imported(site, desk, HEADER + f"M1,{day},{answers(ONES, 8, '0')}\n")
    wrong = Assessment.objects.get(instrument_code="phq9")
    assert not SuicideReview.objects.exists()
    told = {"assessment": wrong, "reason": "misread", "answers": phq9(*[1] * 9), "by": desk, "now": NOW}
    assert correct_assessment(**told).is_flagged
    assert SuicideReview.objects.count() == reviews


def total_of(text, site, desk):
    batch = imported(site, desk, text)
    return said(batch), list(Assessment.objects.values_list("instrument_code", "total", "band", "answers"))


NAMED = "MRN,Date,Instrument,Score\n"
TOTALS = [
    ("PHQ-9,21", "new", [], [("phq9", 21, "severe", {})]),
    ("gad 7,3", "new", [], [("gad7", 3, "minimal", {})]),
    ("MADRS,34.0", "new", [], [("madrs", 34, "moderate", {})]),
    ("CADSS,88", "new", [], [("cadss", 88, "no_bands", {})]),
    ("QIDS-SR16,27", "new", [], [("qids", 27, "very_severe", {})]),
    # The licence of the BDI-II leaves its total and item 9: the total is an item there.
    ("BDI-II,30", "new", [], [("bdi2", 30, "severe", {"bdi2_total": 30})]),
    ("Mood,7", "new", [], [("mood", 7, "no_bands", {"mood": 7})]),
    ("BDI-II,64", "refused", ["answer_range:Score"], []),
    ("PHQ-9,28", "refused", ["total_range:Score"], []),
    ("PHQ-9,-999", "refused", ["sentinel:Score"], []),
    ("PHQ-9,NA", "refused", ["sentinel:Score"], []),
    ("PHQ-9,many", "refused", ["not_an_answer:Score"], []),
    ("C-SSRS,3", "refused", ["level_only"], []),
    ("SF-36,50", "refused", ["instrument_unknown"], []),
    (",5", "refused", ["no_instrument"], []),
    ("PHQ-9,", "refused", ["no_score"], []),
]


@pytest.mark.parametrize(("cells", "verdict", "reasons", "stored"), TOTALS)
def test_totals_of_questionnaires_named_in_the_row(site, desk, ana, cells, verdict, reasons, stored):
    what, rows = total_of(NAMED + f"M1,2025-06-01,{cells}\n", site, desk)
    assert what == {2: (verdict, reasons)}
    assert rows == stored


def test_a_total_alone_misses_no_answers_and_comes_in_once(site, desk, ana):
    text = NAMED + "M1,2025-06-01,PHQ-9,21\n"
    imported(site, desk, text)
    only = Assessment.objects.get()
    assert (only.is_total_only, only.missing, only.is_flagged) == (True, (), False)
    assert imported(site, desk, text).created_count == 0


def test_a_total_is_known_where_its_answers_stand(site, desk, ana):
    imported(site, desk, HEADER + f"M1,2025-06-01,{ONES}\n")
    batch = imported(site, desk, NAMED + "M1,2025-06-01,PHQ-9,9\nM1,2025-06-01,GAD-7,8\n")
    assert {line: verdict for line, (verdict, _why) in said(batch).items()} == {
        2: "already_here",
        3: "possible_duplicate",
    }


def test_a_total_beside_answers_must_be_theirs(site, desk, ana):
    header = HEADER.strip() + ",PHQ-9 total\n"
    rows = f"M1,2025-06-01,{ONES},9\nM1,2025-06-02,{ONES},10\nM1,2025-06-03,{answers(ONES, 0, '')},9\n"
    batch = imported(site, desk, header + rows)
    assert {line: why[0] for line, (_verdict, why) in said(batch).items()} == {
        2: "old_suicide_answer:PHQ-9",
        3: "total_differs:PHQ-9",
        4: "incomplete:PHQ-9",
    }
    assert list(
        Assessment.objects.filter(instrument_code="phq9").order_by("taken_at").values_list("total", flat=True)
    ) == [9, None]


def test_no_score_after_death(site, desk):
    patient_called("M1", site, desk, deceased_on=date(2025, 5, 31))
    batch = previewed(site, desk, HEADER + f"M1,2025-06-01,{ONES}\n")
    assert said(batch)[2] == ("refused", ["taken_on_after_death"])


def test_scores_need_both_rights_and_an_author(site, desk, ana):
    text = HEADER + f"M1,2025-06-01,{ONES}\n"
    with refused(Refused, "permission.missing"):
        previewed(site, staff("nurse", site), text)
    only_import = Actor.job("x", site_ids=[site.pk], permissions=[Permission.IMPORT_PATIENTS])
    with refused(Refused, "permission.missing"):
        previewed(site, only_import, text)
    batch = previewed(site, desk, text)
    assert not ImportBatch.objects.for_user(only_import).exists()
    assert ImportBatch.objects.for_user(desk).get() == batch
    job = Actor.job(
        "x", site_ids=[site.pk], permissions=[Permission.IMPORT_PATIENTS, Permission.RECORD_SCORES]
    )
    with refused(Refused, "author.missing"):
        start_import(batch=batch, by=job)


def test_preview_queries_do_not_grow_with_rows(site, desk, django_assert_max_num_queries):
    for number in range(30):
        patient_called(f"M{number}", site, desk)

    def text(rows):
        return "MRN,Date,PHQ9\n" + "".join(
            f"M{n % 30},2025-06-{n % 28 + 1:02},{n % 27}\n" for n in range(rows)
        )

    for rows in (5, 400):
        batch = stage_import(
            site=site, content=text(rows).encode(), file_name="a.csv", kind="scores", by=desk
        )
        with django_assert_max_num_queries(25):
            map_columns(batch=batch, mapping=batch.mapping, by=desk, now=NOW)


def test_the_real_file(site, desk, shared_data):
    content = (shared_data / "phq9_gad7_responses.csv").read_bytes()
    lines = content.decode().splitlines()[1:]
    for line in lines:
        patient_called(line.partition(",")[0], site, desk, family_name=f"No {line.partition(',')[0]}")
    text = content.decode()
    first = imported(site, desk, text, taken_on=date(2025, 6, 1))
    assert first.created_count == 2 * len(lines) == 446
    naive = {line.split(",")[0]: [int(cell) for cell in line.split(",")[1:]] for line in lines}
    for row in Assessment.objects.prefetch_related("patient__registrations"):
        cells = naive[row.patient.registrations.all()[0].record_number]
        assert row.total == sum(cells[:9] if row.instrument_code == "phq9" else cells[9:])
    flagged = sum(cells[8] > 0 for cells in naive.values())
    assert Assessment.objects.filter(is_flagged=True).count() == flagged > 0
    assert not SuicideReview.objects.exists()
    assert imported(site, desk, text, taken_on=date(2025, 6, 1)).created_count == 0
