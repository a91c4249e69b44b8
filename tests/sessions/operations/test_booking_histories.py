"""Random histories of a crowded book: whatever is booked, moved, called off, overbooked or settled, in whatever order.

Refusals are part of the game: they leave nothing behind. What is true after every step is written as invariants.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common.errors import ClinicError
from clinic.facilities.rules.duty import Duty, duties, on_duty, steps
from sessions.models import Booking, Course, InfusionSession
from sessions.operations import arriving, blocks, booking
from sessions.operations.series import Relocation, Slot, book_series, cancel_series, move_series
from sessions.states import ENDED, OFF, Status
from tests.sessions.operations import duty
from tests.sessions.scenes import NOON, Clinic, make_clinic, make_course, make_patient, under

BEFORE = NOON - timedelta(days=2)
HISTORIES, STEPS = 6, 25

places = st.builds(
    lambda day, half: NOON + timedelta(days=day, minutes=30 * half), st.integers(0, 2), st.integers(0, 7)
)
chairs = st.sampled_from([0, 1, None])
reasons = st.sampled_from(["", "It cannot wait"])
people = st.sampled_from(["nurse", "desk"])
some = st.integers(0, 10_000)


class Book(RuleBasedStateMachine):
    """Two chairs, one nurse for two patients until the afternoon, three patients, one of them in two courses."""

    clinic: ClassVar[Clinic]
    courses: ClassVar[list[Course]]
    roster: ClassVar[list[Duty]]

    def __init__(self) -> None:
        super().__init__()
        # Examples of one test share its transaction, so each takes back what it wrote.
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.now = BEFORE

    def teardown(self) -> None:
        assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []
        transaction.set_rollback(True)
        self.undo.close()

    # Who and what

    def by(self, name: str) -> Actor:
        actor: Actor = getattr(self.clinic, name)
        return actor

    def chair(self, number: int | None) -> Any:
        return None if number is None else self.clinic.chairs[number]

    def course(self, number: int) -> Course:
        return self.courses[number % len(self.courses)]

    def one(self, number: int, *statuses: Status) -> InfusionSession | None:
        known = InfusionSession.objects.filter(status__in=statuses).order_by("pk")
        rows = list(known.select_related("site", "patient", "chair", "booking", "course__protocol_version"))
        return rows[number % len(rows)] if rows else None

    def attempt(self, operation: Callable[..., Any], **told: Any) -> None:
        before, outcome = written(), "done"
        try:
            with transaction.atomic():
                operation(now=self.now, **told)
        except ClinicError as refusal:
            assert str(refusal)
            assert written() == before
            outcome = ", ".join(problem.code for problem in refusal.problems)
        note(f"{operation.__name__}: {outcome}")

    # What people do

    @initialize()
    def some_are_booked(self) -> None:
        """A fixed one, one whose chair is open at the same time, and a series."""
        self.attempt(
            booking.book, course=self.courses[0], chair=self.chair(0), starts_at=NOON, by=self.clinic.desk
        )
        self.attempt(booking.book, course=self.courses[2], chair=None, starts_at=NOON, by=self.clinic.desk)
        slots = [Slot(NOON + timedelta(days=day), self.chair(day)) for day in range(2)]
        self.attempt(
            book_series, course=self.courses[3], slots=slots, by=self.clinic.nurse, override_reason="Now"
        )

    @rule(course=some, at=places, chair=chairs, who=people, why=reasons)
    def book(self, course: int, at: datetime, chair: int | None, who: str, why: str) -> None:
        told = {"course": self.course(course), "chair": self.chair(chair), "starts_at": at}
        self.attempt(booking.book, by=self.by(who), override_reason=why, **told)

    @rule(which=some, at=places, chair=chairs, who=people, why=reasons, stays=st.booleans())
    def move(self, which: int, at: datetime, chair: int | None, who: str, why: str, stays: bool) -> None:
        session = self.one(which, Status.SCHEDULED)
        if session is None:
            return
        starts_at = session.scheduled_start if stays else at
        told = {"session": session, "chair": self.chair(chair), "expected_revision": session.revision}
        self.attempt(booking.move_booking, starts_at=starts_at, by=self.by(who), override_reason=why, **told)

    @rule(which=some)
    def move_nowhere(self, which: int) -> None:
        """Whoever stays where they are is refused by nobody and asked for nothing."""
        session = self.one(which, Status.SCHEDULED)
        if session is None or session.scheduled_start < self.now:
            return
        before = session.booking
        chair = None if before.is_chair_provisional else session.chair
        told = {"chair": chair, "starts_at": session.scheduled_start, "expected_revision": session.revision}
        with transaction.atomic():
            booking.move_booking(session=session, by=self.clinic.desk, now=self.now, **told)
        after = Booking.objects.get(pk=before.pk)
        assert (after.chair_id, after.starts_at, after.override_reason or before.override_reason) == (
            before.chair_id,
            before.starts_at,
            before.override_reason,
        )

    @rule(which=some, chair=st.sampled_from([0, 1]))
    def assign(self, which: int, chair: int) -> None:
        if session := self.one(which, Status.SCHEDULED):
            told = {"session": session, "chair": self.chair(chair)}
            self.attempt(booking.assign_chair, by=self.clinic.desk, **told)

    @rule(which=some)
    def arrive(self, which: int) -> None:
        if session := self.one(which, Status.SCHEDULED, Status.NO_SHOW):
            self.now = max(self.now, session.scheduled_start)
            self.attempt(arriving.arrive, session=session, by=self.clinic.desk)

    @rule(which=some, action=st.sampled_from(["undo_arrive", "do_not_start"]))
    def go_back(self, which: int, action: str) -> None:
        if session := self.one(which, Status.ARRIVED):
            operation = getattr(arriving, action)
            self.attempt(operation, session=session, by=self.clinic.nurse, reason="The wrong one")

    @rule(which=some, action=st.sampled_from(["cancel", "no_show"]))
    def call_off(self, which: int, action: str) -> None:
        if session := self.one(which, Status.SCHEDULED):
            if action == "no_show":
                self.now = max(self.now, session.scheduled_start + timedelta(minutes=15))
            operation = getattr(arriving, action)
            self.attempt(operation, session=session, by=self.clinic.desk, reason="Has a cold")

    @rule(course=some, slots=st.lists(st.tuples(places, chairs), min_size=1, max_size=4), why=reasons)
    def book_series(self, course: int, slots: list[tuple[datetime, int | None]], why: str) -> None:
        wanted = [Slot(at, self.chair(chair)) for at, chair in slots]
        told = {"course": self.course(course), "slots": wanted, "by": self.clinic.nurse}
        self.attempt(book_series, override_reason=why, **told)

    @rule(course=some, minutes=st.sampled_from([-1440, -30, 30, 1440, 2880]), chair=chairs, why=reasons)
    def move_series(self, course: int, minutes: int, chair: int | None, why: str) -> None:
        found = self.course(course).sessions.filter(status=Status.SCHEDULED)
        moves = [
            Relocation(
                row, row.revision, Slot(row.scheduled_start + timedelta(minutes=minutes), self.chair(chair))
            )
            for row in found.select_related("chair")
        ]
        if moves:
            told = {"course": self.course(course), "moves": moves, "by": self.clinic.nurse}
            self.attempt(move_series, override_reason=why, **told)

    @rule(which=some)
    def cancel_series(self, which: int) -> None:
        if session := self.one(which, Status.SCHEDULED):
            self.attempt(cancel_series, session=session, by=self.clinic.desk, reason="New job")

    @precondition(lambda self: not Booking.objects.live().filter(course=None).exists())
    @rule(at=places, hours=st.integers(1, 30), chair=st.sampled_from([0, 1]), who=people, why=reasons)
    def block(self, at: datetime, hours: int, chair: int, who: str, why: str) -> None:
        told = {"chair": self.chair(chair), "kind": "maintenance", "title": "Wheels", "starts_at": at}
        ends_at = at + timedelta(hours=hours)
        self.attempt(blocks.block_chair, ends_at=ends_at, by=self.by(who), override_reason=why, **told)

    @precondition(lambda self: Booking.objects.live().filter(course=None).exists())
    @rule()
    def release(self) -> None:
        held = Booking.objects.live().filter(course=None).select_related("site").first()
        self.attempt(blocks.release_block, booking=held, reason="Repaired", by=self.clinic.desk)

    # What stays true

    @invariant()
    def two_ordinary_bookings_never_overlap(self) -> None:
        for one, other in combinations(Booking.objects.live(), 2):
            if one.ends_at <= other.starts_at or other.ends_at <= one.starts_at:
                continue
            assert one.patient_id is None or one.patient_id != other.patient_id
            assert one.chair_id != other.chair_id or one.is_overbooked or other.is_overbooked

    @invariant()
    def what_departs_from_a_rule_says_why(self) -> None:
        for row in Booking.objects.all():
            assert bool(row.overrides) == bool(row.override_reason)
            assert row.is_overbooked == ("booking.chair_taken" in row.overrides)
            assert not (row.is_overbooked and row.is_chair_provisional)

    @invariant()
    def nurses_have_more_patients_only_where_somebody_said_why(self) -> None:
        held = list(Booking.objects.live().nursed())
        for at, _until in edges(held, self.roster):
            here = [row for row in held if row.starts_at <= at < row.ends_at]
            if len(here) > 2 * len(on_duty(self.roster, at)):
                assert any("booking.nurse_capacity" in row.overrides for row in here) or self.settled(here)

    @staticmethod
    def settled(here: list[Booking]) -> bool:
        """Somebody who was missed and came after all is there, whoever was booked meanwhile."""
        came = InfusionSession.objects.filter(booking__in=here, status_changes__source=Status.NO_SHOW)
        return came.exists()

    @invariant()
    def a_session_and_its_booking_tell_the_same(self) -> None:
        for session in InfusionSession.objects.select_related("booking"):
            held = session.booking
            assert (session.scheduled_start, session.scheduled_end) == (held.starts_at, held.ends_at)
            assert held.ends_at - held.starts_at == timedelta(minutes=130)
            if session.state is Status.SCHEDULED:
                assert held.is_live
                assert held.chair_id == session.chair_id
            else:
                assert not (held.is_live and held.is_chair_provisional)
            assert not (held.is_live and session.state in ENDED | OFF)

    @invariant()
    def every_change_is_in_the_history(self) -> None:
        for row in Booking.objects.all():
            last = row.history.latest("history_id")
            told = ("is_live", "chair_id", "starts_at", "is_overbooked", "is_chair_provisional")
            assert [getattr(row, name) for name in told] == [getattr(last, name) for name in told]


def edges(held: list[Booking], roster: list[Duty]) -> Iterator[tuple[datetime, datetime]]:
    if held:
        ranges = [(row.starts_at, row.ends_at) for row in held]
        first, last = min(start for start, _ in ranges), max(end for _, end in ranges)
        yield from steps(roster, ranges, first, last)


def written() -> tuple[Any, ...]:
    sessions = list(InfusionSession.objects.order_by("pk").values())
    return (
        sessions,
        list(Booking.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
        Booking.history.count(),
    )


@pytest.mark.django_db
def test_random_histories_of_a_crowded_book() -> None:
    clinic = make_clinic(now=BEFORE - timedelta(days=1), chairs=2)
    close = under(clinic, now=BEFORE, code="close", min_gap_days=1)
    duty.set_rules(clinic.site, patients_per_nurse=2)
    for day in range(4):
        duty.on_duty(clinic, clinic.nurse, duty.hours(-1, 6, day=NOON + timedelta(days=day)))
    twice = make_patient(clinic, now=BEFORE)
    Book.clinic, Book.roster = clinic, duties(clinic.site, BEFORE, NOON + timedelta(days=9))
    Book.courses = [make_course(close, now=BEFORE, patient=patient) for patient in (twice, twice, None, None)]
    run_state_machine_as_test(
        Book,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
