"""The pages of side effects: the sheet, the moments, one side effect, follow-ups, phrases, rates."""

import re
from datetime import timedelta

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from sessions.models import FollowUp, QuickPhrase
from sessions.operations import monitoring
from sessions.operations.following_up import add_follow_up
from sessions.operations.late_effects import report_late_effect
from sessions.operations.quick_phrases import add_quick_phrase
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.scenes import NOON, make_clinic, session_at
from tests.sessions.views.test_chairside import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def serious(session, clinic):
    told = {"term": "syncope", "severity": "moderate", "serious_criteria": ["important-event"]}
    return monitoring.report_side_effect(session=session, by=clinic.nurse, now=NOON, **told)


def test_nausea_and_a_pause_are_one_form(clinic, session):
    pages = Pages(clinic.nurse)
    fields = {"term": "nausea", "severity": "mild", "steps": ["pause"]}
    answer = pages.post(path_of(session, "side-effects"), fields, patient=session.patient)
    assert answer.status_code == 302, text_of(answer)
    session.refresh_from_db()
    assert (session.state, session.side_effects.get().latest.action_taken) == (Status.PAUSED, "paused")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"severity": "mild"}, "Choose what it is."),
        ({"term": "nausea"}, "This field is required."),
        ({"term": "nausea", "severity": "mild", "serious": "yes"}, "Say what makes it serious."),
        ({"term": "nausea", "severity": "mild", "asked": "infusing-7"}, "This protocol does not ask"),
    ],
    ids=str,
)
def test_a_sheet_that_is_turned_down_keeps_what_was_typed(clinic, session, fields, words):
    fields = fields | {"note": "Since the last bag"}
    answer = Pages(clinic.nurse).post(path_of(session, "side-effects"), fields, patient=session.patient)
    assert answer.status_code == 422
    assert words in text_of(answer) and "Since the last bag" in answer.content.decode()
    assert not session.side_effects.exists()


def test_a_moment_is_answered_with_none_or_found(clinic, session):
    pages = Pages(clinic.nurse)
    assert "Before the start ask now" in text_of(pages.get(path_of(session)))
    pages.post(path_of(session, "side-effect-inquiries"), {"moment": "before-start"}, patient=session.patient)
    assert "Before the start asked, none 12:00" in text_of(pages.get(path_of(session)))
    with time_machine.travel(NOON + timedelta(minutes=4), tick=False):
        opened = pages.get(path_of(session) + "?asked=infusing-15").content.decode()
        (value,) = re.findall(r'name="asked" value="([^"]+)"', opened)
        fields = {"term": "dizziness", "severity": "mild", "asked": value}
        pages.post(path_of(session, "side-effects"), fields, patient=session.patient)
        assert "15 min into the infusion asked, found" in text_of(pages.get(path_of(session)))


def test_the_page_of_a_serious_one_is_worked_down(clinic, session):
    effect = serious(session, clinic)
    nurse, prescriber = Pages(clinic.nurse), Pages(clinic.prescriber)
    path = path_of(session, "side-effects", effect.public_id)
    opened = nurse.get(path)
    (checked,) = re.findall(r'name="severity" value="(\w+)"[^>]* checked', opened.content.decode())
    shown = text_of(opened)
    assert checked == "moderate", "it begins with what stands"
    assert "Tell the prescriber" in shown and "A serious side effect needs one." in shown
    assert "Save review" not in shown
    nurse.post(path + "narrative/", {"text": "Fainted on standing."}, patient=session.patient)
    refused = prescriber.post(
        path + "review/", {"causality": "possible", "outcome": "recovered"}, patient=session.patient
    )
    assert (refused.status_code, "is graded by CTCAE at its review" in text_of(refused)) == (422, True)
    fields = {"causality": "possible", "outcome": "recovered", "grading": "10042772:3"}
    assert prescriber.post(path + "review/", fields, patient=session.patient).status_code == 302
    shown = text_of(nurse.get(path))
    assert "Syncope 3 CTCAE 5.0: Fainting; orthostatic collapse" in shown
    assert {task.task for task in effect.follow_ups.open()} == {"tell", "report"}
    assert AuditEvent.objects.filter(verb="side_effect.reviewed").count() == 1


def test_what_is_told_on_the_next_day_stands_on_the_signed_session(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=2)
    fields = {
        "term": "vomiting",
        "severity": "moderate",
        "reporter": "companion",
        "channel": "phone",
        "onset_day": "2026-03-10",
        "onset_time": "18:30",
        "words": "All evening",
    }
    with time_machine.travel(NOON + timedelta(hours=21), tick=False):
        pages = Pages(clinic.nurse)
        half = {**fields, "onset_time": ""}
        assert pages.post(path_of(session, "late-effects"), half, patient=session.patient).status_code == 422
        answer = pages.post(path_of(session, "late-effects"), fields, patient=session.patient)
        assert answer.status_code == 302, text_of(answer)
        shown = text_of(pages.get(path_of(session)))
        assert "Told after the signature, beside the signed chart Vomiting" in shown
        assert "Side effect not over" in text_of(pages.get("/follow-ups/"))
    late = session.late_effects.get()
    assert (late.taken_at, late.side_effect.onset_at) == (
        NOON + timedelta(hours=21),
        NOON + timedelta(hours=6, minutes=30),
    )


def test_follow_ups_are_listed_counted_and_closed(clinic, session):
    pages = Pages(clinic.nurse)
    told = {"session": session, "kind": "next-day", "reason": "Call about sleep", "by": clinic.nurse}
    follow_up = add_follow_up(due_at=NOON - timedelta(minutes=5), now=NOON, **told)
    add_follow_up(due_at=NOON + timedelta(days=2), now=NOON, **told)
    assert text_of(pages.get("/follow-ups/count/")) == "1 open"
    assert "Overdue 1" in text_of(pages.get("/follow-ups/"))
    assert "Nothing of this is open" in text_of(pages.get("/follow-ups/?kind=serious-effect"))
    assert "Nothing of this is open" in text_of(Pages(clinic.prescriber).get("/follow-ups/?of=mine"))
    one = f"/follow-ups/{follow_up.public_id}/"
    for act, empty, fields in [
        ("note", 422, {"text": "Sister called"}),
        ("attempt", 422, {"result": "no_answer", "day": "2026-03-10", "time": "13:00"}),
        ("reassign", 422, {"to": str(clinic.prescriber.user.public_id)}),
        ("close", 422, {"outcome": "not-reached", "text": "Letter sent"}),
    ]:
        assert pages.post(f"{one}{act}/", fields).status_code == 409, "the two-patient guard"
        assert pages.post(f"{one}{act}/", {}, patient=session.patient).status_code == empty, act
        answer = pages.post(f"{one}{act}/", fields, patient=session.patient)
        assert answer.status_code == 302, (act, text_of(answer))
    assert "Done, Could not be reached Letter sent" in text_of(pages.get(one))
    assert "Call: No answer, again Tue 10 Mar 13:00" in text_of(pages.get(one))
    answer = pages.post(f"{one}note/", {"text": "x"}, patient=session.patient)
    assert (answer.status_code, "closed already" in text_of(answer)) == (409, True)
    assert pages.get(f"/follow-ups/{session.public_id}/").status_code == 404
    assert Pages(make_clinic("south").nurse).get(one).status_code == 404


def test_a_follow_up_is_opened_from_a_session(clinic):
    session = session_at(Status.LEFT, clinic=clinic, now=NOON)
    fields = {"kind": "next-day", "reason": "Call", "day": "2026-03-11", "time": "10:00"}
    path = path_of(session, "follow-ups")
    assert Pages(clinic.nurse).get(path).status_code == 200
    assert Pages(clinic.nurse).post(path, fields, patient=session.patient).status_code == 302
    assert FollowUp.objects.get(kind="next-day").due_at == NOON + timedelta(hours=22)


def test_quick_phrases_stand_in_the_note_of_their_site_only(clinic, session):
    south = make_clinic("south")
    add_quick_phrase(site=south.site, text="Southern words", by=south.nurse, now=NOON)
    pages = Pages(staff("manager", clinic.site))
    assert pages.post("/quick-phrases/", {"text": "Resting quietly", "position": "2"}).status_code == 302
    phrase = QuickPhrase.objects.get(site=clinic.site)
    shown = Pages(clinic.nurse).get(path_of(session)).content.decode()
    assert 'data-phrase="Resting quietly"' in shown and "Southern words" not in shown
    one = f"/quick-phrases/{phrase.public_id}/"
    stale = {"text": "Asleep", "position": "1", "revision": "9"}
    assert Pages(clinic.nurse).post(one, stale).status_code == 409
    assert Pages(clinic.nurse).post(one, stale | {"revision": "1"}).status_code == 302
    Pages(clinic.nurse).post(one, {"text": "Asleep", "revision": "2", "remove": "1"})
    assert not QuickPhrase.objects.in_use().filter(site=clinic.site).exists()
    assert Pages(clinic.desk).get("/quick-phrases/").status_code == 403
    assert Pages(south.nurse).get(one).status_code == 404


def test_every_number_of_the_rates_opens_a_list_of_as_many_rows(clinic, session):
    for term, severity, criteria in [
        ("nausea", "mild", []),
        ("nausea", "severe", ["hospitalisation"]),
        ("headache", "moderate", []),
    ]:
        told = {"term": term, "severity": severity, "serious_criteria": criteria}
        monitoring.report_side_effect(session=session, by=clinic.nurse, now=NOON, **told)
    over = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    late = {"term": "nausea", "severity": "mild", "reporter": "patient"}
    report_late_effect(session=over, by=clinic.nurse, now=NOON, **late)
    pages = Pages(clinic.prescriber)
    shown = pages.get("/overview/side-effects/")
    assert "Nausea 3 150.0 2 100.0 0 1 50.0 1 50.0 2" in text_of(shown)
    assert "All side effects 4 200.0 2 100.0 1 50.0 1 50.0 1 50.0 2" in text_of(shown)
    links = re.findall(r'href="(/sessions/\?[^"]+)" aria-label="[^"]*: (\d+)"', shown.content.decode())
    assert len(links) >= 9
    for address, count in links:
        listed = text_of(pages.get(address.replace("&amp;", "&")))
        assert re.search(rf"\b{count} (side effects?|sessions?)\b", listed), (address, count)
