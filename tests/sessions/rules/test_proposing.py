"""Proposals against a second, naive reading of the same book; and what they say where something gave way."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.facilities.models import Site
from clinic.facilities.rules.duty import Duty
from clinic.facilities.rules.opening import OpenTimes
from sessions.rules.free_times import Cause, ChairTimes, FreeTimes, Taken
from sessions.rules.proposing import Spacing, Wishes, Yielded, propose
from sessions.rules.proposing_words import note_of, reason_of, times_of

LENGTH = timedelta(minutes=130)
ZONES = ("America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
# A week before the clocks go forward in New York, and one before they go back there.
BEGINS = (datetime(2026, 3, 4, 15, 7, tzinfo=UTC), datetime(2026, 10, 28, 15, 7, tzinfo=UTC))
WEEK = tuple((weekday, time(8), time(18)) for weekday in range(5))
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Seven in the morning in New York."""


def book(
    *,
    zone="America/New_York",
    now=MONDAY,
    hours=WEEK,
    closures=(),
    chairs=((), ()),
    provisional=(),
    patient=(),
    days=120,
    **more,
):
    """What is known of a site: ``chairs`` are the ranges in which each of them is taken."""
    site = Site(name="North clinic", code="north", time_zone=zone)
    kept = dict(enumerate(provisional))
    return FreeTimes(
        times=OpenTimes(site, tuple(hours), tuple(closures)),
        chairs=[
            ChairTimes(key, f"Chair {key + 1}", Taken(taken), Taken(kept.get(key, ())))
            for key, taken in enumerate(chairs)
        ],
        length=LENGTH,
        now=now,
        until=now + timedelta(days=days),
        patient=Taken(patient),
        **more,
    )


def at(text, zone_hours=-5):
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=zone_hours)


def span(text, minutes=130):
    return at(text), at(text) + timedelta(minutes=minutes)


TWICE_A_WEEK = Spacing(2, 3, 7)


def one(known, *, spacing=TWICE_A_WEEK, previous=None, days=(), **wishes):
    (proposal,) = propose(
        known, number=1, spacing=spacing, wishes=Wishes(**wishes), previous=previous, days=days
    )
    return proposal


def local(known, proposal):
    return f"{known.local(proposal.starts_at):%Y-%m-%d %H:%M}"


# --- The naive second reading.


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]


class Naive:
    """The same book in lists, gone through from end to end for every question."""

    def __init__(self, known, taken, duties, spacing, days):
        self.known, self.taken, self.duties = known, taken, duties
        self.spacing, self.days = spacing, list(days)
        self.patient = list(known.patient.overlapping(known.now, known.until + LENGTH))

    def fits(self, start, chair):
        visit = (start, start + LENGTH)
        day = self.known.local(start).date()
        return (
            self.known.now <= start <= self.known.until
            and all(abs((other - day).days) >= self.spacing.least for other in self.days)
            and not any(overlap(visit, closed[:2]) for closed in self.known.times.closures)
            and self.is_open(visit)
            and not any(overlap(visit, other) for other in self.patient)
            and not any(overlap(visit, other) for other in self.taken[chair])
            and self.nurses_can(visit)
        )

    def is_open(self, visit):
        start, end = map(self.known.local, visit)
        if start.date() != end.date():
            return False
        if not self.known.times.hours:
            return True
        walls = (start.time(), end.time())
        hours = self.known.times.hours
        return any(d == start.weekday() and o <= walls[0] and walls[1] <= c for d, o, c in hours)

    def nurses_can(self, visit):
        if not self.known.most:
            return True
        # Minute by minute: a shift that ends three minutes before the visit leaves it alone.
        minute, end = visit
        while minute < end:
            patients = 1 + sum(s <= minute < e for chair in self.taken for s, e in chair)
            nurses = {duty.user_id for duty in self.duties if duty.starts_at <= minute < duty.ends_at}
            if patients > self.known.most * len(nurses):
                return False
            minute += timedelta(minutes=1)
        return True

    def add(self, start):
        self.patient.append((start, start + LENGTH))
        self.days.append(self.known.local(start).date())

    def starts_on(self, day):
        """Every quarter of an hour of a day by the wall's clock, each once."""
        midnight = datetime.combine(day, time(), self.known.times.site.zone)
        walls = [(midnight + timedelta(minutes=15 * n)) for n in range(96)]
        once = [w for w in walls if w.utcoffset() == w.replace(fold=1).utcoffset()]
        return [w.astimezone(UTC) for w in once]


def is_wished(known, wishes, start):
    local = known.local(start)
    return (
        (not wishes.weekdays or local.weekday() in wishes.weekdays)
        and (wishes.starts_from or time.min) <= local.time() <= (wishes.starts_until or time.max)
        and (wishes.first_day is None or local.date() >= wishes.first_day)
    )


minutes = st.integers(0, 20 * 24 * 12).map(lambda n: timedelta(minutes=5 * n))


@st.composite
def separate(draw, begins, most=25):
    """Ranges that do not overlap, as the bookings of one chair."""
    edges = sorted(draw(st.sets(minutes, max_size=most)))
    pairs = ((begins + a, begins + b) for a, b in pairwise(edges))
    return [pair for n, pair in enumerate(pairs) if n % 2 == 0 and pair[1] - pair[0] < timedelta(hours=9)]


@st.composite
def worlds(draw):
    now = draw(st.sampled_from(BEGINS))
    chairs = draw(st.lists(separate(now), min_size=1, max_size=3))
    hours = draw(
        st.sampled_from([(), WEEK, ((1, time(9), time(12)), (1, time(12, 30), time(17)), *WEEK[2:])])
    )
    closed = [(s, e, "Repair") for s, e in draw(separate(now, 4))]
    most = draw(st.sampled_from([0, 0, 1, 2]))
    shifts = [
        Duty(n, start, end)
        for n in range(2)
        for start, end in [(now, now + timedelta(days=14)), *draw(separate(now, 4))]
    ]
    busy = Taken(taken for chair in chairs for taken in chair)
    known = book(
        zone=draw(st.sampled_from(ZONES)),
        now=now,
        hours=hours,
        closures=closed,
        chairs=chairs,
        patient=draw(separate(now, 4)),
        days=40,
        most=most,
        duties=shifts,
        nursed=busy,
    )
    least = draw(st.integers(0, 3))
    target = least + draw(st.integers(0, 4))
    latest = draw(st.none() | st.integers(target, target + 6))
    spacing = Spacing(least, target, latest)
    wishes = Wishes(
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), max_size=3))),
        starts_from=draw(st.none() | st.sampled_from([time(8, 30), time(10), time(13)])),
        starts_until=draw(st.none() | st.sampled_from([time(13), time(15, 45)])),
        chair=draw(st.none() | st.integers(0, len(chairs) - 1)),
        leaves_chair_open=draw(st.booleans()),
        first_day=draw(st.none() | st.just(known.today + timedelta(days=4))),
        spacing=draw(st.none() | st.integers(0, 9)),
    )
    days = draw(st.lists(st.integers(-5, 20).map(lambda n: known.today + timedelta(days=n)), max_size=2))
    return known, Naive(known, chairs, shifts, spacing, days), spacing, wishes, days


@settings(max_examples=60)
@given(worlds(), st.booleans())
def test_what_is_proposed_fits_and_nothing_better_was_passed_over(world, goes_on):
    known, naive, spacing, wishes, days = world
    previous = max(days, default=None) if goes_on else None
    proposals = propose(known, number=5, spacing=spacing, wishes=wishes, previous=previous, days=days)
    assert [proposal.number for proposal in proposals] == [1, 2, 3, 4, 5]
    for proposal in proposals:
        inside = _inside(known, naive, wishes, proposal.window)
        fitting = [(s, c) for s in inside for c in range(len(naive.taken)) if naive.fits(s, c)]
        liked = [(s, c) for s, c in fitting if is_wished(known, wishes, s)]
        if proposal.starts_at is None:
            assert (proposal.yielded, fitting) == (Yielded.ALL, [])
            continue
        start = proposal.starts_at
        chairs = [c for c in range(len(naive.taken)) if naive.fits(start, c)]
        assert chairs if wishes.leaves_chair_open else proposal.chair in chairs
        assert (proposal.chair is None) == wishes.leaves_chair_open
        _check_what_gave_way(known, wishes, proposal, fitting, liked)
        naive.add(start)


def _inside(known, naive, wishes, window):
    """Every quarter of an hour of the window that is not before the wished first day."""
    first = max(window.earliest, wishes.first_day or window.earliest, known.today)
    days = [first + timedelta(days=n) for n in range((window.reach - first).days + 1)]
    offered = [start for day in days for start in naive.starts_on(day)]
    if known.times.hours:
        return offered
    return [
        s for s in offered if time(7) <= known.local(s).time() and known.local(s + LENGTH).time() <= time(19)
    ]


def _check_what_gave_way(known, wishes, proposal, fitting, liked):
    day = known.local(proposal.starts_at).date()
    prefers = wishes.chair is not None and not wishes.leaves_chair_open
    if proposal.yielded is Yielded.NOTHING:
        assert is_wished(known, wishes, proposal.starts_at)
        assert not prefers or proposal.chair == wishes.chair
    else:
        assert not [c for _start, c in liked if not prefers or c == wishes.chair]
    if proposal.yielded in {Yielded.TIME, Yielded.DAY, Yielded.WINDOW}:
        assert liked == []
    if proposal.yielded is Yielded.DAY:
        assert not wishes.likes(day)
    if proposal.yielded is Yielded.WINDOW:
        assert fitting == []
        assert day > proposal.window.reach
    else:
        assert proposal.window.earliest <= day <= proposal.window.reach
    latest = proposal.window.latest
    assert proposal.is_late == (latest is not None and day > latest)


# --- Single cases, each as a clinic would tell it.


def test_twice_a_week_on_the_wished_days_in_the_wished_chair():
    known = book()
    wishes = Wishes(weekdays=frozenset({1, 4}), starts_from=time(9), starts_until=time(11), chair=1)
    series = propose(known, number=4, spacing=Spacing(2, 3, 7), wishes=wishes)
    assert [local(known, proposal) for proposal in series] == [
        "2026-03-03 09:00",
        "2026-03-06 09:00",
        # The clocks have gone forward in between.
        "2026-03-10 09:00",
        "2026-03-13 09:00",
    ]
    assert {(proposal.chair, proposal.yielded) for proposal in series} == {(1, Yielded.NOTHING)}


@pytest.mark.parametrize(
    ("world", "wishes", "found", "yielded"),
    [
        ({}, {}, "2026-03-05 08:00", Yielded.NOTHING),
        ({}, {"starts_from": time(9, 40)}, "2026-03-05 09:45", Yielded.NOTHING),
        # As soon as another visit is over, not at the next quarter.
        ({"chairs": [[span("2026-03-05 08:00", 115)]]}, {}, "2026-03-05 09:55", Yielded.NOTHING),
        (
            {"chairs": [[span("2026-03-05 08:00", 600)], []]},
            {"chair": 0},
            "2026-03-04 08:00",
            Yielded.NOTHING,
        ),
        (
            {"chairs": [[span("2026-03-05 08:00", 600)], []]},
            {"chair": 0, "weekdays": frozenset({3})},
            "2026-03-05 08:00",
            Yielded.CHAIR,
        ),
        (
            {"chairs": [[span("2026-03-05 09:00", 200)]]},
            {"weekdays": frozenset({3}), "starts_from": time(9), "starts_until": time(10)},
            "2026-03-05 12:20",
            Yielded.TIME,
        ),
        ({}, {"weekdays": frozenset({5, 6})}, "2026-03-05 08:00", Yielded.DAY),
        (
            {"closures": [(*span("2026-03-04 00:00", 6 * 1440), "Move")]},
            {},
            "2026-03-10 08:00",
            Yielded.WINDOW,
        ),
    ],
)
def test_what_gives_way_and_in_which_order(world, wishes, found, yielded):
    known = book(**world)
    proposal = one(known, previous=date(2026, 3, 2), **wishes)
    # On the tenth the clocks have gone forward.
    assert local(known, proposal) == found
    assert (proposal.yielded, proposal.is_late) == (yielded, yielded is Yielded.WINDOW)
    assert (note_of(proposal) is None) == (yielded is Yielded.NOTHING)


def test_the_first_time_after_the_window_is_late_only_where_a_longest_gap_is_set():
    known = book(closures=[(*span("2026-03-04 00:00", 12 * 1440), "Move")])
    strict = one(known, previous=date(2026, 3, 2))
    relaxed = one(known, previous=date(2026, 3, 2), spacing=Spacing(2, 3))
    assert (strict.starts_at, relaxed.starts_at) == (at("2026-03-16 08:00", -4),) * 2
    assert (strict.is_late, relaxed.is_late) == (True, False)
    assert "Nothing is free until Mon 9 Mar, the latest day." in str(note_of(strict))
    assert "Later than aimed at: nothing is free until Thu 12 Mar." in str(note_of(relaxed))


def test_where_nothing_is_free_it_says_so_once_for_each():
    known = book(chairs=[[span("2026-03-02 00:00", 200 * 1440)]])
    series = propose(known, number=3, spacing=Spacing(2, 3), wishes=Wishes())
    assert [(proposal.number, proposal.yielded) for proposal in series] == [
        (1, Yielded.ALL),
        (2, Yielded.ALL),
        (3, Yielded.ALL),
    ]
    assert "Nothing is free from Mon 2 Mar on." in str(note_of(series[0]))
    assert {declined.cause for declined in series[0].declined} == {Cause.NO_CHAIR, Cause.OUTSIDE_HOURS}


def test_why_the_wished_times_were_not_offered():
    known = book(
        closures=[(*span("2026-03-06 00:00", 1440), "Founders' day")],
        chairs=[
            [span("2026-03-05 08:00", 240), span("2026-03-09 07:00", 780)],
            [span("2026-03-05 08:00", 240)],
        ],
        patient=[span("2026-03-05 15:00", 60)],
    )
    proposal = one(known, previous=date(2026, 3, 2), chair=0, starts_from=time(9), starts_until=time(14))
    assert local(known, proposal) == "2026-03-05 12:00"
    spacing = Spacing(2, 3, 7)
    told = [
        (f"{declined.day:%a %d}", times_of(declined, known), str(reason_of(declined, spacing)))
        for declined in proposal.declined
    ]
    assert told == [
        ("Tue 03", "", "too near to another infusion: at least 2 days between them"),
        ("Thu 05", "09:00–11:45", "every chair is taken"),
        ("Thu 05", "13:00–14:00", "the patient has another booking"),
        ("Fri 06", "", "closed: Founders' day"),
        ("Sat 07", "", "outside the opening hours"),
        ("Sun 08", "", "outside the opening hours"),
        ("Mon 09", "09:00–14:00", "Chair 1 is taken"),
        ("Tue 10", "", "after the latest day of the window"),
    ]


def test_nurses_are_counted_through_the_whole_visit():
    known = book(
        most=1,
        duties=[Duty(1, *span("2026-03-05 08:00", 300))],
        nursed=Taken([span("2026-03-05 08:00", 45)]),
    )
    proposal = one(known, previous=date(2026, 3, 2), weekdays=frozenset({3}))
    assert local(known, proposal) == "2026-03-05 08:45"
    assert (proposal.declined[0].cause, times_of(proposal.declined[0], known)) == (
        Cause.NURSES,
        "08:00–08:30",
    )


def test_the_hour_that_comes_twice_is_not_offered():
    sunday = ((6, time(0, 30), time(4)),)
    known = book(now=datetime(2026, 10, 28, 12, tzinfo=UTC), hours=sunday)
    offered = [f"{known.local(start):%H:%M}" for start in known.starts(date(2026, 11, 1))]
    # At four the site closes; 01:00 to 02:00 comes twice, so that a visit of 130 minutes ends earlier on the wall.
    assert offered == ["00:30", "00:45"]
    assert known.starts(date(2026, 11, 8))[-1] - known.starts(date(2026, 11, 8))[0] == timedelta(minutes=75)


def test_a_closure_takes_its_part_of_a_day_and_not_the_day():
    drill = [(at("2026-03-03 12:00"), at("2026-03-03 13:00"), "Fire drill")]
    for hours in ((), tuple((weekday, time(7), time(19)) for weekday in range(5))):
        known = book(hours=hours, closures=drill)
        offered = [f"{known.local(start):%H:%M}" for start in known.starts(date(2026, 3, 3))]
        assert (offered[0], offered[-1]) == ("07:00", "16:45")
        assert {"09:45", "13:00"} <= set(offered)
        assert not [wall for wall in offered if "09:50" < wall < "13:00"]
        assert local(known, one(known, weekdays=frozenset({1}))) == "2026-03-03 07:00"
