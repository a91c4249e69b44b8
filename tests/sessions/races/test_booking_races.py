"""Fifty people who want two chairs, the last nurse, the last open chair: real processes on a real database."""

import re
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import combinations
from random import Random

import pytest

from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common import clock
from clinic.common.errors import Conflict
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving, booking
from sessions.operations.series import Relocation, Slot, book_series, cancel_series, move_series
from tests.patients.api.client import Api
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.races.processes import DONE, at_once, tally
from tests.sessions.scenes import NOON, make_clinic, make_course, under

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = NOON - timedelta(days=1)
PEOPLE, ATTEMPTS = 50, 20
DAYS = 4


@pytest.fixture
def clinic(transactional_db):
    return make_clinic(now=BEFORE)


def book(clinic, course, at=NOON, chair=None, **told):
    usual = {"by": clinic.desk, "now": BEFORE}
    return booking.book(course=course, chair=chair, starts_at=at, **usual | told)


def courses(clinic, count, **order):
    return [make_course(clinic, now=BEFORE, consented=False, **order) for _ in range(count)]


def no_ordinary_ones_overlap():
    live = Booking.objects.live().order_by("starts_at")
    for one, other in combinations(live, 2):
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        share = one.chair_id == other.chair_id and not (one.is_overbooked or other.is_overbooked)
        assert apart or not (share or one.patient_id == other.patient_id)


def the_audit_is_whole():
    assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []


def told_what_is_in_the_way(code, sentence):
    """A loser learns of the time that is taken, and of nobody's name."""
    assert code in {"booking.chair_taken", "booking.patient_taken"}, sentence
    assert re.search(r" (is taken|is booked) from \d\d:\d\d to \d\d:\d\d", sentence)
    assert "Silva" not in sentence


def by_operation(clinic, course, at, chair):
    try:
        book(clinic, course, at, chair, now=None)
    except Conflict as refusal:
        told_what_is_in_the_way(refusal.code, str(refusal.problem))


def by_api(clinic, course, at, chair):
    body = {"course": str(course.public_id), "chair": str(chair.public_id), "starts_at": at.isoformat()}
    answer = Api(clinic.desk).post("sessions/", body)
    assert answer.status_code in {201, 409}, answer.content
    if answer.status_code == 409:
        told_what_is_in_the_way(answer.json()["code"], answer.json()["detail"])


def test_fifty_people_want_two_chairs_twenty_times_each(clinic):
    """Somebody's time is always somebody else's, and whoever comes second is told what is in the way."""
    # The API takes its own clock's now.
    tomorrow = clock.now().replace(hour=16, minute=0, second=0, microsecond=0) + timedelta(days=1)
    daily = under(clinic, now=BEFORE, code="daily", min_gap_days=0)

    def keep_trying(way, course, seed):
        chance = Random(seed)
        for _attempt in range(ATTEMPTS):
            at = tomorrow + timedelta(days=chance.randrange(DAYS), minutes=10 * chance.randrange(24))
            way(clinic, course, at, chance.choice(clinic.chairs[:2]))

    people = enumerate(courses(daily, PEOPLE, planned_infusions=ATTEMPTS))
    acts = [
        partial(keep_trying, by_operation if seed % 5 else by_api, course, seed) for seed, course in people
    ]
    assert tally(acts) == {DONE: PEOPLE}
    no_ordinary_ones_overlap()
    held = Booking.objects.live().count()
    assert held == InfusionSession.objects.count() == AuditEvent.objects.filter(verb="session.booked").count()
    # Two chairs; a visit of 130 minutes in the midst of the four hours leaves room for no other.
    assert 2 * DAYS <= held <= 2 * 2 * DAYS
    the_audit_is_whole()


def test_the_last_nurse_looks_after_no_more_than_the_site_allows(clinic):
    """Each wants a chair of their own, so that no chair stands between them."""
    set_rules(clinic.site, patients_per_nurse=2)
    on_duty(clinic, clinic.nurse, hours(-2, 2))
    on_duty(clinic, clinic.desk, hours(-2, 8))
    starts = [NOON - timedelta(minutes=minutes) for minutes in (10, 20, 30)]
    acts = [
        partial(book, clinic, course, at, chair)
        for course, at, chair in zip(courses(clinic, 3), starts, clinic.chairs, strict=True)
    ]
    assert tally(acts) == {DONE: 2, "booking.nurse_capacity": 1}
    assert Booking.objects.live().count() == 2


def test_many_want_a_place_and_there_are_as_many_as_chairs(clinic):
    acts = [partial(book, clinic, course) for course in courses(clinic, 8)]
    assert tally(acts) == {DONE: 3, "booking.no_chair": 5}
    assert set(Booking.objects.live().values_list("chair", flat=True)) == {
        chair.pk for chair in clinic.chairs
    }


def test_provisional_ones_make_room_while_their_patients_arrive(clinic):
    """Fixed bookings want the chairs of provisional ones that are settled, called off or moved in this moment."""
    waiting = [book(clinic, course) for course in courses(clinic, 2)]
    acts = [
        partial(book, clinic, course, chair=chair, now=NOON)
        for course, chair in zip(courses(clinic, 3), clinic.chairs, strict=True)
    ]
    acts.append(partial(arriving.arrive, session=waiting[0], by=clinic.desk, now=NOON))
    acts.append(partial(arriving.cancel, session=waiting[1], by=clinic.desk, reason="Has a cold", now=NOON))
    told = {"by": clinic.desk, "now": NOON}
    acts.append(partial(booking.assign_chair, session=waiting[0], chair=clinic.chairs[2], **told))
    outcomes = at_once(acts)
    assert outcomes[3] == outcomes[4] == DONE
    assert set(outcomes) <= {DONE, "booking.chair_taken", "session.status"}
    # Where one provisional booking and the free chair give way, two fixed ones find a place, whoever comes first.
    assert Counter(outcomes[:3])[DONE] in {1, 2}
    no_ordinary_ones_overlap()
    settled = InfusionSession.objects.select_related("booking").get(pk=waiting[0].pk)
    assert (settled.booking.is_live, settled.booking.is_chair_provisional) == (True, False)
    assert settled.booking.chair_id == settled.chair_id
    the_audit_is_whole()


@pytest.mark.parametrize("turn", range(3))
def test_series_are_moved_booked_and_called_off_over_each_other(clinic, turn):
    """Forwards, backwards and by exchange, while patients arrive: nobody waits for anybody in a circle."""
    people = courses(clinic, 4)
    days = [NOON + timedelta(days=3 * number) for number in range(4)]
    told = {"by": clinic.desk, "now": BEFORE}
    booked = [book_series(course=course, slots=[Slot(day) for day in days], **told) for course in people[:3]]

    def shifted(course, sessions, by, order):
        pairs = list(zip(sessions, days, strict=True))[::order]
        moves = [Relocation(one, one.revision, Slot(day + by, clinic.chairs[turn])) for one, day in pairs]
        return partial(move_series, course=course, moves=moves, **told)

    acts = [
        shifted(people[0], booked[0], timedelta(days=1), 1),
        shifted(people[0], booked[0], timedelta(days=-1, hours=26), -1),
        shifted(people[1], booked[1], timedelta(minutes=30), -1),
        partial(cancel_series, session=booked[0][1], reason="Moved away", **told),
        partial(cancel_series, session=booked[2][0], reason="New job", **told),
        partial(book_series, course=people[3], slots=[Slot(day, clinic.chair) for day in days], **told),
        partial(arriving.arrive, session=booked[1][0], by=clinic.desk, now=NOON),
        partial(arriving.arrive, session=booked[2][0], by=clinic.desk, now=NOON),
    ]
    expected = {DONE, "booking.chair_taken", "booking.no_chair", "revision.stale", "session.status"}
    assert set(at_once(acts)) <= expected
    no_ordinary_ones_overlap()
    for course in people:
        live = Booking.objects.live().filter(course=course)
        scheduled = InfusionSession.objects.filter(course=course, status__in=["scheduled", "arrived"])
        assert live.count() == scheduled.count()
    the_audit_is_whole()
