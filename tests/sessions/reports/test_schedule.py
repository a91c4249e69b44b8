"""Days and weeks against a second implementation that looks at every minute, and who learns which name."""

from datetime import date, time, timedelta

import pytest

from clinic.common import clock
from clinic.common.errors import Refused
from clinic.facilities.rules.opening import OpenTimes
from sessions.models import Booking, InfusionSession
from sessions.operations.assigning import assign_nurse
from sessions.operations.booking import book
from sessions.reports.axis import axis_of
from sessions.reports.schedule import CHAIR, NURSE, day_schedule, day_schedules, week_schedule
from sessions.reports.visits import read_visits
from sessions.states import ENDED, OFF
from tests.scenes import make_site, staff
from tests.sessions.busy_day import MINUTE, TODAY, ZONE, busy_day, local
from tests.sessions.scenes import NOON, make_course


@pytest.fixture
def busy(db):
    return busy_day()


@pytest.fixture
def clinic(busy):
    return busy.clinic


def naive_visits(site, start, end):
    """(booking, chair, start, end) of what is on the schedule, row by row."""
    found = []
    for booking in Booking.objects.filter(site=site):
        session = InfusionSession.objects.filter(booking=booking).first()
        until = booking.ends_at
        if session is None and not booking.is_live:
            continue
        if session is not None and session.status in OFF:
            continue
        if session is not None and session.status in ENDED and session.closed_at < until:
            until = session.closed_at
        chair = session.chair_id if session else booking.chair_id
        if booking.starts_at < end and until > start:
            found.append((booking.public_id, chair, booking.starts_at, until))
    return found


def test_a_day_shows_each_visit_in_its_chair_from_when_to_when(clinic):
    start, end = clock.day_range(TODAY, ZONE)
    day = day_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    expected = naive_visits(clinic.site, start, end)
    assert len(expected) == 10
    shown = [
        (block.visit.id, row.lead.label, block.visit.starts_at, block.visit.ends_at)
        for row in day.rows
        for block in row.blocks
    ]
    names = {chair.pk: chair.name for chair in clinic.chairs}
    assert sorted(shown, key=str) == sorted(((b, names[c], s, u) for b, c, s, u in expected), key=str)
    for row in day.rows:
        for block in row.blocks:
            visit = block.visit
            begins = max(visit.starts_at, day.axis.opens)
            assert day.axis.opens + block.span.begins * MINUTE == begins
            assert begins + block.span.minutes * MINUTE == min(visit.ends_at, day.axis.closes)
            assert sum(part.minutes for part in visit.parts) in {0, visit.minutes}


def test_visits_that_overlap_lie_in_lanes_and_no_more_than_need_be(clinic):
    for by in (CHAIR, NURSE):
        for row in day_schedule(clinic.site, day=TODAY, by=by, actor=clinic.desk, now=NOON).rows:
            crowd, minute = 0, 0
            while minute < 24 * 60:
                here = [b for b in row.blocks if b.span.begins <= minute < b.span.begins + b.span.minutes]
                assert len({block.lane for block in here}) == len(here)
                crowd, minute = max(crowd, len(here)), minute + 1
            assert row.lanes == max(crowd, 1)


def test_what_is_shaded_is_closed_minute_by_minute(clinic):
    day = day_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    assert day.open == (("09:00", "13:00"), ("14:00", "16:45"), ("17:10", "18:00"))
    assert [shade.words for shade in day.shades if shade.kind == "closure"] == ["16:45–17:10, Training"]
    for minute in range(day.axis.length * 60):
        at = day.axis.opens + minute * MINUTE
        wall = at.astimezone(clinic.site.zone).time()
        is_open = time(9) <= wall < time(13) or time(14) <= wall < time(18)
        is_open = is_open and not time(16, 45) <= wall < time(17, 10)
        shaded = [s for s in day.shades if s.span.begins <= minute < s.span.begins + s.span.minutes]
        assert bool(shaded) == (not is_open), at


def naive_on_duty(clinic, at):
    wall = at.astimezone(clinic.site.zone).time()
    pause = time(12, 15) <= wall < time(12, 35)
    first = time(8) <= wall < time(15) and not pause
    second = time(10, 30) <= wall < time(17, 20) and not pause
    return first + second


def test_staffing_tells_the_worst_minute_of_each_hour(clinic):
    start, end = clock.day_range(TODAY, ZONE)
    nursed = [
        (begins, until)
        for key, _chair, begins, until in naive_visits(clinic.site, start, end)
        if Booking.objects.get(public_id=key).kind in Booking.NURSED
    ]
    day = day_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    assert len(day.staffing) == day.axis.length
    for hour in day.staffing:
        minutes = [day.axis.opens + (hour.span.begins + n) * MINUTE for n in range(60)]
        on = [naive_on_duty(clinic, at) for at in minutes]
        patients = [sum(begins <= at < until for begins, until in nursed) for at in minutes]
        assert (hour.nurses, hour.patients) == (min(on), max(patients))
        assert hour.is_short == any(p > n * 2 for n, p in zip(on, patients, strict=True))
    assert any(hour.is_short for hour in day.staffing)
    assert not all(hour.is_short for hour in day.staffing)


def test_a_nurses_row_holds_their_patients_and_what_is_off_duty(busy, clinic):
    day = day_schedule(clinic.site, day=TODAY, by=NURSE, actor=clinic.desk, now=NOON)
    rows = {row.lead.key: row for row in day.rows}
    second = rows[str(busy.second.user.public_id)]
    assert [block.visit.session_id for block in second.blocks] == [busy.planned.public_id]
    assert day.rows[0].lead.key == "" and day.rows[0].blocks, "first those without a nurse"
    assert str(busy.receptionist.user.public_id) not in rows, "the front desk looks after nobody"
    kinds = {block.visit.kind for row in day.rows for block in row.blocks}
    assert kinds == {"infusion"}
    for minute in range(day.axis.length * 60):
        wall = (day.axis.opens + minute * MINUTE).astimezone(clinic.site.zone).time()
        off = any(s.span.begins <= minute < s.span.begins + s.span.minutes for s in second.shades)
        on = time(10, 30) <= wall < time(17, 20) and not time(12, 15) <= wall < time(12, 35)
        assert off != on


def test_a_week_is_its_days(clinic):
    week = week_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    dates = [head.day for head in week.days]
    assert (dates[0], dates[-1]) == (date(2026, 3, 9), date(2026, 3, 15))
    assert [head.is_today for head in week.days] == [day == TODAY for day in dates]
    assert [head.is_open for head in week.days] == [True] * 5 + [False] * 2
    days = [day_schedule(clinic.site, day=d, by=CHAIR, actor=clinic.desk, now=NOON) for d in dates]
    assert days == day_schedules(clinic.site, days=dates, by=CHAIR, actor=clinic.desk, now=NOON)
    for number, day in enumerate(days):
        for row, line in zip(day.rows, week.rows, strict=True):
            shown = {block.visit.id for block in row.blocks}
            assert {visit.id for visit in line.cells[number][1]} == shown
        assert week.days[number].count == len(day.visits)
    assert [len(day.visits) for day in days] == [0, 10, 2, 1, 0, 0, 0], "the armrest takes three days"


def test_marks_say_what_a_visit_was_booked_against(clinic):
    day = day_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    told = {tuple(map(str, visit.flags)): visit for visit in day.visits}
    assert {("overbooked",), ("closed", "overbooked")} <= told.keys()
    assert told["closed", "overbooked"].override_reason == "Comes from far away"
    (open_chair,) = [visit for visit in day.visits if visit.is_provisional]
    assert open_chair.is_movable
    assert [str(visit.status) for visit in day.off] == ["cancelled"]


@pytest.mark.parametrize(
    ("role", "at", "named"),
    [
        ("front_desk", "north", "Moreau, Ada"),
        ("nurse", "north", "Moreau, Ada"),
        ("manager", "north", "Moreau, Ada"),
        ("administrator", "north", "A.M."),
        ("auditor", "north", None),
        ("front_desk", "far", None),
    ],
)
def test_a_name_is_for_those_who_may_open_the_record(clinic, role, at, named):
    reader = staff(role, make_site(at))
    start, end = clock.day_range(TODAY, ZONE)
    if named is None:
        with pytest.raises(Refused) as refusal:
            read_visits(clinic.site, start=start, end=end, actor=reader)
        assert refusal.value.code == "schedule.closed"
        return
    visits = read_visits(clinic.site, start=start, end=end, actor=reader)
    (consultation,) = [visit for visit in visits if visit.kind == "consultation"]
    assert consultation.who == named
    assert bool(consultation.patient_id) == (named == "Moreau, Ada")
    assert (consultation.title, bool(consultation.override_reason)) == (
        ("First visit", True) if consultation.patient_id else ("", False)
    )
    assert [visit.who for visit in visits if visit.kind == "maintenance"] == ["New armrest"]


@pytest.mark.parametrize("by", [CHAIR, NURSE])
def test_a_day_asks_as_often_with_many_visits_as_with_few(clinic, by, django_assert_num_queries):
    with django_assert_num_queries(11):
        day_schedule(clinic.site, day=TODAY, by=by, actor=clinic.desk, now=NOON)
    clinic.site.policy = {}
    for number in range(8):
        course = make_course(clinic, now=NOON - timedelta(days=1))
        told = {"override_reason": "More of them", "by": clinic.nurse, "now": NOON}
        session = book(
            course=course, chair=clinic.chairs[number % 6], starts_at=local("2026-03-10 14:40"), **told
        )
        assign_nurse(session=session, nurse=clinic.nurse.user, by=clinic.desk, now=NOON)
    with django_assert_num_queries(11):
        day_schedule(clinic.site, day=TODAY, by=by, actor=clinic.desk, now=NOON)
    with django_assert_num_queries(11):
        week_schedule(clinic.site, day=TODAY, by=by, actor=clinic.desk, now=NOON)


@pytest.mark.parametrize(
    ("day", "labels"),
    [
        (date(2026, 3, 8), ["00:00", "01:00", "03:00", "04:00"]),
        (date(2026, 11, 1), ["00:00", "01:00", "01:00", "02:00"]),
    ],
)
def test_on_a_night_of_change_hours_read_as_the_wall_shows_them(clinic, day, labels):
    start, _end = clock.day_range(day, ZONE)
    busy = [(start + 30 * MINUTE, start + 200 * MINUTE)]
    axis = axis_of(OpenTimes(clinic.site, (), ()), day, busy=busy)
    assert [label for _span, label in axis.labels][:4] == labels
    span = axis.span(*busy[0])
    assert (span.begins, span.minutes) == (30, 170), "170 minutes are 170 minutes"


def test_a_chair_out_of_service_stays_in_sight(clinic):
    chair = clinic.chairs[5]
    chair.is_in_service = False
    chair.save()
    day = day_schedule(clinic.site, day=TODAY, by=CHAIR, actor=clinic.desk, now=NOON)
    assert [row.lead.label for row in day.rows if row.lead.is_out] == ["Chair 6"]
