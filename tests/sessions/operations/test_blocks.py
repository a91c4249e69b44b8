"""Other uses of a chair: they keep it and the patient's time as a session does."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.operations.registering import record_death
from sessions.models import Booking
from sessions.operations import blocks, booking
from tests.refusals import refused
from tests.sessions.operations.duty import hours
from tests.sessions.scenes import NOON, make_clinic, make_course, make_patient

BEFORE = NOON - timedelta(days=3)


def block(clinic, when=None, **told):
    start, end = when or hours(0, 2)
    usual = {
        "chair": clinic.chair,
        "kind": "maintenance",
        "title": "New wheels",
        "by": clinic.desk,
        "now": BEFORE,
    }
    return fresh(blocks.block_chair(starts_at=start, ends_at=end, **usual | told))


def move(held, clinic, when, **told):
    start, end = when
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE, "expected_revision": held.revision}
    return fresh(blocks.move_block(booking=held, starts_at=start, ends_at=end, **usual | told))


def book(clinic, at=NOON, **told):
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE}
    course = told.pop("course", None) or make_course(clinic, now=BEFORE)
    return booking.book(course=course, starts_at=at, **usual | told)


def fresh(held):
    return Booking.objects.select_related("site", "patient", "chair").get(pk=held.pk)


@pytest.mark.parametrize(
    ("kind", "has_patient"),
    [("maintenance", False), ("consultation", False), ("consultation", True), ("other_treatment", True)],
)
def test_block_keeps_chair_and_patient(clinic, kind, has_patient):
    patient = make_patient(clinic, now=BEFORE) if has_patient else None
    held = block(clinic, kind=kind, patient=patient)
    assert (held.kind, held.title, held.patient, held.is_live) == (kind, "New wheels", patient, True)
    assert (held.starts_at, held.ends_at, str(held.local_date)) == (*hours(0, 2), "2026-03-10")
    assert AuditEvent.objects.latest("pk").verb == "block.booked"
    with refused(Conflict, "booking.chair_taken"):
        book(clinic)
    course = make_course(clinic, now=BEFORE, patient=patient)
    if has_patient:
        with refused(Conflict, "booking.patient_taken"):
            book(clinic, course=course, chair=clinic.chairs[1])
    else:
        book(clinic, course=course, chair=clinic.chairs[1])


def test_block_waits_for_a_session_unless_there_is_a_reason(clinic):
    book(clinic)
    with refused(Conflict, "booking.chair_taken"):
        block(clinic)
    with refused(Refused, "permission.missing"):
        block(clinic, override_reason="The engineer comes today only")
    held = block(clinic, by=clinic.nurse, override_reason="The engineer comes today only")
    assert (held.is_overbooked, held.overrides) == (True, ["booking.chair_taken"])


@pytest.mark.parametrize(
    ("told", "when", "code", "field"),
    [
        ({"kind": "infusion"}, None, "block.kind", "kind"),
        ({"kind": "party"}, None, "block.kind", "kind"),
        ({"title": " "}, None, "block.title", "title"),
        ({"title": "a\0"}, None, "text.unreadable", "title"),
        ({"title": "x" * 121}, None, "field.max_length", "title"),
        ({}, hours(2, 2), "block.order", "ends_at"),
        ({}, hours(2, 1), "block.order", "ends_at"),
        ({}, hours(0, 31 * 24), "block.long", "ends_at"),
        ({}, hours(-90, 0), "booking.past", "starts_at"),
        ({}, hours(400 * 24, 401 * 24), "booking.too_far", "starts_at"),
    ],
)
def test_block_what_cannot_be_stored(clinic, told, when, code, field):
    with refused(Invalid, code) as refusal:
        block(clinic, when, **told)
    assert set(refusal.value.fields) == {field}
    assert not Booking.objects.exists()


def test_block_maintenance_has_no_patient(clinic):
    with refused(Invalid, "block.patient"):
        block(clinic, patient=make_patient(clinic, now=BEFORE))


def test_block_for_whom_and_by_whom(clinic):
    told = {"kind": "consultation"}
    with refused(Refused, "permission.missing"):
        block(clinic, by=clinic.prescriber)
    with refused(Conflict, "patient.not_at_site"):
        block(clinic, patient=make_patient(make_clinic("south", now=BEFORE), now=BEFORE), **told)
    patient = make_patient(clinic, now=BEFORE)
    told_death = {"deceased_on": BEFORE.date(), "by": clinic.desk, "expected_revision": patient.revision}
    patient = record_death(patient=patient, now=BEFORE, **told_death)
    with refused(Conflict, "patient.deceased"):
        block(clinic, patient=patient, **told)


def test_move_block(clinic):
    held = block(clinic)
    moved = move(held, clinic, hours(24, 26), chair=clinic.chairs[1])
    assert (moved.chair, moved.starts_at, str(moved.local_date)) == (
        clinic.chairs[1],
        hours(24, 26)[0],
        "2026-03-11",
    )
    assert (moved.revision, moved.sequence) == (held.revision + 1, held.sequence + 1) == (2, 1)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.details["before"]["chair"], event.details["after"]["chair"]) == (
        "block.moved",
        clinic.chair.pk,
        clinic.chairs[1].pk,
    )
    book(clinic)


def test_move_block_onto_its_own_time_and_longer_while_it_lasts(clinic):
    held = move(block(clinic), clinic, hours(0, 2))
    held = move(held, clinic, hours(0, 5), now=NOON + timedelta(hours=1))
    assert held.ends_at == hours(0, 5)[1]
    with refused(Invalid, "booking.past"):
        move(held, clinic, hours(0.5, 5), now=NOON + timedelta(hours=1))


def test_move_block_meets_what_is_there(clinic):
    session = book(clinic, NOON + timedelta(hours=2))
    held = block(clinic)
    with refused(Conflict, "booking.chair_taken"):
        move(held, clinic, hours(0, 3))
    held = move(held, clinic, hours(0, 3), by=clinic.nurse, override_reason="Not done yet")
    assert held.is_overbooked
    # What was accepted is not asked anew where it stands.
    assert move(held, clinic, hours(0, 3)).override_reason == "Not done yet"
    assert session.booking.is_overbooked is False


def test_move_block_based_on_an_older_revision(clinic):
    held = block(clinic)
    known = fresh(held)
    move(held, clinic, hours(1, 2))
    with refused(Stale, "revision.stale"):
        move(known, clinic, hours(3, 4))


def test_release_block(clinic):
    held = block(clinic)
    told = {"booking": held, "by": clinic.desk, "now": BEFORE}
    with refused(Invalid, "reason.missing"):
        blocks.release_block(reason=" ", **told)
    with refused(Stale, "revision.stale"):
        blocks.release_block(reason="Repaired", expected_revision=7, **told)
    with refused(Refused, "permission.missing"):
        blocks.release_block(reason="Repaired", **told | {"by": clinic.prescriber})
    blocks.release_block(reason="Repaired", **told)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason, event.details["after"]["is_live"]) == (
        "block.released",
        "Repaired",
        False,
    )
    book(clinic)
    for again in (
        lambda: blocks.release_block(reason="Repaired", **told),
        lambda: move(held, clinic, hours(4, 5)),
    ):
        with refused(Conflict, "block.released"):
            again()


def test_a_session_is_no_block(clinic):
    held = fresh(book(clinic).booking)
    with refused(Conflict, "block.is_session"):
        move(held, clinic, hours(4, 5))
    with refused(Conflict, "block.is_session"):
        blocks.release_block(booking=held, reason="Free it", by=clinic.desk, now=BEFORE)
