"""A course keeps its version until its prescriber moves it; a safety version stops it until then."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.demo.protocols import DEPRESSION
from sessions.models import Course, Departure, InfusionSession, ProtocolVersion
from sessions.operations import checking, running
from sessions.operations.booking import book
from sessions.operations.moving_protocol import move_course_to_version
from sessions.operations.planning import close_course
from sessions.operations.protocols import approve_version, draft_version
from sessions.reports.safety import Moves, moves_of, safety_worklist
from sessions.rules.checking import asks_for_dosing_weight, item_states
from sessions.rules.discharging import criterion_states, not_before
from sessions.rules.effect_moments import asked_moments
from sessions.rules.transitions import check_can
from sessions.states import Action, Status
from tests.refusals import refused
from tests.sessions.scenes import (
    NOON,
    approved_version,
    booked_session,
    make_clinic,
    make_course,
    session_at,
)


def next_version(clinic, *, safety_reason="", **content):
    """The next version of the clinic's protocol, in use."""
    told = {"by": clinic.director, "now": NOON}
    draft = draft_version(protocol=clinic.version.protocol, content=DEPRESSION | content, **told)
    return approve_version(version=draft, safety_reason=safety_reason, **told)


def move(course, version, clinic, **told):
    revision = Course.objects.get(pk=course.pk).revision
    return move_course_to_version(
        **{
            "course": course,
            "version": version,
            "reason": "Letter of the director",
            "by": clinic.prescriber,
            "expected_revision": revision,
            "now": NOON,
        }
        | told
    )


def fresh(session):
    return InfusionSession.objects.select_related(
        "site", "patient", "chair", "course__protocol_version__protocol", "course__consent"
    ).get(pk=session.pk)


def test_a_newer_version_leaves_the_courses_under_the_one_before(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    newer = next_version(clinic)
    assert running.start(session=session, by=clinic.nurse, now=NOON).state is Status.INFUSING
    with refused(Conflict, "order.protocol"):
        make_course(replace(clinic, version=ProtocolVersion.objects.get(pk=clinic.version.pk)))
    assert safety_worklist(clinic.nurse) == []
    moves = moves_of(make_course(replace(clinic, version=newer)), actor=clinic.prescriber)
    assert (moves.is_stopped, moves.newer, moves.may_move) == (False, None, True)


def test_a_safety_version_stops_dose_clearance_and_start_until_the_course_is_moved(clinic):
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    ready = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    newer = next_version(clinic, safety_reason="Overheated vials", cap_micrograms=50_000)
    for action, session in ((Action.CLEAR, arrived), (Action.START, ready)):
        with refused(Conflict, "order.safety"):
            check_can(action, session=fresh(session), now=NOON)
    checking.record_weight(session=arrived, value=Decimal(70), by=clinic.nurse, now=NOON)
    with refused(Conflict, "order.safety"):
        checking.confirm_dose(session=arrived, by=clinic.nurse, now=NOON)
    move(ready.course, newer, clinic, cap_micrograms=50_000)
    with refused(Conflict, "dose.order_changed"):
        running.start(session=ready, by=clinic.nurse, now=NOON)
    checking.confirm_dose(session=ready, by=clinic.nurse, now=NOON)
    assert running.start(session=ready, by=clinic.nurse, now=NOON).state is Status.INFUSING


def test_what_was_started_all_the_same_is_recorded(clinic):
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    next_version(clinic, safety_reason="Overheated vials")
    running.start(session=ready, by=clinic.nurse, now=NOON, departure_reason="Begun before the letter came")
    assert [item["code"] for item in Departure.objects.get().obstacles] == ["order.safety"]


def test_the_worklist_shows_who_waits_the_soonest_first_and_only_at_ones_sites(clinic):
    later, sooner, idle = (make_course(clinic) for _ in range(3))
    done = make_course(clinic)
    close_course(course=done, state="completed", reason="", by=clinic.prescriber, now=NOON)
    for course, days in ((later, 4), (sooner, 1)):
        book(
            course=course,
            chair=clinic.chair,
            starts_at=NOON + timedelta(days=days),
            by=clinic.desk,
            now=NOON,
        )
    newer = next_version(clinic, safety_reason="Overheated vials")
    (found,) = safety_worklist(clinic.nurse)
    assert (found.version, [row.course for row in found.courses]) == (newer, [sooner, later, idle])
    assert [row.booked for row in found.courses] == [1, 1, 0]
    assert safety_worklist(make_clinic("south").nurse) == []
    move(sooner, newer, clinic)
    assert [row.course for row in safety_worklist(clinic.nurse)[0].courses] == [later, idle]


def test_of_two_safety_versions_the_later_one_counts(clinic):
    course = make_course(clinic)
    first = next_version(clinic, safety_reason="First letter")
    next_version(clinic)
    move(course, clinic.version.protocol.versions.get(number=3), clinic)
    assert safety_worklist(clinic.nurse) == []
    second = next_version(clinic, safety_reason="Second letter")
    first.refresh_from_db()
    assert first.safety_successor == second
    assert [row.version for row in safety_worklist(clinic.nurse)] == [second]


def test_who_moves_and_where_to(clinic):
    course = make_course(clinic)
    newer = next_version(clinic)
    other = approved_version(by=clinic.director, code="pain", now=NOON)
    with refused(Refused, "permission.missing"):
        move(course, newer, clinic, by=clinic.nurse)
    with refused(Invalid, "reason.missing"):
        move(course, newer, clinic, reason=" ")
    with refused(Stale):
        move(course, newer, clinic, expected_revision=7)
    for version, code in ((other, "course.other_protocol"), (clinic.version, "course.same_version")):
        with refused(Conflict, code):
            move(course, version, clinic)
    moved = move(course, newer, clinic)
    assert (moved.protocol_version, moved.revision, moved.history.count()) == (newer, 2, 2)
    assert moved.history.first().history_change_reason == "Letter of the director"
    with refused(Conflict, "order.protocol"):
        move(course, clinic.version, clinic)


def test_an_order_over_the_new_version_needs_the_right_or_is_lowered(clinic):
    lowered, kept = make_course(clinic), make_course(clinic)
    newer = next_version(clinic, max_dose_micrograms_per_kg=400, dose_micrograms_per_kg=400)
    assert moves_of(lowered, actor=clinic.nurse) == Moves(False, newer.number, False)
    moved = move(lowered, newer, clinic, dose_micrograms_per_kg=400)
    assert (moved.dose_micrograms_per_kg, moved.order_reason) == (400, "")
    held = Actor.of_user(clinic.prescriber.user, only=[Permission.ORDER_COURSE])
    with refused(Refused, "order.over_protocol"):
        move(kept, newer, clinic, by=held)
    moved = move(kept, newer, clinic, reason="Responds at this dose")
    assert (moved.dose_micrograms_per_kg, moved.order_reason) == (500, "Responds at this dose")


@pytest.mark.parametrize("status", [Status.INFUSING, Status.PAUSED, Status.RECOVERING])
def test_a_running_infusion_is_not_moved(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    newer = next_version(clinic, safety_reason="Overheated vials")
    with refused(Conflict, "course.under_way"):
        move(session.course, newer, clinic)


def rules_of(session):
    """What a chart takes from its protocol: the version, what was asked, and how long the patient had to stay."""
    session = fresh(session)
    return {
        "version": session.protocol_version.number,
        "check": [state.code for state in item_states(session)],
        "criteria": [state.code for state in criterion_states(session)],
        "stay": session.protocol_version.min_observation_minutes,
        "not before": not_before(session),
        "effects": [asked.moment.code for asked in asked_moments(session, now=NOON)],
        "dosed by another weight": asks_for_dosing_weight(session),
    }


def test_a_visit_that_is_over_keeps_the_rules_it_was_under(clinic):
    over = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=2)
    ahead = booked_session(clinic, starts_at=NOON + timedelta(days=4), course=over.course)
    before, ahead_before = rules_of(over), rules_of(ahead)
    assert (before["stay"], before["version"]) == (60, 1)
    newer = next_version(
        clinic,
        checklist=[{"code": "weight", "requirement": "required"}],
        discharge_criteria=["escort-present"],
        min_observation_minutes=90,
        side_effect_moments=[],
        weight_basis="ideal",
    )
    move(over.course, newer, clinic)
    assert rules_of(over) == before
    assert rules_of(ahead) == {
        "version": 2,
        "check": ["weight"],
        "criteria": ["escort-present"],
        "stay": 90,
        "not before": None,
        "effects": [],
        "dosed by another weight": True,
    }
    assert ahead_before["check"] == before["check"] != ["weight"]
