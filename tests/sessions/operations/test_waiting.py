"""The waiting list: who is put on it, what may be wished for, and a booking that takes somebody off it or does not."""

import uuid
from datetime import date, time, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.models import Booking, InfusionSession, WaitingEntry
from sessions.operations.planning import close_course
from sessions.operations.waiting import (
    add_to_waiting_list,
    book_from_waiting_list,
    edit_waiting_entry,
    take_off_waiting_list,
)
from tests.refusals import refused
from tests.sessions.scenes import NOON, make_course
from tests.sessions.waiting_scene import FRIDAY_MORNING, booked, waits

State = WaitingEntry.State


def fresh(entry):
    return WaitingEntry.objects.get(pk=entry.pk)


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))[-2:]


def test_add_keeps_the_wishes_and_the_place_in_the_list(clinic):
    key = uuid.uuid4()
    wishes = {
        "weekdays": [4, 0, 4],
        "not_before": time(9),
        "not_after": time(14),
        "from_day": date(2026, 3, 11),
        "until_day": date(2026, 4, 11),
        "notice_hours": 6,
        "is_starred": True,
        "note": " Lives near by ",
    }
    entry = add_to_waiting_list(
        course=make_course(clinic), wishes=wishes, by=clinic.desk, public_id=key, now=NOON
    )
    stored = fresh(entry)
    assert (stored.public_id, stored.state, stored.added_at) == (key, State.WAITING, NOON)
    assert (stored.weekdays, stored.note, stored.added_by) == ([0, 4], "Lives near by", clinic.desk.user)
    assert (stored.not_before, stored.until_day, stored.notice_hours) == (time(9), date(2026, 4, 11), 6)
    assert stored.history.get().history_date == NOON
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("waiting.added", key)


def test_add_twice_is_one_place_in_the_list_until_it_is_given_up(clinic):
    entry = waits(clinic)
    with refused(Conflict, "waiting.twice"):
        waits(clinic, course=entry.course)
    take_off_waiting_list(
        entry=entry, reason="Away", by=clinic.desk, expected_revision=entry.revision, now=NOON
    )
    assert waits(clinic, course=entry.course).state == State.WAITING


def test_add_only_what_could_be_booked(clinic):
    full = make_course(clinic, planned_infusions=1)
    booked(clinic, FRIDAY_MORNING, course=full)
    with refused(Conflict, "course.full"):
        waits(clinic, course=full)
    closed = close_course(
        course=make_course(clinic),
        state="stopped",
        code="moved",
        reason="Moved",
        by=clinic.prescriber,
        expected_revision=1,
        now=NOON,
    )
    with refused(Conflict, "order.inactive"):
        waits(clinic, course=closed)
    with refused(Refused, "permission.missing"):
        add_to_waiting_list(course=make_course(clinic), by=clinic.prescriber, now=NOON)


@pytest.mark.parametrize(
    ("wishes", "field", "code"),
    [
        ({"weekdays": [7]}, "weekdays", "waiting.weekday"),
        ({"not_before": time(12), "not_after": time(9)}, "not_after", "waiting.times"),
        ({"not_before": time(9), "not_after": time(11, 9)}, "not_after", "waiting.times"),
        ({"not_before": time(22)}, "not_after", "waiting.times"),
        ({"from_day": date(2026, 3, 20), "until_day": date(2026, 3, 19)}, "until_day", "waiting.days"),
        ({"until_day": date(2026, 3, 9)}, "until_day", "waiting.past"),
        ({"notice_hours": 337}, "notice_hours", "waiting.notice"),
        ({"note": "a\0b"}, "note", "text.unreadable"),
    ],
)
def test_wishes_that_no_time_could_fit(clinic, wishes, field, code):
    with refused(Invalid, code) as refusal:
        waits(clinic, **wishes)
    assert list(refusal.value.fields) == [field]
    assert not WaitingEntry.objects.exists()


def test_wishes_that_just_fit(clinic):
    assert waits(clinic, not_before=time(9), not_after=time(11, 10), until_day=date(2026, 3, 10))


def test_edit_changes_wishes_but_not_the_place(clinic):
    entry = waits(clinic, weekdays=[1], note="Ring after ten")
    edited = edit_waiting_entry(
        entry=entry,
        changes={"weekdays": [2], "is_starred": True},
        by=clinic.desk,
        expected_revision=entry.revision,
        now=NOON + timedelta(hours=1),
    )
    stored = fresh(entry)
    assert (stored.weekdays, stored.is_starred, stored.note) == ([2], True, "Ring after ten")
    assert (stored.added_at, stored.revision, edited.revision) == (NOON, 2, 2)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.changed()["weekdays"]) == ("waiting.edited", ([1], [2]))
    told = {"entry": entry, "changes": {}, "by": clinic.desk, "now": NOON}
    with refused(Stale, "revision.stale"):
        edit_waiting_entry(**told, expected_revision=1)
    with refused(Refused, "permission.missing"):
        edit_waiting_entry(**told | {"by": clinic.prescriber}, expected_revision=2)
    with refused(Invalid, "waiting.weekday"):
        edit_waiting_entry(**told | {"changes": {"weekdays": [-1]}}, expected_revision=2)


def test_take_off_needs_a_reason_and_ends_the_entry(clinic):
    entry = waits(clinic)
    told = {"entry": entry, "by": clinic.desk, "expected_revision": 1, "now": NOON}
    with refused(Invalid, "reason.missing"):
        take_off_waiting_list(**told, reason=" ")
    with refused(Stale):
        take_off_waiting_list(**told | {"expected_revision": 2}, reason="Away")
    with refused(Refused):
        take_off_waiting_list(**told | {"by": clinic.prescriber}, reason="Away")
    assert take_off_waiting_list(**told, reason="Away").state == State.WITHDRAWN
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("waiting.withdrawn", "Away")
    with refused(Conflict, "waiting.over"):
        take_off_waiting_list(**told | {"expected_revision": 2}, reason="Away")


def test_book_from_the_list_makes_the_session_and_ends_the_wait(clinic):
    entry, key = waits(clinic), uuid.uuid4()
    session = book_from_waiting_list(
        entry=entry, chair=clinic.chair, starts_at=FRIDAY_MORNING, by=clinic.desk, public_id=key, now=NOON
    )
    stored = fresh(entry)
    assert (stored.state, stored.session, session.public_id) == (State.BOOKED, session, key)
    assert (session.scheduled_start, session.chair) == (FRIDAY_MORNING, clinic.chair)
    assert verbs() == ["session.booked", "waiting.booked"]


def test_book_from_the_list_without_a_chair_leaves_it_open(clinic):
    session = book_from_waiting_list(
        entry=waits(clinic), chair=None, starts_at=FRIDAY_MORNING, by=clinic.desk, now=NOON
    )
    assert session.booking.is_chair_provisional


def test_wishes_are_no_gate_for_who_said_yes_on_the_telephone(clinic):
    entry = waits(clinic, weekdays=[0], notice_hours=300)
    told = {"entry": entry, "chair": clinic.chair, "starts_at": FRIDAY_MORNING}
    assert book_from_waiting_list(**told, by=clinic.desk, now=NOON)


def test_the_second_of_two_who_book_one_entry_reads_why(clinic):
    entry = waits(clinic)
    told = {"entry": entry, "chair": clinic.chair, "by": clinic.desk, "now": NOON}
    book_from_waiting_list(**told, starts_at=FRIDAY_MORNING)
    with refused(Conflict, "waiting.over") as refusal:
        book_from_waiting_list(**told, starts_at=FRIDAY_MORNING + timedelta(days=3))
    assert "booked from the waiting list meanwhile" in str(refusal.value)
    assert InfusionSession.objects.count() == 1


def test_the_second_of_two_who_give_away_one_time_reads_why_and_nobody_loses_a_place(clinic):
    first, second = waits(clinic), waits(clinic)
    told = {"chair": clinic.chair, "starts_at": FRIDAY_MORNING, "by": clinic.desk, "now": NOON}
    book_from_waiting_list(**told, entry=first)
    with refused(Conflict, "booking.chair_taken"):
        book_from_waiting_list(**told, entry=second)
    assert fresh(second).state == State.WAITING
    assert Booking.objects.count() == 1


def test_book_from_the_list_needs_the_right_and_for_a_taken_chair_another_one(clinic):
    booked(clinic, FRIDAY_MORNING)
    told = {"entry": waits(clinic), "chair": clinic.chair, "starts_at": FRIDAY_MORNING, "now": NOON}
    with refused(Refused, "permission.missing"):
        book_from_waiting_list(**told, by=clinic.prescriber)
    with refused(Refused, "permission.missing"):
        book_from_waiting_list(**told, by=clinic.desk, override_reason="Urgent")
    session = book_from_waiting_list(**told, by=clinic.nurse, override_reason="Urgent")
    assert session.booking.is_overbooked
