"""The calendar as another program reads it: parsed back, on both nights of the year, and to whom it opens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.test import Client

from clinic.accounts.models import Membership
from clinic.accounts.operations.staff import deactivate_user
from clinic.facilities.models import Shift
from clinic.facilities.operations.sites import edit_site
from sessions.models import Booking, CalendarFeed
from sessions.operations.arriving import arrive, cancel
from sessions.operations.blocks import block_chair, release_block
from sessions.operations.booking import book, move_booking
from sessions.operations.calendar_feeds import make_feed, replace_feed, revoke_feed
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db

TOMORROW = NOON + timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def clinic(db):
    with time_machine.travel(NOON, tick=False):
        yield make_clinic(now=NOON)


def address_of(actor, *, only_mine=False):
    _feed, secret = make_feed(only_mine=only_mine, by=actor, now=NOON)
    return f"/calendar/{secret}.ics"


def ask(address, **headers):
    return Client().get(address, headers=headers)


def entries(address):
    answer = ask(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def only_entry(address):
    [entry] = entries(address)
    return entry


def fresh(session):
    return type(session).objects.select_related("site", "patient", "course", "booking").get(pk=session.pk)


def test_a_visit_says_when_and_where_and_nothing_else(clinic):
    session = booked_session(clinic, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    entry = only_entry(address)
    assert entry["UID"] == f"{session.booking.public_id}@clinic-sessions"
    assert (entry.decoded("DTSTART"), entry.decoded("DTEND")) == (
        session.scheduled_start,
        session.scheduled_end,
    )
    assert (entry["SUMMARY"], entry["LOCATION"], entry["STATUS"]) == (
        "Visit",
        "North clinic, Chair 1",
        "CONFIRMED",
    )
    assert entry["URL"].endswith(f"/sessions/{session.public_id}/")
    body = ask(address).content.decode()
    for told in ("Silva", "Ketamine", "Infusion", "Depression"):
        assert told.lower() not in body.lower()


def test_names_stand_in_it_only_where_the_site_allows_them(clinic):
    session = booked_session(clinic, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    before = ask(address)
    edit_site(
        site=clinic.site,
        changes={"policy": {"calendar_shows_names": True}},
        by=staff("administrator", clinic.site),
        expected_revision=1,
        now=NOON,
    )
    assert only_entry(address)["SUMMARY"] == session.patient.short_name
    assert ask(address)["ETag"] != before["ETag"]


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        # The night on which New York's clocks go forward, before and after the missing hour.
        ("2026-03-08 01:30", "2026-03-08T06:30Z"),
        ("2026-03-08 03:30", "2026-03-08T07:30Z"),
        # The night on which they go back: the hour that comes twice, and the one after.
        ("2026-11-01 01:30", "2026-11-01T05:30Z"),
        ("2026-11-01 01:30", "2026-11-01T06:30Z"),
        ("2026-11-01 02:30", "2026-11-01T07:30Z"),
    ],
)
def test_both_nights_of_the_year_are_read_back_to_the_minute(wall, instant):
    instant = datetime.fromisoformat(instant)
    day_before = instant - timedelta(days=1)
    with time_machine.travel(day_before, tick=False):
        clinic = make_clinic(now=day_before)
        session = booked_session(clinic, starts_at=instant)
        entry = only_entry(address_of(clinic.nurse))
    start, end = entry.decoded("DTSTART"), entry.decoded("DTEND")
    assert f"{start.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == wall
    assert start == instant
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(minutes=session.course.chair_minutes)


def test_every_change_counts_and_an_entry_keeps_its_name(clinic):
    session = booked_session(clinic, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    seen = [only_entry(address)]
    for hours in (2, 0):
        session = fresh(session)
        with time_machine.travel(NOON + timedelta(minutes=5 + hours), tick=False):
            move_booking(
                session=session,
                chair=clinic.chair,
                starts_at=TOMORROW + timedelta(hours=hours),
                by=clinic.desk,
                expected_revision=session.revision,
            )
        seen.append(only_entry(address))
    cancel(session=fresh(session), by=clinic.desk, reason="Cold", now=NOON + timedelta(hours=1))
    seen.append(only_entry(address))
    assert len({entry["UID"] for entry in seen}) == 1
    sequences = [entry["SEQUENCE"] for entry in seen]
    assert sequences == sorted(set(sequences)) and sequences[0] == 0
    assert [entry["STATUS"] for entry in seen] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert seen[3].decoded("DTSTAMP") == NOON + timedelta(hours=1) >= seen[0].decoded("DTSTAMP")


def test_what_was_called_off_is_told_for_a_while(clinic):
    far = NOON + timedelta(days=90)
    told = {"course": make_course(clinic, now=NOON), "chair": clinic.chair, "by": clinic.desk}
    session = book(starts_at=far, now=NOON, **told)
    address = address_of(clinic.nurse)
    cancel(session=session, by=clinic.desk, reason="Cold", now=NOON)
    for days, told in ((29, 1), (31, 0)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            assert len(entries(address)) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [(Status.DISCHARGED, "CONFIRMED"), (Status.ARRIVED, "CONFIRMED"), (Status.NO_SHOW, "CANCELLED")],
)
def test_what_took_place_is_not_called_off(clinic, status, told):
    session_at(status, clinic=clinic, now=NOON)
    assert only_entry(address_of(clinic.nurse))["STATUS"] == told


def test_the_window_moves_with_time(clinic):
    booked_session(clinic, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    for days, told in ((14, 1), (16, 0)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            assert len(entries(address)) == told


def test_other_uses_of_a_chair_keep_their_title_to_themselves(clinic):
    told = {"chair": clinic.chair, "by": clinic.desk, "now": NOON, "title": "Mrs Garcia asks about ketamine"}
    hours = [TOMORROW + timedelta(hours=hour) for hour in range(3)]
    consultation = block_chair(kind="consultation", starts_at=hours[0], ends_at=hours[1], **told)
    block_chair(kind="maintenance", starts_at=hours[1], ends_at=hours[2], **told)
    address = address_of(clinic.nurse)
    assert [entry["SUMMARY"] for entry in entries(address)] == ["Visit", "Maintenance of the chair"]
    assert "Garcia" not in ask(address).content.decode()
    release_block(booking=consultation, reason="Not needed", by=clinic.desk, now=NOON)
    assert [entry["STATUS"] for entry in entries(address)] == ["CANCELLED", "CONFIRMED"]


def test_a_chair_that_is_open_is_not_named(clinic):
    booking = booked_session(clinic, starts_at=TOMORROW).booking
    Booking.objects.filter(pk=booking.pk).update(is_chair_provisional=True)
    assert only_entry(address_of(clinic.nurse))["LOCATION"] == "North clinic, chair open"


def test_mine_are_the_visits_that_i_look_after(clinic):
    session_at(Status.INFUSING, clinic=clinic, now=NOON)
    booked_session(clinic, starts_at=TOMORROW, chair=clinic.chairs[1])
    assert len(entries(address_of(clinic.nurse, only_mine=True))) == 1
    assert entries(address_of(staff("nurse", clinic.site), only_mine=True)) == []
    assert len(entries(address_of(staff("nurse", clinic.site)))) == 2


def make_shift(user, site, starts_at, **more):
    return Shift.objects.create(
        user=user, site=site, starts_at=starts_at, ends_at=starts_at + timedelta(hours=8), **more
    )


def test_ones_own_shifts_are_in_it_either_way(clinic):
    shift = make_shift(clinic.nurse.user, clinic.site, TOMORROW)
    make_shift(clinic.prescriber.user, clinic.site, TOMORROW)
    address = address_of(clinic.nurse, only_mine=True)
    entry = only_entry(address)
    assert (entry["UID"], entry["SUMMARY"], entry["SEQUENCE"]) == (
        f"shift-{shift.public_id}@clinic-sessions",
        "Shift",
        0,
    )
    shift.is_withdrawn, shift.revision = True, 2
    shift.save()
    entry = only_entry(address)
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 1)


def test_it_reaches_as_far_as_its_owner_does_now(clinic):
    south = make_clinic("south", now=NOON)
    for place in (clinic, south):
        booked_session(place, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    assert len(entries(address)) == 1
    role = Membership.objects.get(user=clinic.nurse.user).role
    there = Membership.objects.create(user=clinic.nurse.user, site=south.site, role=role)
    tag = ask(address)["ETag"]
    assert len(entries(address)) == 2
    there.delete()
    assert len(entries(address)) == 1 and ask(address)["ETag"] != tag
    Membership.objects.filter(user=clinic.nurse.user).delete()
    assert entries(address) == []


def test_unchanged_it_is_the_same_to_the_byte_and_need_not_be_sent(clinic):
    session = booked_session(clinic, starts_at=TOMORROW)
    address = address_of(clinic.nurse)
    first, again = ask(address), ask(address)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"
    same = ask(address, **{"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    arrive(session=session, by=clinic.desk, now=TOMORROW)
    assert ask(address, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_what_is_asked_of_the_database_does_not_grow(clinic, django_assert_max_num_queries):
    for number in range(3):
        booked_session(clinic, starts_at=TOMORROW, chair=clinic.chairs[number])
    address = address_of(clinic.nurse)
    tag = ask(address)["ETag"]
    with django_assert_max_num_queries(4):
        ask(address, **{"If-None-Match": tag})
    with django_assert_max_num_queries(6):
        assert len(entries(address)) == 3


def test_nothing_tells_a_revoked_one_from_one_that_never_was(clinic, caplog):
    address = address_of(clinic.nurse)
    assert ask(address).status_code == 200
    revoke_feed(feed=CalendarFeed.objects.get(), by=clinic.nurse, now=NOON)
    gone, never = ask(address), ask("/calendar/abc.ics")
    ids = {answer["X-Request-Id"] for answer in (gone, never)}
    bodies = [answer.content.decode() for answer in (gone, never)]
    for request_id in ids:
        bodies = [body.replace(request_id, "") for body in bodies]
    assert gone.status_code == never.status_code == 404
    assert bodies[0].replace(address, "") == bodies[1].replace("/calendar/abc.ics", "")
    assert Client().post(address).status_code == 405


def test_replaced_the_old_address_is_gone(clinic):
    old = address_of(clinic.nurse)
    _feed, secret = replace_feed(only_mine=True, by=clinic.nurse, now=NOON)
    assert (ask(old).status_code, ask(f"/calendar/{secret}.ics").status_code) == (404, 200)


def test_a_closed_account_has_no_calendar(clinic):
    address = address_of(clinic.nurse)
    admin = staff("administrator", clinic.site)
    deactivate_user(user=clinic.nurse.user, reason="Left", by=admin, now=NOON)
    assert ask(address).status_code == 404


def test_that_it_is_read_is_noted_once_an_hour(clinic):
    address = address_of(clinic.nurse)
    noted = []
    for minutes in (0, 59, 61):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            ask(address)
        noted.append(CalendarFeed.objects.get().last_read_at)
    assert noted == [NOON, NOON, NOON + timedelta(minutes=61)]
