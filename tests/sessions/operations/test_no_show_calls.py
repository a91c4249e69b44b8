"""Who did not come and gives reason for concern is called the same day: opened, logged, closed, and undone."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.models import SuicideReview
from patients.operations.assessing import record_assessment
from patients.operations.suicide_reviews import assign_review, close_review
from sessions.models import FollowUp, FollowUpEntry, InfusionSession
from sessions.operations import arriving
from sessions.operations.following_up import close_follow_up, log_attempt
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.readiness import log_call
from sessions.reports.board import board
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.rules.worsening import recent_worsening
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.patients.scenes import phq9
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, booked_session, make_course, session_at

LATE = NOON + timedelta(hours=1)
LAST_MINUTE = NOON.replace(hour=3, minute=59) + timedelta(days=1)
"""23:59 of that day in New York, four hours behind in March."""


@pytest.fixture
def scheduled(clinic):
    return booked_session(clinic, starts_at=NOON)


def answers(total):
    """A PHQ-9 with this total, item 9 answered with never."""
    points = [min(3, max(0, total - 3 * place)) for place in range(8)]
    return phq9(*points, 0)


def scored(patient, clinic, total, at):
    return record_assessment(
        patient=patient, instrument="phq9", answers=answers(total), by=clinic.nurse, now=at
    )


def told_of_suicide(patient, clinic, at=NOON):
    given = phq9(*[None] * 8, 2)
    record_assessment(patient=patient, instrument="phq9", answers=given, by=clinic.nurse, now=at)
    return SuicideReview.objects.get()


def miss(session, clinic, *, by=None, now=LATE):
    return arriving.no_show(session=session, reason="Did not come", by=by or clinic.desk, now=now)


def only_call():
    return FollowUp.objects.with_state().select_related("site").get(kind="no-show-call")


# Opened


def test_a_no_show_without_reason_for_concern_opens_nothing(scheduled, clinic):
    miss(scheduled, clinic)
    assert not FollowUp.objects.exists()


def test_an_open_review_opens_a_call_for_the_same_day_in_the_same_transaction(scheduled, clinic):
    told_of_suicide(scheduled.patient, clinic)
    miss(scheduled, clinic)
    call = only_call()
    assert (call.session, call.reason, call.due) == (
        scheduled,
        "An answer on suicide waits for its review",
        LAST_MINUTE,
    )
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))[-2:]
    assert verbs == ["session.no_show", "follow_up.opened"]


def test_what_fails_leaves_neither_the_no_show_nor_the_call(scheduled, clinic, monkeypatch):
    told_of_suicide(scheduled.patient, clinic)
    with refused(Invalid, "reason.missing"):
        arriving.no_show(session=scheduled, reason=" ", by=clinic.desk, now=LATE)
    assert InfusionSession.objects.get(pk=scheduled.pk).state is Status.SCHEDULED
    assert not FollowUp.objects.exists()


def test_a_closed_review_is_no_reason(scheduled, clinic):
    review = told_of_suicide(scheduled.patient, clinic)
    close_review(review=review, outcome="safe_to_proceed", text="Seen", by=clinic.prescriber, now=NOON)
    miss(scheduled, clinic)
    assert not FollowUp.objects.exists()


def test_the_review_of_another_patient_is_no_reason(scheduled, clinic):
    told_of_suicide(make_course(clinic).patient, clinic)
    miss(scheduled, clinic)
    assert not FollowUp.objects.exists()


def responsible(clinic):
    name_responsible(
        site=clinic.site,
        kind="responsible",
        user=clinic.prescriber.user,
        presence="on_site",
        starts_at=NOON - timedelta(hours=1),
        ends_at=NOON + timedelta(hours=8),
        by=clinic.nurse,
        now=NOON,
    )


def test_the_call_is_whoever_has_the_review_s(scheduled, clinic):
    other = staff("nurse", clinic.site)
    review = told_of_suicide(scheduled.patient, clinic)
    assign_review(review=review, owner=other.user, by=clinic.nurse, now=NOON)
    responsible(clinic)
    miss(scheduled, clinic)
    assert only_call().carer_id == other.user.pk


def test_without_an_owner_it_is_the_prescriber_of_the_day_s(scheduled, clinic):
    told_of_suicide(scheduled.patient, clinic)
    responsible(clinic)
    miss(scheduled, clinic)
    assert only_call().carer_id == clinic.prescriber.user.pk


def test_it_is_never_somebody_s_who_may_not_work_on_it(scheduled, clinic):
    """The front desk marks it and may not; whoever ordered the course may."""
    told_of_suicide(scheduled.patient, clinic)
    miss(scheduled, clinic, by=clinic.desk)
    assert only_call().carer_id == scheduled.course.ordered_by_id


# Worsening


@pytest.fixture
def treated(clinic):
    """Infused two weeks ago with a PHQ-9 of 12 the day before, and booked for today."""
    begun = NOON - timedelta(days=14)
    course = make_course(clinic, now=begun - timedelta(days=2))
    scored(course.patient, clinic, 12, begun - timedelta(days=1))
    session_at(Status.DISCHARGED, clinic=clinic, now=begun, course=course)
    return booked_session(clinic, starts_at=NOON, course=course)


def fresh(session):
    return InfusionSession.objects.select_related("site", "course__site").get(pk=session.pk)


@pytest.mark.parametrize(
    ("days", "total", "ago", "opens"),
    [
        (28, 13, 3, True),
        (28, 12, 3, False),
        (28, 5, 3, False),
        (3, 13, 3, True),
        (2, 13, 3, False),
        (0, 24, 3, False),
    ],
)
def test_a_recent_worsening_opens_a_call(treated, clinic, days, total, ago, opens):
    set_rules(clinic.site, recent_worsening_days=days)
    scored(treated.patient, clinic, total, NOON - timedelta(days=ago))
    miss(treated, clinic)
    assert FollowUp.objects.filter(kind="no-show-call").exists() is opens


def test_the_reason_says_what_has_become_worse(treated, clinic):
    set_rules(clinic.site, recent_worsening_days=28)
    scored(treated.patient, clinic, 15, NOON - timedelta(days=3))
    told_of_suicide(treated.patient, clinic)
    miss(treated, clinic)
    assert only_call().reason == (
        "An answer on suicide waits for its review; PHQ-9 12 on 23 Feb, 15 on 7 Mar: worse than the baseline"
    )


def test_the_latest_total_counts_alone(treated, clinic):
    set_rules(clinic.site, recent_worsening_days=28)
    scored(treated.patient, clinic, 15, NOON - timedelta(days=9))
    scored(treated.patient, clinic, 8, NOON - timedelta(days=3))
    assert recent_worsening(fresh(treated), now=NOON) == ""
    scored(treated.patient, clinic, 13, NOON - timedelta(days=2))
    assert recent_worsening(fresh(treated), now=NOON)


@pytest.mark.parametrize("totals", [(), (3,), (12,), (13,), (20, 4), (4, 20), (13, 12), (12, 13, 24)])
def test_it_agrees_with_the_page_of_the_course(treated, clinic, totals):
    set_rules(clinic.site, recent_worsening_days=28)
    for place, total in enumerate(totals):
        scored(treated.patient, clinic, total, NOON - timedelta(days=9 - place))
    picture = course_picture(treated.course, actor=clinic.prescriber, now=NOON)
    (outcome,) = course_outcomes(picture)
    (line,) = [one for one in outcome.lines if one.concept == "worsening"]
    assert bool(recent_worsening(fresh(treated), now=NOON)) is (line.state in {"met", "provisional"})


def test_a_site_that_has_not_set_the_days_says_so(scheduled, clinic):
    page = text_of(Pages(clinic.nurse).get("/follow-ups/"))
    assert "Not set at North clinic: for how long a worse score makes a no-show a call" in page
    set_rules(clinic.site, recent_worsening_days=28)
    assert "Not set at" not in text_of(Pages(clinic.nurse).get("/follow-ups/"))


# Logged and closed


@pytest.fixture
def call(scheduled, clinic):
    told_of_suicide(scheduled.patient, clinic)
    miss(scheduled, clinic)
    return only_call()


def test_every_call_is_logged_with_when_who_and_what_came_of_it(call, clinic):
    told = {"follow_up": call, "by": clinic.nurse}
    log_attempt(result="no_answer", taken_at=LATE, now=LATE + timedelta(hours=1), **told)
    log_attempt(result="left_message", text="With the sister", now=LATE + timedelta(hours=2), **told)
    log_attempt(result="reached", now=LATE + timedelta(hours=3), **told)
    rows = call.entries.order_by("pk")
    assert [(row.result, row.text, row.taken_at, row.taken_by) for row in rows] == [
        ("no_answer", "", LATE, clinic.nurse.user),
        ("left_message", "With the sister", LATE + timedelta(hours=2), clinic.nurse.user),
        ("reached", "", LATE + timedelta(hours=3), clinic.nurse.user),
    ]
    assert only_call().attempts == 3
    close_follow_up(outcome="settled", text="She is safe; comes on Friday", now=LATE, **told)
    with refused(Conflict, "follow_up.closed"):
        log_attempt(result="reached", now=LATE, **told)


@pytest.mark.parametrize("result", ["", "maybe"])
def test_what_came_of_it_is_said(call, clinic, result):
    with refused(Invalid, "follow_up.result") as caught:
        log_attempt(follow_up=call, result=result, by=clinic.nurse, now=LATE)
    assert list(caught.value.fields) == ["result"]


def test_a_call_is_not_in_the_future(call, clinic):
    with refused(Invalid, "time.future"):
        told = {"follow_up": call, "result": "reached", "by": clinic.nurse}
        log_attempt(taken_at=LATE + timedelta(minutes=1), now=LATE, **told)


def test_the_database_keeps_what_came_of_it_to_calls(call, clinic):
    by = {"taken_by": clinic.nurse.user, "entered_by": clinic.nurse.user}
    with pytest.raises(IntegrityError), transaction.atomic():
        times = {"taken_at": LATE, "entered_at": LATE}
        FollowUpEntry.objects.create(follow_up=call, kind="note", result="reached", **times, **by)


MAY = {"nurse", "prescriber"}


@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber", "manager", "administrator", "auditor"])
@pytest.mark.parametrize("state", ["open", "closed"])
def test_who_may_do_what_in_which_state(call, clinic, role, state):
    by = staff(role, clinic.site)
    if state == "closed":
        close_follow_up(follow_up=call, outcome="settled", text="Safe", by=clinic.nurse, now=LATE)
    acts = (
        lambda: log_attempt(follow_up=call, result="reached", by=by, now=LATE),
        lambda: close_follow_up(follow_up=call, outcome="settled", text="Safe", by=by, now=LATE),
    )
    for act in acts:
        if role not in MAY:
            with refused(Refused, "permission.missing"):
                act()
        elif state == "closed":
            with refused(Conflict, "follow_up.closed"):
                act()
        else:
            act()


# Undone


def test_who_comes_after_all_need_not_be_called_and_what_was_tried_stands(call, scheduled, clinic):
    log_attempt(follow_up=call, result="no_answer", by=clinic.nurse, now=LATE)
    arriving.arrive(session=scheduled, by=clinic.desk, now=LATE + timedelta(hours=1))
    done = call.entries.get(kind="done")
    assert (done.outcome, done.text, done.taken_by) == (
        "not-needed",
        "The patient came after all.",
        clinic.desk.user,
    )
    assert call.entries.filter(kind="attempt").count() == 1
    assert not FollowUp.objects.open().exists()


def test_a_call_that_was_closed_by_hand_stays_as_it_was_closed(call, scheduled, clinic):
    close_follow_up(follow_up=call, outcome="settled", text="On her way", by=clinic.nurse, now=LATE)
    arriving.arrive(session=scheduled, by=clinic.desk, now=LATE + timedelta(hours=1))
    assert call.entries.get(kind="done").text == "On her way"


def test_an_arrival_that_is_undone_into_the_no_show_opens_a_new_call(call, scheduled, clinic):
    session = InfusionSession.objects.select_related("booking").get(pk=scheduled.pk)
    booked_session(clinic, starts_at=NOON, course=make_course(clinic), chair=session.chair)
    arriving.arrive(session=session, by=clinic.desk, now=LATE)
    arriving.undo_arrive(session=session, reason="Another person", by=clinic.nurse, now=LATE)
    assert InfusionSession.objects.get(pk=session.pk).state is Status.NO_SHOW
    assert [row.closed for row in FollowUp.objects.with_state().order_by("pk")] == [True, False]


def test_an_arrival_that_is_undone_into_the_booking_opens_none(call, scheduled, clinic):
    arriving.arrive(session=scheduled, by=clinic.desk, now=LATE)
    arriving.undo_arrive(session=scheduled, reason="Another person", by=clinic.nurse, now=LATE)
    assert InfusionSession.objects.get(pk=scheduled.pk).state is Status.SCHEDULED
    assert not FollowUp.objects.open().exists()


# Seen


def test_board_worklist_patient_and_task_show_it(call, scheduled, clinic):
    (done,) = board(clinic.site, actor=clinic.nurse, silent={}, now=LATE).done
    assert done.call == call.public_id
    close_at = f"/follow-ups/{call.public_id}/"
    with time_machine.travel(LATE, tick=False):
        pages = Pages(clinic.nurse)
        assert "call today" in text_of(pages.get("/"))
        worklist = text_of(pages.get("/follow-ups/"))
        assert "Due today 1" in worklist and "Call after a no-show" in worklist
        assert text_of(pages.get("/follow-ups/count/")) == "1 open"
        panel = text_of(pages.get(f"/patient-panels/{scheduled.patient.public_id}/"))
        assert "Call after a no-show" in panel
        log_call(session=scheduled, outcome="no_answer", purpose="no_show", by=clinic.desk, now=LATE)
        page = text_of(pages.get(close_at))
    assert "An answer on suicide waits for its review." in page
    assert "Did not come: No answer" in page
    close_follow_up(follow_up=call, outcome="settled", text="Safe", by=clinic.nurse, now=LATE)
    (done,) = board(clinic.site, actor=clinic.nurse, silent={}, now=LATE).done
    assert done.call is None


def test_a_call_is_logged_on_the_page(call, clinic):
    with time_machine.travel(LATE + timedelta(hours=1), tick=False):
        pages, patient = Pages(clinic.nurse), call.session.patient
        address = f"/follow-ups/{call.public_id}/"
        missing = pages.post(f"{address}attempt/", {"text": "x"}, patient=patient)
        assert missing.status_code == 422
        told = {"result": "left_message", "text": "With the sister", "taken_at": "13:05"}
        assert pages.post(f"{address}attempt/", told, patient=patient).status_code == 302
        page = text_of(pages.get(address))
    assert "Tue 10 Mar 13:05 Call: Left a message With the sister" in page


def test_a_call_is_logged_through_the_api(call, clinic):
    with time_machine.travel(LATE + timedelta(hours=1), tick=False):
        api = Api(clinic.nurse)
        path = f"follow-ups/{call.public_id}/attempt/"
        assert api.post(path, {"text": "x"}).status_code == 422
        made = api.post(path, {"result": "reached", "text": "", "taken_at": "2026-03-10T16:30:00Z"})
        assert made.status_code == 201
        assert (made.json()["result"], made.json()["taken_at"]) == ("reached", "2026-03-10T16:30:00Z")


def test_the_page_of_the_missed_visit_leads_to_the_call(scheduled, clinic):
    told_of_suicide(scheduled.patient, clinic)
    with time_machine.travel(LATE, tick=False):
        missed = miss(scheduled, clinic)
        call, desk = only_call(), Pages(clinic.desk)
        page, address = f"/sessions/{missed.public_id}/", f"/follow-ups/{call.public_id}/"
        assert address in desk.get(page).content.decode()
        told = {"outcome": "settled", "text": "Reached by phone, safe"}
        close_follow_up(follow_up=call, by=clinic.nurse, now=LATE, **told)
        assert address not in desk.get(page).content.decode()
