"""The pages of a handover: offer, one tap, decline, take back, take over."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.models import Handover, InfusionSession
from sessions.operations import handing_over
from sessions.reports.handover_summary import summarise
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db
PAGE = "/handover/"


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        yield make_clinic(chairs=4)


@pytest.fixture
def other(clinic):
    return staff("nurse", clinic.site, "other")


@pytest.fixture
def two(clinic):
    return [
        session_at(status, clinic=clinic, now=NOON, chair=chair)
        for status, chair in zip([Status.INFUSING, Status.READY], clinic.chairs, strict=False)
    ]


@pytest.fixture
def offered(clinic, two, other):
    return handing_over.offer_handover(
        site=clinic.site, to_nurse=other.user, by=clinic.nurse, summarise=summarise, now=NOON, note="Anxious"
    )


def fields(to, sessions, **more):
    told = {"to_nurse": str(to.user.public_id), "sessions": [str(row.public_id) for row in sessions]}
    return told | more


def nurse_of(session):
    return InfusionSession.objects.select_related("nurse").get(pk=session.pk).nurse


def one(handover, answer=""):
    return f"{PAGE}{handover.public_id}/{answer}"


def test_my_patients_with_what_will_be_told(clinic, two, other):
    theirs = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    handing_over.take_over(session=theirs, reason="Called away", by=other, now=NOON)
    text = text_of(Pages(clinic.nurse).get(PAGE))
    assert f"Chair 1 · {two[0].patient.short_name}" in text
    assert "12 of 40 min infused by chart" in text
    assert "Chair 3" not in text.split("Handovers of today")[0]
    assert f"{other.user.printed_name} (1 patient now)" in text


def test_offering_some_until_a_time_once(clinic, two, other):
    pages, key = Pages(clinic.nurse), uuid.uuid4()
    typed = fields(other, two[:1], until="12:30", note="Anxious")
    for _again in range(2):
        answer = pages.post(PAGE, typed, key=key)
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
    offered = Handover.objects.get()
    assert (offered.public_id, offered.until, offered.note) == (key, NOON + timedelta(minutes=30), "Anxious")
    assert list(offered.sessions.all()) == two[:1]
    assert "stay yours until it is accepted" in text_of(pages.get(PAGE))


REFUSED = {
    "nobody is chosen": ({"sessions": []}, "This field is required"),
    "no colleague": ({"to_nurse": ""}, "This field is required"),
    "a time that has passed": ({"until": "11:00"}, "11:00 has passed"),
    "a stranger's patient": ({"sessions": [str(uuid.uuid4())]}, "not with you any more"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_comes_back_as_it_was_typed(clinic, two, other, case):
    change, sentence = REFUSED[case]
    answer = Pages(clinic.nurse).post(PAGE, fields(other, two, note="Anxious") | change)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Anxious" in answer.content.decode()
    assert not Handover.objects.exists()


def test_what_is_offered_already_is_said(clinic, two, other, offered):
    answer = Pages(clinic.nurse).post(PAGE, fields(other, two))
    assert answer.status_code == 409
    text = text_of(answer)
    assert "The patient in Chair 1 is offered to" in text
    assert f"Chair 1 · {two[0].patient.short_name} offered to {other.user.short_name}" in text


def test_too_many_patients_are_a_warning_and_never_a_refusal(clinic, two, other):
    set_rules(clinic.site, patients_per_nurse=1)
    warning = f"{other.user.short_name} would look after 2 patients; the rule of North clinic is 1."
    pages = Pages(clinic.nurse)
    assert warning in text_of(pages.get(PAGE))
    assert pages.post(PAGE, fields(other, two)).status_code == 302
    offered = Handover.objects.get()
    for path in ("/", PAGE, one(offered)):
        assert warning in text_of(Pages(other).get(path))
    assert Pages(other).post(one(offered, "accept/")).status_code == 302
    assert nurse_of(two[0]) == other.user


@pytest.mark.parametrize("place", ["board", "session", ""])
def test_one_tap_accepts_wherever_one_is(clinic, two, other, offered, place):
    path = {"board": "/", "session": f"/sessions/{two[1].public_id}/", "": PAGE}[place]
    pages = Pages(other)
    page = pages.get(path).content.decode()
    assert f'action="{one(offered, "accept/")}"' in page
    back = {"session": str(two[1].public_id)}.get(place, place)
    assert f'name="next" value="{back}"' in page
    answer = pages.post(one(offered, "accept/"), {"next": back})
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert nurse_of(two[0]) == other.user
    assert f"Nurse {other.user.short_name} Hand over" in text_of(pages.get(f"/sessions/{two[1].public_id}/"))


def test_accepting_is_for_the_colleague_who_was_asked(clinic, two, other, offered):
    answer = Pages(clinic.prescriber).post(one(offered, "accept/"))
    assert answer.status_code == 403
    assert f"Only {other.user.display_name} can answer" in text_of(answer)
    for page in (Pages(clinic.prescriber), Pages(clinic.nurse)):
        assert 'accept/"' not in page.get(one(offered)).content.decode()


def test_a_handover_as_it_was_told(clinic, two, other, offered):
    text = text_of(Pages(other).get(one(offered)))
    assert "As told at 12:00 Anxious" in text
    assert "12 of 40 min infused by chart" in text


def test_declining_with_a_reason_that_whoever_offered_reads(clinic, two, other, offered):
    pages = Pages(other)
    assert pages.post(one(offered, "decline/"), {"reason": ""}).status_code == 422
    assert pages.post(one(offered, "decline/"), {"reason": "Four already"}).status_code == 302
    text = text_of(Pages(clinic.nurse).get(PAGE))
    assert "Four already Declined" in text
    assert nurse_of(two[0]) == clinic.nurse.user


def test_taking_an_offer_back(clinic, two, other, offered):
    assert Pages(clinic.nurse).post(one(offered, "withdraw/")).status_code == 302
    assert "hands over to you" not in text_of(Pages(other).get("/"))
    late = Pages(other).post(one(offered, "accept/"))
    assert late.status_code == 409
    assert "This handover is taken back already." in text_of(late)


def test_an_address_of_an_answer_that_is_reloaded_shows_the_handover(clinic, offered):
    for answer in ("accept/", "decline/", "withdraw/"):
        assert Pages(clinic.nurse).get(one(offered, answer))["Location"] == one(offered)


def test_todays_handovers_mine_or_everybodys(clinic, two, other, offered):
    assert "You have handed nobody over today" in text_of(Pages(clinic.prescriber).get(PAGE))
    assert other.user.short_name in text_of(Pages(clinic.prescriber).get(f"{PAGE}?of=all"))
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert "Nobody was handed over here today" in text_of(Pages(clinic.nurse).get(f"{PAGE}?of=all"))


def test_another_sites_handover_does_not_exist(clinic, offered):
    southern = Pages(make_clinic("south").nurse)
    assert southern.get(one(offered)).status_code == 404
    assert southern.post(one(offered, "accept/")).status_code == 404


def test_taking_over_with_a_reason_and_for_the_patient_of_the_address(clinic, two, other):
    path = f"/sessions/{two[0].public_id}/take-over/"
    pages = Pages(other)
    assert f"{clinic.nurse.user.display_name} looks after this patient now" in text_of(pages.get(path))
    assert pages.post(path, {"reason": "x"}, patient=two[1].patient).status_code == 409
    assert pages.post(path, {"reason": ""}, patient=two[0].patient).status_code == 422
    assert pages.post(path, {"reason": "Called away"}, patient=two[0].patient).status_code == 302
    assert nurse_of(two[0]) == other.user
    assert "Called away" in text_of(pages.get(PAGE))
    assert Pages(clinic.desk).get(path).status_code == 403


def test_whoever_looks_after_nobody_reads_what_to_do(clinic, other):
    assert "You look after nobody here now" in text_of(Pages(other).get(PAGE))
    assert "Your role does not include looking after patients" in text_of(Pages(clinic.desk).get(PAGE))


def test_the_number_of_queries_does_not_grow_with_patients_and_handovers(clinic, two, other):
    third = staff("nurse", clinic.site, "third")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            Pages(clinic.nurse).get(f"{PAGE}?of=all")
        return len(caught)

    def offer(to, sessions):
        told = {"site": clinic.site, "to_nurse": to.user, "by": clinic.nurse, "sessions": sessions}
        return handing_over.offer_handover(summarise=summarise, now=NOON, **told)

    offer(other, two[:1])
    few = queries()
    offer(third, two[1:])
    session_at(Status.RECOVERING, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    assert queries() == few
