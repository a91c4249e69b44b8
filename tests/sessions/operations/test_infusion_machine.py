"""A random infusion through the operations: minutes and milligrams against an integral taken second by second."""

from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.common.errors import ClinicError
from sessions.models import InfusionSession
from sessions.operations import infusion_events, infusion_totals, running
from sessions.rules.delivery import charted, end_kind_at
from sessions.states import EndKind, Status
from tests.sessions.scenes import NOON, Clinic, make_clinic, session_at

BAG, DOSE, PLANNED = 100_000, 35_000, 150_000
EARLIER = st.integers(0, 900)
RATES = st.integers(1, 400_000)


def walked(session: InfusionSession, *, until: datetime) -> tuple[int, int]:
    """Seconds with the pump on, and the sum of the rates in those seconds, from the rows alone."""
    rows = list(session.infusion_events.all())
    replaced = {row.corrects_id for row in rows}
    events = [row for row in rows if row.pk not in replaced and not row.retracted]
    order = {"rate": 1, "end": 2}
    events.sort(key=lambda one: (one.taken_at, order.get(one.kind, 0)))
    if not events:
        return 0, 0
    switch, dial, seconds, total = False, PLANNED, 0, 0
    moment = events[0].taken_at
    while moment < until:
        while events and events[0].taken_at <= moment:
            event = events.pop(0)
            dial = event.rate_microlitres_per_hour if event.kind == "rate" else dial
            switch = switch if event.kind == "rate" else event.kind in ("start", "resume")
        seconds += switch
        total += dial * switch
        moment += timedelta(seconds=1)
    return seconds, total


class Infusion(RuleBasedStateMachine):
    """One infusion; the test gives it its clinic."""

    clinic: ClassVar[Clinic]
    ready: ClassVar[InfusionSession]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        # Examples of one test share its transaction, so each takes back what it wrote.
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def session(self) -> InfusionSession:
        return InfusionSession.objects.get(pk=self.ready.pk)

    def attempt(self, operation, **told) -> None:
        """What is refused leaves nothing behind."""
        try:
            with transaction.atomic():
                operation(by=self.clinic.nurse, now=self.now, **told)
        except ClinicError as refusal:
            assert str(refusal)

    def event(self, seed: int):
        rows = list(self.session().infusion_events.select_related("session", "taken_by"))
        return Random(seed).choice(rows) if rows else None

    @initialize()
    def begin(self) -> None:
        # Not an attempt: without a start every history would be refused, and all that follows hold of nothing.
        running.start(session=self.session(), by=self.clinic.nurse, now=self.now)

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(ago=EARLIER, step=st.sampled_from([running.pause, running.resume]))
    def switch(self, ago: int, step) -> None:
        self.attempt(step, session=self.session(), at=self.now - timedelta(seconds=ago))

    @rule(ago=EARLIER, rate=RATES)
    def change_rate(self, ago: int, rate: int) -> None:
        at = self.now - timedelta(seconds=ago)
        told = {"rate_microlitres_per_hour": rate, "taken_at": at}
        self.attempt(infusion_events.change_rate, session=self.session(), **told)

    @rule(ago=EARLIER)
    def stop(self, ago: int) -> None:
        self.attempt(running.end, session=self.session(), at=self.now - timedelta(seconds=ago))

    @rule(ago=EARLIER, kind=st.sampled_from(["pause", "resume"]))
    def add_what_was_forgotten(self, ago: int, kind: str) -> None:
        at = self.now - timedelta(seconds=ago)
        told = {"kind": kind, "taken_at": at, "reason": "Forgotten"}
        self.attempt(infusion_events.add_forgotten_event, session=self.session(), **told)

    @rule(seed=st.integers(0, 999), seconds=st.integers(-600, 600))
    def correct(self, seed: int, seconds: int) -> None:
        if event := self.event(seed):
            at = event.taken_at + timedelta(seconds=seconds)
            self.attempt(running.correct_event, event=event, at=at, reason="Pump's record")

    @rule(seed=st.integers(0, 999), what=st.sampled_from(["retract", "detail"]))
    def say_more(self, seed: int, what: str) -> None:
        operation = {"retract": infusion_events.retract_event, "detail": infusion_events.detail_event}[what]
        if event := self.event(seed):
            self.attempt(operation, event=event, reason="Nausea")

    @rule(pump=st.integers(0, 2 * BAG))
    def read_the_pump(self, pump: int) -> None:
        told = {"pump_microlitres": pump, "used": "pump", "reason": "As the pump shows"}
        self.attempt(infusion_totals.record_totals, session=self.session(), **told)

    @invariant()
    def it_is_the_integral(self) -> None:
        session = self.session()
        for at in (self.now, self.now - timedelta(seconds=400)):
            seconds, total = walked(session, until=at)
            found = charted(session, at=at)
            volume = min(Fraction(total, 3600), Fraction(BAG))
            assert found.infused == timedelta(seconds=seconds)
            assert found.microlitres == volume
            assert found.micrograms == round(DOSE * volume / BAG)
            is_whole = round(DOSE * volume / BAG) == DOSE
            assert (end_kind_at(session, at=at) is EndKind.COMPLETED) == is_whole

    @invariant()
    def the_columns_restate_it(self) -> None:
        session = self.session()
        assert session.infused(self.now) == charted(session, at=self.now).infused
        running_for = (self.now - session.rate_since).total_seconds() if session.rate_since else 0
        if session.infusion_started_at:
            more = Fraction(session.rate_microlitres_per_hour * int(running_for), 3600)
            shown = min(session.delivered_microlitres + more, BAG)
            assert abs(shown - charted(session, at=self.now).microlitres) <= 1

    @invariant()
    def settled_totals_are_those_of_the_present_times(self) -> None:
        session = self.session()
        if session.totals_used:
            totals = session.infusion_totals.last()
            assert totals.charted_micrograms == charted(session, at=session.infusion_ended_at).micrograms
            assert session.given_micrograms == totals.pump_micrograms


@pytest.mark.django_db
def test_minutes_and_milligrams_are_the_integral_of_any_history() -> None:
    clinic = make_clinic()

    class Here(Infusion):
        pass

    Here.clinic, Here.ready = clinic, session_at(Status.READY, clinic=clinic, now=NOON)
    how = settings(max_examples=12, stateful_step_count=18, deadline=None)
    run_state_machine_as_test(Here, settings=how)
