"""The grammar of an infusion against a naive clock that walks through the minutes one by one."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.common.errors import Conflict
from sessions.rules.timeline import FOLLOWS, Timeline, delivered_micrograms, derive
from sessions.states import EventKind, Status

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LETTERS = {EventKind.START: "S", EventKind.PAUSE: "P", EventKind.RESUME: "R", EventKind.END: "E"}


@dataclass(frozen=True)
class Happened:
    """An event of no database."""

    kind: str
    minute: int
    end_kind: str = ""

    @property
    def taken_at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)


def event(kind: EventKind, minute: int) -> Happened:
    return Happened(kind, minute, "completed" if kind == EventKind.END else "")


def is_possible(events: list[Happened]) -> bool:
    """The grammar as a regular expression over the letters, and no two events in one minute but an end."""
    ordered = sorted(events, key=lambda one: (one.minute, one.kind == EventKind.END))
    letters = "".join(LETTERS[EventKind(one.kind)] for one in ordered)
    minutes = [one.minute for one in ordered if one.kind != EventKind.END]
    return bool(re.fullmatch(r"(S(PR)*P?E?)?", letters)) and len(set(minutes)) == len(minutes)


def minutes_run(events: list[Happened], until: int) -> int:
    """Walk from minute to minute with a switch in hand, and count those that begin with the pump on."""
    switch, ran = False, 0
    for minute in range(until):
        for one in sorted(events, key=lambda one: one.kind == EventKind.END):
            if one.minute == minute:
                switch = one.kind in (EventKind.START, EventKind.RESUME)
        ran += switch
    return ran


MINUTES = st.integers(0, 40)
any_events = st.lists(st.builds(event, st.sampled_from(EventKind), MINUTES), max_size=6)


@st.composite
def possible_events(draw: st.DrawFn) -> list[Happened]:
    """A history that follows the grammar, in any order of entry."""
    kinds = [EventKind.START]
    while draw(st.booleans()) and FOLLOWS[kinds[-1]]:
        kinds.append(draw(st.sampled_from(sorted(FOLLOWS[kinds[-1]]))))
    minutes = sorted(draw(st.sets(MINUTES, min_size=len(kinds), max_size=len(kinds))))
    return draw(st.permutations([event(kind, minute) for kind, minute in zip(kinds, minutes, strict=True)]))


@given(any_events)
@example([])
@example([event(EventKind.START, 3), event(EventKind.END, 3)])
@example([event(EventKind.START, 3), event(EventKind.PAUSE, 3)])
def test_any_events_are_read_or_refused_as_the_grammar_says(events: list[Happened]) -> None:
    if is_possible(events):
        derive(events)
        return
    with pytest.raises(Conflict) as refusal:
        derive(events)
    assert refusal.value.code == "timeline.order"
    assert "Check the time" in str(refusal.value)


@given(possible_events())
def test_it_agrees_with_the_naive_clock(events: list[Happened]) -> None:
    derived = derive(events)
    last = max(one.minute for one in events)
    # Whole stretches only: what runs still is counted by the session, up to its own now.
    running = (NOON - derived.running_since) if derived.running_since else None
    until = last if running is None else -int(running.total_seconds() // 60)
    assert derived.infused == timedelta(minutes=minutes_run(events, until))
    for now in range(last, last + 3):
        on = minutes_run(events, now + 1) - minutes_run(events, now)
        assert on == (derived.running_since is not None)


@given(possible_events())
def test_the_status_follows_from_the_last_event(events: list[Happened]) -> None:
    derived = derive(events)
    last = max(events, key=lambda one: one.minute)
    assert (
        derived.status
        == {
            "start": Status.INFUSING,
            "resume": Status.INFUSING,
            "pause": Status.PAUSED,
            "end": Status.RECOVERING,
        }[last.kind]
    )
    assert derived.started_at == min(one.taken_at for one in events)
    assert (derived.ended_at, derived.end_kind) == (
        (last.taken_at, "completed") if last.kind == "end" else (None, "")
    )


@given(possible_events())
def test_the_stretches_are_in_order_apart_and_add_up(events: list[Happened]) -> None:
    derived = derive(events)
    edges = [edge for stretch in derived.stretches for edge in stretch]
    closed = [edge for edge in edges if edge is not None]
    assert closed == sorted(closed)
    assert None not in edges[:-1]
    assert (bool(edges) and edges[-1] is None) == (derived.running_since is not None)
    ended = [(start, end) for start, end in derived.stretches if end is not None]
    assert sum((end - start for start, end in ended), timedelta()) == derived.infused


def test_nothing_is_nothing() -> None:
    assert derive([]) == Timeline()
    assert Timeline().status is None


def test_the_refusal_names_both_events() -> None:
    with pytest.raises(Conflict, match="resume cannot follow start"):
        derive([event(EventKind.START, 0), event(EventKind.RESUME, 1)])
    with pytest.raises(Conflict, match="pause cannot follow nothing"):
        derive([event(EventKind.PAUSE, 0)])


# Milligrams given


@given(
    dose=st.integers(0, 300_000),
    planned=st.integers(5, 240),
    seconds=st.integers(0, 20_000),
    completed=st.booleans(),
)
def test_what_was_given_is_the_share_of_the_time(
    dose: int, planned: int, seconds: int, completed: bool
) -> None:
    given_so_far = delivered_micrograms(
        dose=dose, planned_minutes=planned, infused=timedelta(seconds=seconds), completed=completed
    )
    assert 0 <= given_so_far <= dose
    if completed or seconds >= planned * 60:
        assert given_so_far == dose
        return
    assert abs(given_so_far - Fraction(dose * seconds, planned * 60)) <= Fraction(1, 2)


def test_what_was_given_by_hand() -> None:
    told = {"dose": 35_000, "planned_minutes": 40}
    assert delivered_micrograms(infused=timedelta(minutes=10), completed=False, **told) == 8750
    assert delivered_micrograms(infused=timedelta(minutes=39), completed=True, **told) == 35_000
    assert delivered_micrograms(infused=timedelta(), completed=False, **told) == 0
