"""Random histories of three sessions in two chairs: whatever people do in whatever order, the record stays sound."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, note, settings
from hypothesis import strategies as st

from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common.errors import ClinicError
from sessions.models import Booking, Departure, InfusionSession, StatusChange
from sessions.operations import booking, checking, monitoring, running, signing
from sessions.rules.corrections import standing
from sessions.rules.signing import digest_of_chart
from sessions.rules.timeline import derive
from sessions.states import ENDED, OFF, PRESENT, RUNNING, TRANSITIONS, Action, EndKind, Status
from tests.sessions.operations.acts import act
from tests.sessions.scenes import (
    NOON,
    NORMAL,
    Clinic,
    assess,
    complete_check,
    make_clinic,
    make_course,
    make_patient,
    under,
)

BEFORE = NOON - timedelta(days=1)
# A protocol that asks for little: what it asks for is tested elsewhere.
SHORT = {
    "checklist": [{"code": code, "requirement": "required"} for code in ("identity", "weight")],
    "discharge_criteria": ["alert"],
}
# The way a visit usually goes, so that random histories also come to its end.
USUAL = {
    Status.SCHEDULED: Action.ARRIVE,
    Status.NO_SHOW: Action.ARRIVE,
    Status.ARRIVED: Action.CLEAR,
    Status.READY: Action.START,
    Status.INFUSING: Action.END,
    Status.PAUSED: Action.RESUME,
    Status.RECOVERING: Action.DISCHARGE,
}
HISTORIES, STEPS = 12, 25


class History:
    """Two sessions of one patient and one of another; each step is what somebody does to one of them."""

    def __init__(self, clinic: Clinic, chance: Random) -> None:
        self.clinic, self.chance, self.now = clinic, chance, NOON
        patient = make_patient(clinic, now=BEFORE)
        courses = [make_course(clinic, patient=patient, now=BEFORE) for _ in range(2)]
        courses.append(make_course(clinic, now=BEFORE))
        places = ((0, 0), (1, 3), (1, 0))
        self.ids = [
            booking.book(
                course=course,
                chair=clinic.chairs[chair],
                starts_at=NOON + timedelta(hours=hour),
                by=clinic.desk,
                now=BEFORE,
            ).pk
            for course, (chair, hour) in zip(courses, places, strict=True)
        ]

    def step(self) -> None:
        self.now += timedelta(minutes=self.chance.randrange(1, 20))
        known = InfusionSession.objects.select_related("site", "patient", "chair", "booking")
        session = known.select_related("course__protocol_version").get(pk=self.chance.choice(self.ids))
        kinds = (self.usual_step, self.any_step, self.any_step, self.another_place, self.write)
        self.chance.choice(kinds)(session)

    def attempt(self, operation: Callable[..., Any], **told: Any) -> None:
        """An act that may be refused, and then has left nothing."""
        before, outcome = self.written(), "done"
        try:
            with transaction.atomic():
                operation(now=self.now, **told)
        except ClinicError as refusal:
            assert str(refusal)
            assert self.written() == before
            outcome = refusal.code
        note(f"{self.now:%H:%M} {getattr(operation, '__name__', operation)} {told}: {outcome}")

    def written(self) -> tuple:
        stored = list(InfusionSession.objects.order_by("pk").values())
        return stored, AuditEvent.objects.count(), StatusChange.objects.count(), Departure.objects.count()

    # What people do

    def usual_step(self, session: InfusionSession) -> None:
        nurse = self.clinic.nurse
        action = USUAL.get(session.state)
        if action is Action.CLEAR:
            complete_check(session, by=nurse, now=self.now)
        if action is Action.DISCHARGE:
            self.now += timedelta(minutes=60)
            assess(session, by=nurse, now=self.now)
        if action:
            self.attempt(act, action=action, session=session, by=nurse)
        elif session.state in ENDED:
            self.attempt(monitoring.ask_about_side_effects, session=session, by=nurse)
            self.attempt(signing.sign, session=session, by=nurse)
            self.attempt(signing.review, session=session, by=self.clinic.prescriber)

    def any_step(self, session: InfusionSession) -> None:
        """An action, oftener one that leaves the present status; some at another time than now, some anyway."""
        rows = TRANSITIONS.items()
        leaving = [action for action, row in rows if session.state in row.sources | row.departs_from]
        action = self.chance.choice(leaving * 3 + list(Action))
        told: dict[str, Any] = {"by": self.chance.choice([self.clinic.nurse, self.clinic.desk])}
        if self.chance.random() < 0.3:
            told["at"] = self.now - timedelta(minutes=self.chance.choice([1, 7, 30, -1]))
        anyway = self.chance.random() < 0.4
        if anyway and action in {Action.ARRIVE, Action.START, Action.DISCHARGE}:
            told["departure_reason"] = "It happened"
        if anyway and action is Action.END:
            told |= {"kind": EndKind.STOPPED_EARLY, "reason": "Nausea"}
        self.attempt(act, action=action, session=session, **told)

    def another_place(self, session: InfusionSession) -> None:
        """Another chair, another hour, or another time for an event of the infusion."""
        nurse, chair = self.clinic.nurse, self.chance.choice(self.clinic.chairs)
        events = list(session.infusion_events.all())
        if events:
            wrong = self.chance.choice(events)
            at = wrong.taken_at + timedelta(minutes=self.chance.randrange(-30, 30))
            self.attempt(running.correct_event, event=wrong, at=at, by=nurse, reason="Pump's record")
        elif session.state is Status.SCHEDULED:
            at = NOON + timedelta(minutes=self.chance.randrange(300))
            told = {"starts_at": at, "expected_revision": session.revision}
            self.attempt(booking.move_booking, session=session, chair=chair, by=nurse, **told)
        else:
            self.attempt(booking.change_chair, session=session, chair=chair, by=nurse)

    def write(self, session: InfusionSession) -> None:
        operation, told = self.chance.choice(
            [
                (monitoring.record_vital_signs, {"values": NORMAL}),
                (monitoring.write_note, {"text": "Calm"}),
                (checking.record_weight, {"value": Decimal(70)}),
                (checking.confirm_dose, {}),
            ]
        )
        self.attempt(operation, session=session, by=self.clinic.nurse, **told)

    # What stays true

    def check(self) -> None:
        known = InfusionSession.objects.filter(pk__in=self.ids).select_related("booking")
        sessions = list(known.prefetch_related("infusion_events", "status_changes", "signatures"))
        for session in sessions:
            the_status_follows_from_the_timeline(session)
            the_steps_follow_one_another(session)
            a_chair_is_held_while_somebody_is_expected(session)
            the_times_are_in_order(session, now=self.now)
            # A signed chart never changes.
            assert all(one.digest == digest_of_chart(session) for one in session.signatures.all())
        nobody_is_in_two_infusions_unless_it_was_said_why(sessions)
        no_two_bookings_overlap()


def the_status_follows_from_the_timeline(session: InfusionSession) -> None:
    derived = derive(standing(session.infusion_events.all()))
    told = (session.infusion_started_at, session.infusion_ended_at, session.running_since)
    assert told == (derived.started_at, derived.ended_at, derived.running_since)
    assert session.infused_seconds == derived.infused.total_seconds()
    if session.state in RUNNING | {Status.RECOVERING}:
        assert derived.status is session.state
    elif session.state in ENDED:
        assert derived.status in {None, Status.RECOVERING}
    else:
        assert derived.status is None


def the_steps_follow_one_another(session: InfusionSession) -> None:
    place = Status.SCHEDULED
    for step in sorted(session.status_changes.all(), key=lambda step: step.pk):
        row = TRANSITIONS[Action(step.action)]
        assert step.source == place
        assert step.source in row.sources | row.departs_from
        place = Status(step.target)
    assert place is session.state


def a_chair_is_held_while_somebody_is_expected(session: InfusionSession) -> None:
    if session.state is Status.SCHEDULED:
        assert session.booking.is_live
        assert session.booking.chair_id == session.chair_id
    if session.state in ENDED | OFF:
        assert not session.booking.is_live


def the_times_are_in_order(session: InfusionSession, *, now: datetime) -> None:
    assert (session.arrived_at is not None) == (session.state in PRESENT | ENDED)
    times = (session.arrived_at, session.infusion_started_at, session.infusion_ended_at)
    known = [time for time in times if time]
    assert known == sorted(known)
    assert all(time <= now for time in known)


def nobody_is_in_two_infusions_unless_it_was_said_why(sessions: list[InfusionSession]) -> None:
    running_now = [session for session in sessions if session.state in RUNNING]
    for one, other in combinations(running_now, 2):
        if one.patient_id == other.patient_id or one.chair_id == other.chair_id:
            said = Departure.objects.filter(session__in=[one, other], action=Action.START)
            codes = {item["code"] for row in said for item in row.obstacles}
            assert codes & {"patient.infusing", "chair.in_use"}


def no_two_bookings_overlap() -> None:
    for one, other in combinations(Booking.objects.live(), 2):
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        overbooked = one.is_overbooked or other.is_overbooked
        assert apart or overbooked or one.chair_id != other.chair_id
        assert apart or one.patient_id is None or one.patient_id != other.patient_id


@contextmanager
def taken_back() -> Iterator[None]:
    """Examples of one test share its transaction, so each takes back what it wrote."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_random_histories_leave_a_sound_record() -> None:
    clinic = make_clinic(now=BEFORE)
    short = under(clinic, now=BEFORE, code="short", **SHORT)

    @settings(max_examples=HISTORIES, deadline=None)
    @given(st.integers(0, 2**32))
    def live(seed: int) -> None:
        with taken_back():
            history = History(short, Random(seed))
            for _ in range(STEPS):
                history.step()
                history.check()
            assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []

    live()
