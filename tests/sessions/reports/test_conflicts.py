"""The worklist of conflicts against a naive second implementation, its filters, and the ways out it proposes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from clinic.facilities.models import Closure, OpeningHours, Shift, StaffLeave
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving
from sessions.operations.booking import change_chair, move_booking
from sessions.reports.conflicts import ConflictFilter, by_kind, conflicts, count_of_chair, with_patients
from sessions.reports.ways_out import ways_out
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, session_at
from tests.sessions.waiting_scene import (
    FRIDAY_MORNING,
    LENGTH,
    away,
    booked,
    closed,
    on_shift,
    open_from,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def clinic(db):
    return make_clinic(now=NOON - timedelta(days=9))


@pytest.fixture
def busy(clinic):
    """A Tuesday noon with visits in every stage, and a Friday with three chairs full."""
    other = staff("nurse", clinic.site)
    here = [Status.INFUSING, Status.RECOVERING, Status.ARRIVED]
    present = [
        session_at(status, clinic=clinic, now=NOON, chair=chair)
        for status, chair in zip(here, clinic.chairs, strict=True)
    ]
    for session in present:
        booked(clinic, session.scheduled_end + 10 * MINUTE, chair=session.chair)
    for number, chair in enumerate(clinic.chairs):
        booked(clinic, FRIDAY_MORNING + number * HOUR, chair=chair, now=NOON - number * HOUR)
    for nurse in (clinic.nurse, other):
        on_shift(nurse, clinic.site, NOON - 4 * HOUR, NOON + 5 * HOUR)
        on_shift(nurse, clinic.site, FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 7 * HOUR)
    return clinic


def naive(site, now):
    """Every (kind, booking) once more, minute by minute and booking by booking."""
    found = set()
    live = Booking.objects.filter(site=site, is_live=True, ends_at__gt=now)
    for booking in live.select_related("session__course__protocol_version", "chair"):
        if not booking.chair.is_in_service and booking.session.chair_id == booking.chair_id:
            found.add(("conflict.chair_out", booking.pk))
        found |= {(kind, booking.pk) for kind in shut(site, booking, now)}
    found |= {("booking.nurse_capacity", pk) for pk in too_many(site, list(live), now)}
    present = InfusionSession.objects.filter(
        site=site, status__in=["arrived", "ready", "infusing", "paused", "recovering"]
    )
    for session in present:
        until = over(session, now)
        for booking in live.filter(chair=session.chair, session__status="scheduled"):
            if booking.starts_at < until:
                kind = "conflict.overrun" if session.infusion_started_at else "conflict.late"
                found.add((kind, booking.pk))
        if session.nurse and not on_duty(site, session.nurse, now):
            found.add(("conflict.nurse_away", session.booking_id))
    return found


def shut(site, booking, now):
    # A closure that is over is in nobody's way any more.
    since = max(booking.starts_at, now)
    if Closure.objects.filter(site=site, starts_at__lt=booking.ends_at, ends_at__gt=since):
        return ["booking.site_closed"]
    local, until = (at.astimezone(site.zone) for at in (booking.starts_at, booking.ends_at))
    hours = OpeningHours.objects.filter(site=site)
    inside = hours.filter(
        weekday=local.weekday(), opens_at__lte=local.time(), closes_at__gte=until.time()
    ).exists()
    return [] if inside or not hours.exists() else ["booking.outside_hours"]


def too_many(site, live, now):
    """The last booked of those that share a minute with too few nurses."""
    most, found = site.rules.patients_per_nurse, set()
    minutes = {now, *(at for b in live for at in (b.starts_at, b.ends_at))}
    minutes |= {at for row in Shift.objects.all() for at in (row.starts_at, row.ends_at)}
    minutes |= {at for row in StaffLeave.objects.all() for at in (row.starts_at, row.ends_at)}
    for minute in minutes:
        there = [b for b in live if b.starts_at <= minute < b.ends_at and minute >= now]
        there.sort(key=lambda b: (b.session.status == "scheduled", b.booked_at, b.pk))
        users = {shift.user for shift in Shift.objects.filter(site=site)}
        nurses = sum(on_duty(site, user, minute) for user in users)
        found |= {b.pk for b in there[nurses * most :]} if most else set()
    return found


def on_duty(site, user, at):
    shift = Shift.objects.filter(site=site, user=user, starts_at__lte=at, ends_at__gt=at)
    leave = StaffLeave.objects.filter(user=user, starts_at__lte=at, ends_at__gt=at)
    return shift.exists() and not leave.exists()


def over(session, now):
    recovery, infusion = 60 * MINUTE, 40 * MINUTE
    if session.infusion_ended_at:
        return max(now, session.infusion_ended_at + recovery)
    if session.infusion_started_at:
        return now + max(infusion - session.infused(now), timedelta()) + recovery
    return max(now, session.arrived_at + 30 * MINUTE) + infusion + recovery


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(
    after=st.integers(0, 240),
    most=st.integers(0, 2),
    out=st.booleans(),
    hours=st.none() | st.tuples(st.integers(7, 11), st.integers(13, 19)),
    absent=st.none() | st.tuples(st.integers(0, 72), st.integers(1, 6)),
    shut_at=st.none() | st.tuples(st.integers(0, 72), st.integers(1, 3)),
)
def test_it_is_what_looking_at_each_booking_finds(busy, after, most, out, hours, absent, shut_at):
    clinic, now = busy, NOON + after * MINUTE
    OpeningHours.objects.all().delete()
    Closure.objects.all().delete()
    StaffLeave.objects.all().delete()
    set_rules(clinic.site, patients_per_nurse=most)
    clinic.chairs[1].is_in_service = not out
    clinic.chairs[1].save()
    if hours:
        open_from(clinic.site, time(hours[0]), time(hours[1]))
    if absent:
        away(clinic.nurse, NOON + absent[0] * HOUR, NOON + sum(absent) * HOUR)
    if shut_at:
        closed(clinic.site, NOON + shut_at[0] * HOUR, NOON + sum(shut_at) * HOUR)
    found = conflicts(clinic.site, actor=clinic.desk, now=now)
    told = [(clash.kind, clash.booking.pk) for clash in found]
    # What is over its time and has no conflict with another is not looked at booking by booking.
    past = set(Booking.objects.filter(ends_at__lte=now).values_list("pk", flat=True))
    expected = {
        pair for pair in naive(clinic.site, now) if pair[0] == "conflict.nurse_away" or pair[1] not in past
    }
    assert {pair for pair in told if pair[0] == "conflict.nurse_away" or pair[1] not in past} == expected
    assert len(told) == len(set(told))
    assert [clash.starts_at for clash in found] == sorted(clash.starts_at for clash in found)


# Filters


def test_filters_by_days_kind_and_chair(clinic):
    today, friday = booked(clinic, NOON + HOUR), booked(clinic, FRIDAY_MORNING)
    late = booked(clinic, NOON + timedelta(days=30), chair=clinic.chairs[1])
    for chair in clinic.chairs[:2]:
        chair.is_in_service = False
        chair.save()
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + HOUR)

    def listed(**query):
        asked = ConflictFilter.of_query(query)
        return [c.session for c in conflicts(clinic.site, actor=clinic.desk, now=NOON, asked=asked)]

    assert listed() == [today, friday, friday]
    assert listed(ahead="today") == [today]
    assert listed(ahead="year") == [today, friday, friday, late]
    assert listed(kind="booking.site_closed") == [friday]
    chair = str(clinic.chairs[1].public_id)
    assert listed(chair=chair, ahead="year") == [late]
    assert [count_of_chair(each, now=NOON) for each in clinic.chairs] == [2, 1, 0]
    found = conflicts(clinic.site, actor=clinic.desk, now=NOON)
    assert [(kind, n) for kind, _label, n in by_kind(found)] == [
        ("conflict.chair_out", 2),
        ("booking.site_closed", 1),
    ]


@pytest.mark.parametrize("query", [{"ahead": "week"}, {"kind": "conflict"}, {"chair": "1"}])
def test_what_means_nothing_is_refused(query):
    with pytest.raises(Invalid) as refusal:
        ConflictFilter.of_query(query)
    assert (list(refusal.value.fields), refusal.value.code) == (list(query), "filter.choice")


def test_other_sites_and_readers_without_the_right_see_nothing(clinic):
    far = make_clinic("far")
    booked(clinic, FRIDAY_MORNING)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + HOUR)
    assert conflicts(far.site, actor=far.desk, now=NOON) == []
    for reader in (far.desk, staff("administrator", clinic.site)):
        assert conflicts(clinic.site, actor=reader, now=NOON) == []


# Ways out


def ways(clinic, now=NOON):
    found = with_patients(conflicts(clinic.site, actor=clinic.desk, now=now))
    return found, ways_out(found, site=clinic.site, now=now)


def local(at, clinic):
    return at.astimezone(clinic.site.zone)


def test_other_chairs_for_the_same_time_and_the_nearest_times(clinic):
    session = booked(clinic, FRIDAY_MORNING)
    booked(clinic, FRIDAY_MORNING + HOUR, chair=clinic.chairs[1])
    clinic.chair.is_in_service = False
    clinic.chair.save()
    _found, (way,) = ways(clinic)
    assert [chair.name for chair in way.chairs] == ["Chair 3"]
    assert [local(each.starts_at, clinic).strftime("%a %H:%M") for each in way.times] == [
        "Fri 09:00",
        "Thu 09:30",
        "Sat 09:30",
    ]
    assert session.state is Status.SCHEDULED


def test_proposals_keep_to_hours_nurses_spacing_and_the_patient(clinic):
    """Thursday is closed, Saturday too near to the next infusion, Sunday without nurses, Monday the patient is busy."""
    course = make_course(clinic)
    session = booked(clinic, FRIDAY_MORNING, course=course)
    day = timedelta(days=1)
    booked(clinic, FRIDAY_MORNING + 5 * day, course=course)
    other = make_course(clinic, patient=course.patient)
    booked(clinic, FRIDAY_MORNING - 2 * day, course=other, chair=clinic.chairs[1])
    open_from(clinic.site, time(9), time(12))
    closed(clinic.site, FRIDAY_MORNING - day, FRIDAY_MORNING + HOUR)
    set_rules(clinic.site, patients_per_nurse=1)
    on_shift(clinic.nurse, clinic.site, FRIDAY_MORNING - 3 * day, FRIDAY_MORNING + 2 * day - HOUR)
    found, results = ways(clinic)
    way = results[[clash.session for clash in found].index(session)]
    assert [local(each.starts_at, clinic).date() for each in way.times] == [date(2026, 3, 14)]
    for proposal in way.times:
        moved = move_booking(
            session=session,
            chair=proposal.chair,
            starts_at=proposal.starts_at,
            by=clinic.desk,
            expected_revision=1,
            now=NOON,
        )
        assert moved.booking.overrides == []


def test_a_patient_who_is_here_can_only_be_seated_elsewhere(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    booked(clinic, NOON + 10 * MINUTE)
    booked(clinic, NOON + 30 * MINUTE, chair=clinic.chairs[1])
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    _found, (way,) = ways(clinic)
    assert ([chair.name for chair in way.chairs], way.times) == (["Chair 3"], ())
    change_chair(session=missed, chair=way.chairs[0], by=clinic.nurse, now=NOON)
    assert ways(clinic) == ([], [])


def test_a_chair_in_which_somebody_still_sits_is_not_proposed(clinic):
    late = booked_session(clinic, starts_at=NOON - HOUR)
    booked(clinic, NOON + 70 * MINUTE)
    session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    arriving.arrive(session=late, by=clinic.desk, now=NOON)
    _found, (way,) = ways(clinic)
    assert [chair.name for chair in way.chairs] == ["Chair 3"]
    assert way.times[0].starts_at >= datetime(2026, 3, 10, tzinfo=UTC)


def test_many_conflicts_ask_as_often_as_one(clinic, django_assert_max_num_queries):
    set_rules(clinic.site, patients_per_nurse=3)
    on_shift(clinic.nurse, clinic.site, NOON, NOON + timedelta(days=9))
    for number in range(3):
        for chair in clinic.chairs:
            booked(clinic, FRIDAY_MORNING + number * LENGTH, chair=chair)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + 9 * HOUR)
    with django_assert_max_num_queries(25):
        found, results = ways(clinic)
    assert len(found) == len(results) == 9
    assert all(len(way.times) == 3 for way in results)
