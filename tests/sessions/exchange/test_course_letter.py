"""The summary of a course as a PDF, read back: its words, its tags, its fonts; and the same on the page."""

import io
from dataclasses import replace
from datetime import timedelta

import pypdf
import pytest

from clinic.audit.models import AccessEvent
from clinic.common.errors import Conflict
from patients.models import ReferringClinician
from patients.operations.entries import add_entry, end_entry
from sessions.exchange.course_letter import as_pdf
from sessions.models import Course
from sessions.operations.episodes import record_outside_infusion
from sessions.operations.reevaluating import record_reevaluation
from sessions.reports.course_letter import course_letter
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.operations.test_episodes import scored
from tests.sessions.reports import test_course_picture as scene
from tests.sessions.reports.scenes import NOW

pytestmark = pytest.mark.django_db
clinic, treated = scene.clinic, scene.treated
MARKUP = "Goes on *as it is* #panic($x) <b>&amp;"


@pytest.fixture
def course(clinic, treated):
    """Treated and scored, looked at again, and with an infusion from elsewhere."""
    found = treated
    for day, values in ((-5, [3, 3, 3, 2, 2, 2, 2, 2, 1]), (22, [1] * 9)):
        scored(clinic, found.patient, scene.START + timedelta(days=day), *values)
    record_reevaluation(course=found, decision="change", note=MARKUP, by=clinic.prescriber, now=NOW)
    record_outside_infusion(
        course=found,
        given_on=(scene.START - timedelta(days=20)).date(),
        place="Łódź clinic",
        source="records",
        by=clinic.nurse,
        now=NOW,
    )
    return found


def letter_of(clinic, course, now=NOW):
    rows = Course.objects.select_related("patient", "site", "protocol_version__protocol")
    return course_letter(rows.get(pk=course.pk), actor=clinic.prescriber, now=now)


def read(body):
    return pypdf.PdfReader(io.BytesIO(body))


def words_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def tags_of(reader):
    """Every structure element, from the root down."""
    found, open_ = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while open_:
        node = open_.pop()
        if isinstance(node, pypdf.generic.IndirectObject):
            node = node.get_object()
        if isinstance(node, list):
            open_ += node
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            open_ += [node["/K"]] if "/K" in node else []
    return found


def test_its_words_are_the_letters(clinic, course):
    found = letter_of(clinic, course)
    words = words_of(read(as_pdf(found)))
    tables = [*found.scores, found.effects, found.infusions]
    said = [found.title, found.patient, found.born, found.record_number, found.foot, *found.course]
    said += [*found.outcome, *found.plan, *(cell for table in tables for row in table.rows for cell in row)]
    # A line may be broken anywhere, so spaces do not count.
    plain = words.replace(" ", "")
    for sentence in said:
        assert sentence.replace(" ", "") in plain, sentence


def sent_by(clinic, course, name="Dr Jo Lind", at=NOW, **told):
    sender = ReferringClinician(patient=course.patient, name=name, **told)
    return add_entry(entry=sender, by=clinic.nurse, now=at)


def test_it_is_addressed_to_the_referring_clinician(clinic, course):
    assert letter_of(clinic, course).to == ("To whom it may concern",)
    sent_by(clinic, course, organisation="Mill practice", address="1 Mill Road\n\n Salem ")
    lines = ("Dr Jo Lind", "Mill practice", "1 Mill Road", "Salem")
    assert letter_of(clinic, course).to == lines
    root = f"courses/{course.public_id}/letter"
    assert tuple(Api(clinic.nurse).get(f"{root}/").json()["to"]) == lines
    page = text_of(Pages(clinic.nurse).get(f"/{root}/"))
    assert "Dr Jo Lind Mill practice 1 Mill Road Salem" in page and "To whom" not in page
    assert "DrJoLindMillpractice1MillRoadSalem" in words_of(read(as_pdf(letter_of(clinic, course)))).replace(
        " ", ""
    )


def test_without_one_it_says_so_and_where_to_add_them(clinic, course):
    page = Pages(clinic.nurse).get(f"/courses/{course.public_id}/letter/")
    assert "To whom it may concern" in text_of(page)
    assert f"/patients/{course.patient.public_id}/#referring-clinicians" in page.content.decode()
    assert "Towhomitmayconcern" in words_of(read(as_pdf(letter_of(clinic, course)))).replace(" ", "")


def test_of_several_the_one_recorded_last_gets_it_and_one_that_has_ended_does_not(clinic, course):
    sent_by(clinic, course, at=NOW - timedelta(days=2))
    last = sent_by(clinic, course, name="Dr Ada Frost", at=NOW - timedelta(days=1))
    assert letter_of(clinic, course).to == ("Dr Ada Frost",)
    end_entry(entry=last, by=clinic.nurse, expected_revision=1, now=NOW)
    assert letter_of(clinic, course).to == ("Dr Jo Lind",)


def test_what_comes_from_the_record_is_never_markup(clinic, course):
    assert MARKUP.replace(" ", "") in words_of(read(as_pdf(letter_of(clinic, course)))).replace(" ", "")


def test_it_is_tagged(clinic, course):
    reader = read(as_pdf(letter_of(clinic, course)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("en")
    assert reader.metadata.title == "Summary of a course of treatment"
    tags = tags_of(reader)
    kinds = {str(tag["/S"]) for tag in tags}
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/L", "/LI", "/Figure"} <= kinds
    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert [figure["/Alt"][:22] for figure in figures] == ["PHQ-9 from 20 to 9 (-5"]
    assert "Infusions: " in figures[0]["/Alt"]


def test_it_carries_its_own_font_only(clinic, course):
    reader = read(as_pdf(letter_of(clinic, course)))
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts and all("LiberationSans" in font for font in fonts)


def test_the_same_record_gives_the_same_bytes(clinic, course):
    first, second = (as_pdf(letter_of(clinic, course)) for _turn in range(2))
    assert first == second
    assert as_pdf(letter_of(clinic, course, now=NOW + timedelta(days=1))) != first


@pytest.mark.parametrize(
    "name", ["Gonçalves, Zoë", "Łukasiewicz, Ądam", "Παπαδόπουλος, Ιωάννης", "Жуков, Пётр"]
)
def test_names_of_european_alphabets_are_printed(clinic, course, name):
    body = as_pdf(replace(letter_of(clinic, course), patient=name))
    assert name.replace(" ", "") in words_of(read(body)).replace(" ", "")


def test_a_name_that_the_font_lacks_is_refused_and_not_misprinted(clinic, course):
    with refused(Conflict, "letter.letters"):
        as_pdf(replace(letter_of(clinic, course), patient="王, 小明"))


def test_a_course_without_anything_has_a_letter_too(clinic):
    bare = scene.make_course(clinic, now=NOW)
    found = letter_of(clinic, bare)
    assert (found.chart, found.infusions, found.effects, found.scores) == (None, None, None, ())
    words = words_of(read(as_pdf(found)))
    assert "0 of 6 planned infusions were given" in words
    assert "No further infusion is booked." in words


def test_side_effects_state_how_many_of_how_many(clinic, course):
    rows = {row[0]: row[1:] for row in letter_of(clinic, course).effects.rows}
    given = course.sessions.delivered().count()
    for label, row in rows.items():
        n = sum(
            any(str(effect.get_term_display()) == label for effect in session.side_effects.all())
            for session in course.sessions.delivered()
        )
        assert row[0] == f"{n} of {given} infusions ({round(100 * n / given)} %)"


def test_page_pdf_and_api_say_the_same_to_those_in_reach(clinic, course):
    root = f"/courses/{course.public_id}/"
    pages = Pages(clinic.nurse)
    shown = text_of(pages.get(root + "letter/"))
    answer = pages.get(root + "letter.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert course.patient.family_name not in answer["Content-Disposition"]
    told = Api(clinic.nurse).get(f"courses/{course.public_id}/letter/").json()
    plain = words_of(read(answer.content)).replace(" ", "")
    for sentence in [*told["course"], *told["outcome"], *told["plan"]]:
        assert sentence in shown and sentence.replace(" ", "") in plain, sentence
    assert AccessEvent.objects.filter(what="course-letter").count() == 3
    far = Pages(staff("nurse", make_site("far")))
    assert {far.get(root + path).status_code for path in ("letter/", "letter.pdf")} == {404}
