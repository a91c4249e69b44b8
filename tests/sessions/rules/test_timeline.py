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
LETTERS = {
    EventKind.START: "S",
    EventKind.PAUSE: "P",
    EventKind.RESUME: "R",
    EventKind.RATE: "C",
    EventKind.END: "E",
}
PLANNED = 150_000
"""Microlitres per hour at which the pump was started; a change sets it to a thousand times its minute."""
ORDER = {EventKind.RATE: 1, EventKind.END: 2}


@dataclass(frozen=True)
class Happened:
    """An event of no database."""

    kind: str
    minute: int
    end_kind: str = ""

    @property
    def taken_at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    @property
    def rate_microlitres_per_hour(self) -> int | None:
        return 1000 * (self.minute + 1) if self.kind == EventKind.RATE else None


def event(kind: EventKind, minute: int) -> Happened:
    return Happened(kind, minute, "completed" if kind == EventKind.END else "")


def is_possible(events: list[Happened]) -> bool:
    """The grammar as a regular expression over the letters; one minute holds a switch, a change and an end."""
    ordered = sorted(events, key=lambda one: (one.minute, ORDER.get(one.kind, 0)))
    letters = "".join(LETTERS[EventKind(one.kind)] for one in ordered)
    sorts = [(one.minute, one.kind == EventKind.RATE) for one in ordered if one.kind != EventKind.END]
    return bool(re.fullmatch(r"(SC*(PC*RC*)*(PC*)?E?)?", letters)) and len(set(sorts)) == len(sorts)


def walked(events: list[Happened], until: int) -> tuple[int, Fraction]:
    """Walk from minute to minute with switch and dial in hand: minutes begun with the pump on, and what ran in."""
    switch, dial, ran, volume = False, PLANNED, 0, Fraction(0)
    for minute in range(until):
        for one in sorted(events, key=lambda one: ORDER.get(one.kind, 0)):
            if one.minute == minute and one.kind == EventKind.RATE:
                dial = 1000 * (minute + 1)
            elif one.minute == minute:
                switch = one.kind in (EventKind.START, EventKind.RESUME)
        ran += switch
        volume += Fraction(dial, 60) if switch else 0
    return ran, volume


def minutes_run(events: list[Happened], until: int) -> int:
    return walked(events, until)[0]


MINUTES = st.integers(0, 40)
any_events = st.lists(st.builds(event, st.sampled_from(EventKind), MINUTES), max_size=6)


@st.composite
def possible_events(draw: st.DrawFn) -> list[Happened]:
    """A history that follows the grammar, in any order of entry."""
    kinds, switch = [EventKind.START], EventKind.START
    while draw(st.booleans()) and FOLLOWS[switch]:
        kinds.append(draw(st.sampled_from(sorted(FOLLOWS[switch] | {EventKind.RATE}))))
        switch = switch if kinds[-1] is EventKind.RATE else kinds[-1]
    minutes = sorted(draw(st.sets(MINUTES, min_size=len(kinds), max_size=len(kinds))))
    return draw(st.permutations([event(kind, minute) for kind, minute in zip(kinds, minutes, strict=True)]))


@given(any_events)
@example([])
@example([event(EventKind.START, 3), event(EventKind.END, 3)])
@example([event(EventKind.START, 3), event(EventKind.PAUSE, 3)])
@example([event(EventKind.START, 3), event(EventKind.RATE, 3), event(EventKind.END, 3)])
@example([event(EventKind.START, 3), event(EventKind.RATE, 3), event(EventKind.RATE, 3)])
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


@given(possible_events(), st.integers(0, 45))
def test_the_volume_agrees_with_the_naive_clock_at_any_moment(events: list[Happened], minute: int) -> None:
    derived = derive(events, rate=PLANNED)
    ran, volume = walked(events, minute)
    at = NOON + timedelta(minutes=minute)
    assert derived.infused_by(at) == timedelta(minutes=ran)
    assert derived.microlitres_by(at) == volume


@given(possible_events())
def test_no_volume_is_made_up_where_no_rate_is_known(events: list[Happened]) -> None:
    # The start comes before the first rate that is told, so there is always a stretch without one.
    assert derive(events).microlitres_by(NOON + timedelta(hours=1)) is None


@given(possible_events())
def test_the_status_follows_from_the_last_event(events: list[Happened]) -> None:
    derived = derive(events)
    last = max(events, key=lambda one: one.minute)
    switch = max((one for one in events if one.kind != EventKind.RATE), key=lambda one: one.minute)
    assert (
        derived.status
        == {
            "start": Status.INFUSING,
            "resume": Status.INFUSING,
            "pause": Status.PAUSED,
            "end": Status.RECOVERING,
        }[switch.kind]
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


@given(dose=st.integers(0, 300_000), bag=st.integers(1, 1_000_000), volume=st.fractions(0, 2_000_000))
def test_what_was_given_is_the_share_of_the_bag(dose: int, bag: int, volume: Fraction) -> None:
    given_so_far = delivered_micrograms(dose=dose, bag_microlitres=bag, microlitres=volume)
    assert 0 <= given_so_far <= dose
    if volume >= bag:
        assert given_so_far == dose
        return
    assert abs(given_so_far - dose * volume / bag) <= Fraction(1, 2)


def test_what_was_given_by_hand() -> None:
    # 35 mg in 100 mL at 150 mL/h: stopped after 20 minutes it is half of both.
    told = {"dose": 35_000, "bag_microlitres": 100_000}
    assert delivered_micrograms(microlitres=Fraction(50_000), **told) == 17_500
    assert delivered_micrograms(microlitres=Fraction(120_000), **told) == 35_000
    assert delivered_micrograms(microlitres=Fraction(0), **told) == 0
