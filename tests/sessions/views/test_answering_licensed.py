"""Licensed wording on a patient's own page: its words, help when an answer calls for it, and the end of a licence."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from patients.models import Assessment, SuicideReview
from tests.pages import text_of
from tests.patients.wordings import approved
from tests.scenes import make_site, staff
from tests.sessions.check_ins import linked, make_ready
from tests.sessions.scenes import NOON, make_clinic

pytestmark = pytest.mark.django_db
LAST_DAY = NOON.date()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def clinic():
    clinic = make_clinic()
    make_ready(clinic.site)
    return clinic


@pytest.fixture
def keeper(clinic):
    return staff("administrator", clinic.site)


@pytest.fixture
def phone():
    return Client(enforce_csrf_checks=True)


def licensed(clinic, keeper, code, **told):
    given = {"licensed_from": LAST_DAY - timedelta(days=30), "licensed_until": LAST_DAY} | told
    return approved(clinic.site, code, keeper, now=NOON - timedelta(days=1), **given)


def test_the_patient_reads_the_sites_words_and_the_answers_name_them(clinic, keeper, phone):
    wording = licensed(clinic, keeper, "qids")
    _link, secret = linked(clinic, "qids", "mood")
    assert "There are 17 questions." in text_of(phone.get(f"/q/{secret}/"))
    phone.post(f"/q/{secret}/")
    page = text_of(phone.get(f"/q/{secret}/1/"))
    assert "Item 1, as licensed" in page and "Lowest of Item 1" in page
    assert "QIDS" not in page
    phone.post(f"/q/{secret}/1/", {f"qids_{number}": "0" for number in range(1, 17)})
    phone.post(f"/q/{secret}/2/", {"mood": "5"})
    scored = Assessment.objects.get(instrument_code="qids")
    assert (scored.total, scored.wording, scored.mode) == (0, wording, "self")


@pytest.mark.parametrize(("code", "item"), [("qids", "qids_12"), ("cssrs", "cssrs_4"), ("bdi2", "bdi2_9")])
def test_an_answer_on_suicide_shows_help_and_opens_a_review_when_touched(clinic, keeper, phone, code, item):
    licensed(clinic, keeper, code)
    _link, secret = linked(clinic, code)
    phone.post(f"/q/{secret}/")
    hidden = phone.get(f"/q/{secret}/1/").content.decode()
    assert hidden.count('id="help"') == 1 and "hidden" in hidden.split('id="help"')[1][:80]
    kept = phone.post(f"/q/{secret}/1/keep/", {item: "1"})
    assert kept.json() == {"kept": True, "help": True}
    assert SuicideReview.objects.get().assessment == Assessment.objects.get()


def test_when_the_licence_ends_the_words_are_gone_and_what_was_chosen_stays(clinic, keeper, phone, clock):
    wording = licensed(clinic, keeper, "qids")
    _link, secret = linked(clinic, "qids", "mood")
    phone.post(f"/q/{secret}/")
    clock.move_to(NOON + timedelta(days=1))
    kept = phone.post(f"/q/{secret}/1/keep/", {"qids_5": "1"})
    assert kept.json()["kept"] is True
    page = text_of(phone.get(f"/q/{secret}/1/"))
    assert "as licensed" not in page and "nothing to answer here any more" in page
    assert phone.post(f"/q/{secret}/1/", {"on": "1"})["Location"] == f"/q/{secret}/2/"
    phone.post(f"/q/{secret}/2/", {"mood": "5"})
    scored = Assessment.objects.get(instrument_code="qids")
    assert (scored.answers, scored.wording) == ({"qids_5": 1}, wording)


def test_a_page_in_spanish_reads_the_spanish_words_and_says_where_there_are_none(clinic, keeper, phone):
    licensed(clinic, keeper, "qids", language="es", stem="Palabras inventadas.")
    _link, secret = linked(clinic, "qids")
    phone.post(f"/q/{secret}/")
    english, spanish = (text_of(phone.get(f"/q/{secret}/1/?lang={code}")) for code in ("en", "es"))
    assert "Palabras inventadas." in english and "These questions are in another language." in english
    assert "Palabras inventadas." in spanish and "otro idioma" not in spanish


def test_another_sites_words_are_not_shown(clinic, keeper, phone):
    south = make_site("south")
    approved(south, "qids", staff("administrator", south), now=NOON)
    _link, secret = linked(clinic, "mood")
    assert "as licensed" not in text_of(phone.get(f"/q/{secret}/1/"))
