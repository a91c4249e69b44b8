"""What a patient opens with a one-time link, without JavaScript: the questions, and help where it is needed."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from clinic.audit.models import AuditEvent
from patients.models import Assessment, LinkAnswer, OneTimeLink, Registration, SuicideReview
from patients.operations.one_time_links import revoke_link
from sessions.models import FollowUp, LateEffect
from tests.pages import text_of
from tests.scenes import make_site
from tests.sessions.check_ins import infused, linked, make_ready
from tests.sessions.scenes import NOON, make_clinic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def clinic():
    clinic = make_clinic()
    make_ready(clinic.site)
    return clinic


@pytest.fixture
def phone():
    """A stranger's browser: no session, and CSRF checked as in earnest."""
    return Client(enforce_csrf_checks=True)


def answers(count=9, value="1", **named):
    return {f"phq9_{number}": value for number in range(1, count + 1)} | named


def test_before_the_first_question_it_says_when_answers_are_read_and_whom_to_call(clinic, phone):
    _link, secret = linked(clinic, "phq9", "mood")
    response = phone.get(f"/q/{secret}/")
    text = text_of(response)
    assert "Hello Rui" in text and "There are 11 questions." in text
    assert "Monday to Friday 08:00–17:00" in text
    body = response.content.decode()
    assert 'href="tel:988"' in body and 'href="tel:911"' in body and 'href="tel:5550100"' in body
    assert text.index("08:00") < text.index("Begin")


def test_the_page_tells_nothing_but_the_first_name_and_the_questions(clinic, phone):
    link, secret = linked(clinic, "phq9")
    for address in (f"/q/{secret}/", f"/q/{secret}/1/"):
        body = phone.get(address).content.decode().lower()
        told = [
            link.patient.family_name,
            "1980",
            clinic.site.name,
            "ketamin",
            "infus",
            "phq",
            "depression scale",
        ]
        questions = re.sub(r'(name|value)="[^"]*"', "", body)
        assert [word for word in told if word.lower() in questions] == []


def test_headers_keep_it_from_caches_searches_and_the_next_page(clinic, phone):
    _link, secret = linked(clinic)
    for address in (f"/q/{secret}/", "/q/nothing/"):
        headers = phone.get(address).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in headers["Cache-Control"]
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in headers


def test_looking_is_not_opening(clinic, phone):
    """What shows a preview of a message fetches its address."""
    link, secret = linked(clinic)
    phone.get(f"/q/{secret}/")
    link.refresh_from_db()
    assert link.opened_at is None
    assert phone.post(f"/q/{secret}/")["Location"] == f"/q/{secret}/1/"
    link.refresh_from_db()
    assert (link.opened_at, link.state(NOON)) == (NOON, "opened")


def test_answers_are_kept_page_by_page_recorded_at_the_end_and_no_score_is_shown(clinic, phone):
    link, secret = linked(clinic, "gad7", "mood")
    typed = {f"gad7_{number}": "2" for number in range(1, 8)}
    assert phone.post(f"/q/{secret}/1/", typed)["Location"] == f"/q/{secret}/2/"
    assert not Assessment.objects.exists()
    assert LinkAnswer.objects.get().answers == {f"gad7_{number}": 2 for number in range(1, 8)}
    back = phone.post(f"/q/{secret}/2/", {"mood": "6", "back": "1"})
    assert back["Location"] == f"/q/{secret}/1/"
    assert phone.get(f"/q/{secret}/1/").content.decode().count("checked") == 7
    assert 'value="6" checked' in phone.get(f"/q/{secret}/2/").content.decode()
    sent = phone.post(f"/q/{secret}/2/", {"mood": "7"}, follow=True)
    assert "Your answers have reached the clinic." in text_of(sent)
    assert not re.search(r"\b14\b|moderate|anxiety|score", text_of(sent), re.IGNORECASE)
    found = {one.instrument_code: one for one in Assessment.objects.all()}
    assert (found["gad7"].total, found["gad7"].band, found["mood"].total) == (14, "moderate", 7)
    assert {one.mode for one in found.values()} == {"self"}
    assert found["mood"].taken_by.printed_name == "Patient, by link"
    event = AuditEvent.objects.filter(verb="assessment.recorded").first()
    assert (event.actor_kind, event.actor_label) == ("link", "Patient, by link")
    assert event.patient_id == link.patient.public_id


def test_an_answer_on_suicide_is_acted_on_when_touched(clinic, phone):
    link, secret = linked(clinic)
    kept = phone.post(f"/q/{secret}/1/keep/", {"phq9_1": "2", "phq9_9": "1"})
    assert kept.json() == {"kept": True, "help": True}
    review = SuicideReview.objects.get()
    assert (review.patient, review.urgency, review.site) == (link.patient, "before_start", clinic.site)
    assert review.assessment.answers == {"phq9_1": 2, "phq9_9": 1} and review.assessment.total is None
    link.refresh_from_db()
    assert link.answered_at is None
    shown = phone.get(f"/q/{secret}/1/").content.decode()
    assert re.search(r'id="help" lang="en" role="alert">', shown)
    assert "You are not alone with this" in shown and 'href="tel:988"' in shown


def test_going_on_opens_no_second_review_but_a_higher_answer_does(clinic, phone):
    _link, secret = linked(clinic)
    phone.post(f"/q/{secret}/1/keep/", {"phq9_9": "1"})
    phone.post(f"/q/{secret}/1/keep/", {"phq9_9": "1", "phq9_2": "2"})
    assert (SuicideReview.objects.count(), Assessment.objects.count()) == (1, 1)
    phone.post(f"/q/{secret}/1/keep/", {"phq9_9": "3"})
    assert SuicideReview.objects.count() == 2
    assert SuicideReview.objects.latest("pk").reasons == ["highest", "no_plan"]
    phone.post(f"/q/{secret}/1/", answers(value="2", phq9_9="3"))
    assert SuicideReview.objects.count() == 2
    assert Assessment.objects.current().get().total == 8 * 2 + 3


def test_an_answer_taken_back_leaves_its_review_open(clinic, phone):
    _link, secret = linked(clinic)
    phone.post(f"/q/{secret}/1/keep/", {"phq9_9": "2"})
    phone.post(f"/q/{secret}/1/", answers(value="0"))
    assert SuicideReview.objects.open().count() == 1
    assert Assessment.objects.current().get().answers["phq9_9"] == 0


def test_without_javascript_the_next_page_shows_the_help(clinic, phone):
    _link, secret = linked(clinic, "phq9", "mood")
    there = phone.post(f"/q/{secret}/1/", answers(), follow=True)
    assert re.search(r'id="help" lang="en" role="alert">', there.content.decode())
    assert SuicideReview.objects.count() == 1


def test_late_side_effects_land_on_the_session_beside_its_signature(clinic, phone):
    session = infused(clinic, signed=1)
    _link, secret = linked(clinic, "side-effects", session=session)
    phone.post(f"/q/{secret}/1/", {"nausea": "moderate", "headache": "none", "words": "Since the evening"})
    late = LateEffect.objects.get()
    assert (late.session, late.reporter, late.channel) == (session, "patient", "link")
    assert (late.words, late.side_effect.term) == ("Since the evening", "nausea")
    assert (late.side_effect.after_signature, late.side_effect.latest.severity) == (True, "moderate")
    assert late.taken_by.printed_name == "Patient, by link"
    assert FollowUp.objects.get(kind="unresolved-effect").assigned_to == session.nurse


def test_words_without_a_side_effect_are_read_by_somebody(clinic, phone):
    session = infused(clinic)
    _link, secret = linked(clinic, "side-effects", session=session)
    phone.post(f"/q/{secret}/1/", {"nausea": "none", "words": "My arm is blue"})
    assert not LateEffect.objects.exists()
    assert FollowUp.objects.get(kind="other").reason == "Written in a check-in: My arm is blue"


def ended(link, how, clinic):
    if how == "revoked":
        revoke_link(link=link, by=clinic.nurse, now=NOON)
    elif how == "expired":
        OneTimeLink.objects.filter(pk=link.pk).update(expires_at=NOON, due_at=NOON - timedelta(hours=1))
    elif how == "used":
        OneTimeLink.objects.filter(pk=link.pk).update(answered_at=NOON - timedelta(hours=1))
    elif how == "early":
        OneTimeLink.objects.filter(pk=link.pk).update(due_at=NOON + timedelta(hours=1))


@pytest.mark.parametrize("how", ["wrong", "revoked", "expired", "used", "early"])
def test_a_link_that_does_not_open_gets_one_sentence_whatever_the_reason(clinic, phone, how):
    link, secret = linked(clinic)
    ended(link, how, clinic)
    wrong = Client().get("/q/never-was-one/")
    for address in ("", "1/", "thanks/"):
        answer = phone.get(f"/q/{'x' if how == 'wrong' else ''}{secret}/{address}")
        assert (answer.status_code, answer.content) == (404, wrong.content)
        assert 'href="tel:5550100"' in answer.content.decode()
    posted = phone.post(f"/q/{'x' if how == 'wrong' else ''}{secret}/1/", answers())
    assert (posted.status_code, posted.content) == (404, wrong.content)
    assert not Assessment.objects.exists()


def test_a_second_press_of_the_button_is_thanked_too(clinic, phone, noon):
    _link, secret = linked(clinic, "mood")
    for _press in range(2):
        assert phone.post(f"/q/{secret}/1/", {"mood": "5"})["Location"] == f"/q/{secret}/thanks/"
    assert Assessment.objects.count() == 1
    noon.shift(timedelta(minutes=11))
    assert phone.get(f"/q/{secret}/thanks/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Nothing was answered."),
        ({"phq9_1": "7"}, "One of the answers could not be read."),
        ({"phq9_1": "x"}, "One of the answers could not be read."),
        ({"phq9_1": "\x00"}, "One of the answers could not be read."),
    ],
)
def test_what_cannot_be_sent_gets_a_sentence(clinic, phone, typed, sentence):
    _link, secret = linked(clinic)
    answer = phone.post(f"/q/{secret}/1/", typed)
    assert answer.status_code == 422 and sentence in text_of(answer)


@pytest.mark.parametrize("step", ["0", "2", "99", "x", "٣"])
def test_a_page_that_is_not_there_leads_to_the_first(clinic, phone, step):
    _link, secret = linked(clinic)
    answer = phone.get(f"/q/{secret}/{step}/")
    assert answer.status_code == 404 if step == "٣" else answer["Location"] == f"/q/{secret}/"


@pytest.mark.parametrize("where", ["", "1/", "thanks/", "1/keep/"])
def test_guesses_are_limited_and_then_open_nothing_at_all(clinic, phone, where):
    _link, secret = linked(clinic)
    for number in range(30):
        address = f"/q/guess{number}/{where}"
        assert (phone.post if "keep" in where else phone.get)(address).status_code == 404
    held = phone.get(f"/q/{secret}/")
    assert held.status_code == 429 and "Try again in some minutes" in text_of(held)
    assert 'href="tel:5550100"' in held.content.decode()


def test_spanish_words_around_english_questions_and_it_says_so(clinic, phone):
    link, secret = linked(clinic, "phq9", "mood")
    OneTimeLink.objects.filter(pk=link.pk).update(language="es")
    start = phone.get(f"/q/{secret}/")
    assert "Hola, Rui" in text_of(start) and "lunes a viernes 08:00–17:00" in text_of(start)
    assert '<html lang="es">' in start.content.decode()
    page = phone.get(f"/q/{secret}/1/")
    assert "Estas preguntas están en inglés" in text_of(page)
    assert '<div lang="en">' in page.content.decode()
    mood = phone.get(f"/q/{secret}/2/")
    assert "¿Cómo está su ánimo hoy?" in text_of(mood) and "inglés" not in text_of(mood)
    phone.get(f"/q/{secret}/?lang=en")
    assert '<html lang="en">' in phone.get(f"/q/{secret}/1/").content.decode()


def test_a_patient_who_has_left_the_site_reads_no_words_for_the_staff(clinic, phone):
    link, secret = linked(clinic, "mood")
    Registration.objects.filter(patient=link.patient).update(site=make_site("south"))
    answer = phone.post(f"/q/{secret}/1/", {"mood": "5"})
    assert answer.status_code == 404 and "call the clinic" in text_of(answer)
    assert LinkAnswer.objects.get().answers == {"mood": 5}
