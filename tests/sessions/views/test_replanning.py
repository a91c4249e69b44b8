"""A session and all later ones of its course moved on one page, all or none."""

import uuid

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from sessions.models import InfusionSession
from sessions.operations.arriving import cancel
from tests.pages import Pages, text_of
from tests.sessions.scenes import NOON
from tests.sessions.views.series_page import (
    TWICE_A_WEEK,
    fields_of,
    open_clinic,
    plan_of,
    times_in,
    wish,
    wished,
)


@pytest.fixture
def clinic(db):
    with time_machine.travel(NOON, tick=False):
        yield open_clinic()


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


@pytest.fixture
def booked(clinic, pages):
    course = wished(clinic, pages)
    pages.post(
        plan_of(course), fields_of(pages.get(plan_of(course))) | {"do": "book"}, patient=course.patient
    )
    return list(course.sessions.order_by("scheduled_start"))


def replan_of(session):
    return f"/sessions/{session.public_id}/replan/"


def change_wishes(pages, session, **wishes):
    course = session.course
    course.refresh_from_db()
    sent = wish(course, **wishes) | {"session": str(session.public_id)}
    answer = pages.post(f"{plan_of(course)}wishes/", sent, patient=course.patient)
    assert answer["Location"] == replan_of(session)
    return pages.get(answer["Location"])


def starts_of(course):
    zone = course.site.zone
    return [
        f"{session.scheduled_start.astimezone(zone):%Y-%m-%d %H:%M}"
        for session in course.sessions.order_by("scheduled_start")
    ]


def test_this_and_all_later_are_moved_together(clinic, pages, booked):
    third, course = booked[2], booked[0].course
    shown = change_wishes(pages, third, weekdays=["1", "4"], starts_from="13:00")
    text = text_of(shown)
    assert "Infusion 3 Fri 20 Mar 13:00–15:10 free Now Thu 19 Mar 09:00, Chair 1" in text
    fields = fields_of(shown) | {"do": "book"}
    missing = pages.post(replan_of(third), fields, patient=course.patient)
    assert (missing.status_code, starts_of(course)) == (422, TWICE_A_WEEK)
    moved = pages.post(replan_of(third), fields | {"reason": "New shifts at work"}, patient=course.patient)
    assert moved["Location"] == f"/courses/{course.public_id}/"
    assert starts_of(course) == [
        *TWICE_A_WEEK[:2],
        "2026-03-20 13:00",
        "2026-03-24 13:00",
        "2026-03-27 13:00",
        "2026-03-31 13:00",
    ]
    events = AuditEvent.objects.filter(verb="session.moved")
    assert {event.reason for event in events} == {"New shifts at work"}
    assert events.count() == 4


def test_what_stays_is_not_moved_and_what_is_taken_off_the_list_neither(clinic, pages, booked):
    third, course = booked[2], booked[0].course
    shown = pages.get(replan_of(third))
    assert text_of(shown).count("stays Now") == 4
    fields = fields_of(shown) | {"do": "book", "reason": "Asked"}
    unchanged = pages.post(replan_of(third), fields, patient=course.patient)
    assert "Every session stays where it is." in text_of(unchanged)
    fewer = fields_of(pages.post(replan_of(third), fields | {"do": "remove-0"}, patient=course.patient))
    assert times_in(fewer) == TWICE_A_WEEK[3:]
    near = pages.post(
        replan_of(third), fewer | {"do": "check", "row-0-day": "2026-03-20"}, patient=course.patient
    )
    assert "There is a session on Thu 19 Mar." in text_of(near), "the one off the list is asked about too"
    one = fewer | {"do": "book", "reason": "Asked", "row-2-starts_at": "14:00"}
    pages.post(replan_of(third), one, patient=course.patient)
    assert starts_of(course) == [*TWICE_A_WEEK[:5], "2026-03-30 14:00"]
    assert [session.revision for session in course.sessions.order_by("scheduled_start")] == [1, 1, 1, 1, 1, 2]


def test_a_double_click_moves_once_and_says_so(clinic, pages, booked):
    fourth, course = booked[3], booked[0].course
    fields = fields_of(pages.get(replan_of(fourth)))
    later = {"row-0-day": "2026-03-26", "row-1-day": "2026-03-30", "row-2-day": "2026-04-02"}
    sent, key = fields | later | {"do": "book", "reason": "A week off"}, uuid.uuid4()
    answers = [pages.post(replan_of(fourth), sent, patient=course.patient, key=key) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/courses/{course.public_id}/"] * 2
    shown = text_of(pages.get(answers[1]["Location"]))
    assert ("3 sessions moved." in shown, "The sessions are moved." in shown) == (True, True)
    assert AuditEvent.objects.filter(verb="session.moved").count() == 3


def test_one_may_take_the_time_that_another_gives_up(clinic, pages, booked):
    fourth, course = booked[3], booked[0].course
    fields = fields_of(pages.get(replan_of(fourth)))
    later = {"row-0-day": "2026-03-26", "row-1-day": "2026-03-30", "row-2-day": "2026-04-02"}
    answer = pages.post(
        replan_of(fourth), fields | later | {"do": "book", "reason": "A week off"}, patient=course.patient
    )
    assert answer.status_code == 302
    assert starts_of(course)[3:] == ["2026-03-26 09:00", "2026-03-30 09:00", "2026-04-02 09:00"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(clinic, pages, booked):
    third, course = booked[2], booked[0].course
    fields = fields_of(pages.get(replan_of(third))) | {
        "do": "book",
        "reason": "x",
        "row-3-starts_at": "14:00",
    }
    InfusionSession.objects.filter(pk=booked[5].pk).update(revision=7)
    stale = pages.post(replan_of(third), fields, patient=course.patient)
    assert (stale.status_code, "Someone else changed this" in text_of(stale)) == (409, True)
    cancel(session=booked[4], by=clinic.desk, reason="Ill")
    gone = pages.post(replan_of(third), fields, patient=course.patient)
    assert gone.status_code == 409
    assert "One of these sessions is not scheduled any more." in text_of(gone)
    assert starts_of(course)[5] == TWICE_A_WEEK[5]


def test_a_session_that_has_begun_is_not_moved(clinic, pages, booked):
    cancel(session=booked[0], by=clinic.desk, reason="Ill")
    shown = text_of(pages.get(replan_of(booked[0])))
    assert "Only a scheduled session can be moved. This one is cancelled." in shown
