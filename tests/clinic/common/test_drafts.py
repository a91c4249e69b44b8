"""Drafts: kept as typed, dropped once their form is stored, and nobody else's."""

import pytest
import time_machine

from clinic.common.models import Draft
from sessions.states import Status
from tests.pages import Pages
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        yield make_clinic()


def test_a_draft_comes_back_as_it_was_typed_and_only_to_its_author(clinic):
    nurse, other = Pages(clinic.nurse), Pages(clinic.prescriber)
    nurse.post("/drafts/", {"form": "note:1", "text": "half a sent"})
    assert nurse.get("/drafts/?form=note:1").json()["body"] == {"text": ["half a sent"]}
    assert other.get("/drafts/?form=note:1").json()["body"] is None


def test_a_page_reads_the_drafts_of_all_its_forms_at_once(clinic):
    nurse, other = Pages(clinic.nurse), Pages(clinic.prescriber)
    long = "page:" + "x" * 300
    nurse.post("/drafts/", {"form": "note:1", "text": "half a sent"})
    nurse.post("/drafts/", {"form": long, "text": "and another"})
    other.post("/drafts/", {"form": "note:2", "text": "not the nurse's"})
    answer = nurse.get(f"/drafts/?form=note:1&form=note:2&form={long}").json()
    assert answer == {"bodies": {"note:1": {"text": ["half a sent"]}, long: {"text": ["and another"]}}}
    assert nurse.get("/drafts/?form=note:2").json() == {"bodies": {}, "body": None}


def test_an_emptied_form_drops_its_draft(clinic):
    nurse = Pages(clinic.nurse)
    nurse.post("/drafts/", {"form": "note:1", "text": "x"})
    assert nurse.post("/drafts/", {"form": "note:1", "text": ""}).status_code == 204
    assert not Draft.objects.exists()


def test_storing_the_form_drops_its_draft_and_a_refusal_keeps_it(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    nurse, name = Pages(clinic.nurse), f"note:{session.public_id}"
    nurse.post("/drafts/", {"form": name, "text": "Calm"})
    address = f"/sessions/{session.public_id}/notes/"
    refused = nurse.post(address, {"text": "Calm", "at": "23:00", "draft_of": name}, patient=session.patient)
    assert (refused.status_code, Draft.objects.count()) == (422, 1)
    stored = nurse.post(address, {"text": "Calm", "draft_of": name}, patient=session.patient)
    assert (stored.status_code, Draft.objects.count()) == (302, 0)


def test_a_text_that_is_too_long_to_keep_says_so(clinic):
    answer = Pages(clinic.nurse).post("/drafts/", {"form": "note:1", "text": "x" * 200_001})
    assert answer.status_code == 422
    assert "too long to keep as a draft" in answer.content.decode()


def test_somebody_who_is_signed_out_keeps_nothing(clinic):
    pages = Pages(clinic.nurse)
    pages.client.logout()
    assert pages.post("/drafts/", {"form": "note:1", "text": "x"}).status_code == 302
    assert not Draft.objects.exists()
