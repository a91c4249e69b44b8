"""A booking in conflict that is kept as it was planned."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.models import Booking
from sessions.operations.overriding import keep_as_planned
from sessions.rules.conflicts import CHAIR_OUT
from tests.refusals import refused
from tests.sessions.scenes import NOON, make_clinic
from tests.sessions.waiting_scene import FRIDAY_MORNING, LENGTH, booked, closed

CLOSED = "booking.site_closed"


@pytest.fixture
def booking(db):
    clinic = make_clinic()
    session = booked(clinic, FRIDAY_MORNING)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)
    clinic.chair.is_in_service = False
    clinic.chair.save()
    session.booking.clinic = clinic
    return session.booking


def keep(booking, **changed):
    told = {"kind": CLOSED, "reason": " The side door is open ", "by": booking.clinic.nurse, "now": NOON}
    return keep_as_planned(booking=booking, **{**told, "expected_revision": 1, **changed})


def test_the_booking_names_what_it_stands_against_and_why(booking):
    keep(booking)
    stored = Booking.objects.get(pk=booking.pk)
    assert (stored.overrides, stored.override_reason) == ([CLOSED], "The side door is open")
    assert (stored.revision, stored.is_live, stored.is_overbooked) == (2, True, False)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("booking.kept_as_planned", "The side door is open")
    assert event.changed()["overrides"] == ([], [CLOSED])


def test_each_conflict_is_accepted_for_itself(booking):
    keep(booking)
    keep(booking, kind=CHAIR_OUT, reason="Only the armrest", expected_revision=2)
    stored = Booking.objects.get(pk=booking.pk)
    assert stored.overrides == [CLOSED, CHAIR_OUT]
    assert stored.override_reason == "The side door is open; Only the armrest"


def test_it_takes_the_right_a_reason_and_a_conflict_that_stands(booking):
    clinic = booking.clinic
    with refused(Refused, "permission.missing"):
        keep(booking, by=clinic.desk)
    with refused(Invalid, "reason.missing"):
        keep(booking, reason="  ")
    with refused(Conflict, "conflict.none"):
        keep(booking, kind="booking.nurse_capacity")
    with refused(Stale, "revision.stale"):
        keep(booking, expected_revision=3)
    keep(booking)
    with refused(Conflict, "conflict.none"):
        keep(booking, expected_revision=2)
