"""Putting right what was entered: a new row names the old one, once, and what follows is derived again."""

from datetime import datetime, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import InfusionEvent, InfusionSession, Note, VitalSigns
from sessions.operations import monitoring, running
from sessions.states import EndKind, Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, session_at

READING = {"systolic": 134, "diastolic": 82, "heart_rate": 74}


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def read(session, clinic, **told):
    return monitoring.record_vital_signs(
        **{"session": session, "values": READING, "by": clinic.nurse, "now": NOON} | told
    )


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def fresh(session):
    return InfusionSession.objects.get(pk=session.pk)


# Readings and notes


def test_a_correction_is_a_new_row_that_names_the_old_one(clinic, session):
    first = read(session, clinic, taken_at=NOON - timedelta(minutes=3))
    corrected = monitoring.correct_vital_signs(
        reading=first,
        values=READING | {"systolic": 143},
        by=clinic.prescriber,
        reason="Digits swapped",
        now=NOON + timedelta(minutes=1),
    )
    assert (corrected.corrects, corrected.systolic) == (first, 143)
    assert (corrected.taken_at, corrected.taken_by) == (first.taken_at, first.taken_by)
    assert (corrected.entered_by, corrected.correction_reason) == (clinic.prescriber.user, "Digits swapped")
    assert VitalSigns.objects.get(pk=first.pk).systolic == 134
    standing = VitalSigns.objects.current().filter(session=session)
    assert corrected in standing and first not in standing
    assert AuditEvent.objects.latest("pk").reason == "Digits swapped"


def test_a_second_correction_of_one_row(clinic, session):
    first = read(session, clinic)
    told = {"values": READING, "by": clinic.nurse, "now": NOON, "reason": "x"}
    second = monitoring.correct_vital_signs(reading=first, **told)
    with refused(Conflict, "correction.taken"):
        monitoring.correct_vital_signs(reading=first, **told)
    with refused(Conflict, "correction.taken"):
        monitoring.retract_vital_signs(reading=first, by=clinic.nurse, reason="x", now=NOON)
    monitoring.correct_vital_signs(reading=second, **told)


def test_a_correction_is_checked_as_a_reading_is(clinic, session):
    first = read(session, clinic)
    told = {"reading": first, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, "reason.missing"):
        monitoring.correct_vital_signs(values=READING, reason=" ", **told)
    with refused(Invalid, "vitals.diastolic"):
        monitoring.correct_vital_signs(values={"systolic": 80, "diastolic": 90}, reason="x", **told)
    with refused(Invalid, "vitals.unusual"):
        monitoring.correct_vital_signs(values={"heart_rate": 190}, reason="x", **told)
    with refused(Invalid, "time.future"):
        monitoring.correct_vital_signs(
            values=READING, reason="x", taken_at=NOON + timedelta(minutes=1), **told
        )
    moved = monitoring.correct_vital_signs(
        values=READING, reason="x", taken_at=NOON - timedelta(minutes=9), **told
    )
    assert moved.taken_at == NOON - timedelta(minutes=9)


def test_a_retraction_strikes_a_reading_for_good(clinic, session):
    first = read(session, clinic)
    with refused(Invalid, "reason.missing"):
        monitoring.retract_vital_signs(reading=first, by=clinic.nurse, reason="", now=NOON)
    struck = monitoring.retract_vital_signs(
        reading=first, by=clinic.nurse, reason="Another patient's", now=NOON
    )
    standing = VitalSigns.objects.current().filter(session=session)
    assert first not in standing and struck not in standing
    assert (struck.systolic, struck.retracted, struck.corrects) == (None, True, first)
    with refused(Conflict, "correction.taken"):
        monitoring.correct_vital_signs(reading=struck, values=READING, by=clinic.nurse, reason="x", now=NOON)
    assert AuditEvent.objects.latest("pk").verb == "vital_signs.retracted"


def test_a_corrected_note_stands_and_the_first_stays_behind_it(clinic, session):
    told = {"by": clinic.nurse, "now": NOON}
    first = monitoring.write_note(
        session=session, text="Left arm", taken_at=NOON - timedelta(minutes=9), **told
    )
    with refused(Invalid, "reason.missing"):
        monitoring.correct_note(note=first, text="Right arm", reason="", **told)
    second = monitoring.correct_note(note=first, text="Right arm", reason="Mixed up", **told)
    assert list(Note.objects.current()) == [second]
    assert (second.corrects.text, second.taken_at) == ("Left arm", first.taken_at)
    with refused(Conflict, "correction.taken"):
        monitoring.correct_note(note=first, text="Both", reason="x", **told)


# Times of the infusion


@pytest.fixture
def infusing(clinic):
    """Infusing since minute 0."""
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    return running.start(session=ready, by=clinic.nurse, now=NOON)


@pytest.fixture
def recovering(clinic, infusing):
    """Infused from 0 to 10 and from 12 to 42."""
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), **told)
    running.resume(now=minute(12), **told)
    running.end(now=minute(42), kind=EndKind.COMPLETED, **told)
    return fresh(infusing)


def event_of(session, kind):
    return InfusionEvent.objects.current().get(session=session, kind=kind)


def correct(session, kind, at, clinic, **more):
    told = {"at": minute(at), "by": clinic.nurse, "reason": "Clock of the pump", "now": minute(60)} | more
    return running.correct_event(event=event_of(session, kind), **told)


@pytest.mark.parametrize(
    ("kind", "at", "infused"),
    [("start", -3, 43), ("pause", 9, 39), ("resume", 11.5, 40.5), ("end", 45, 43), ("end", 12, 10)],
)
def test_a_corrected_event_counts_from_its_true_time(clinic, recovering, kind, at, infused):
    first = event_of(recovering, kind)
    corrected = correct(recovering, kind, at, clinic)
    session = fresh(recovering)
    assert session.infused_seconds == infused * 60
    assert session.state is Status.RECOVERING
    assert session.revision == recovering.revision + 1
    assert (corrected.corrects, corrected.kind, corrected.end_kind) == (first, kind, first.end_kind)
    assert (corrected.taken_at, corrected.taken_by) == (minute(at), first.taken_by)
    assert (corrected.entered_at, corrected.correction_reason) == (minute(60), "Clock of the pump")
    assert AuditEvent.objects.latest("pk").verb == "infusion_event.corrected"
    if kind == "start":
        assert session.infusion_started_at == minute(at)
    if kind == "end":
        assert session.infusion_ended_at == minute(at)


@pytest.mark.parametrize(
    ("kind", "at"), [("start", 10), ("pause", 0), ("pause", 12), ("resume", 43), ("end", 9)]
)
def test_a_correction_out_of_order_is_refused(clinic, recovering, kind, at):
    with refused(Conflict, "timeline.order"):
        correct(recovering, kind, at, clinic)
    assert fresh(recovering).revision == recovering.revision
    assert InfusionEvent.objects.filter(session=recovering).count() == 4


def test_a_correction_needs_a_reason_and_a_possible_moment(clinic, recovering):
    with refused(Invalid, "reason.missing"):
        correct(recovering, "end", 45, clinic, reason=" ")
    with refused(Invalid, "time.future"):
        correct(recovering, "end", 61, clinic)
    with refused(Invalid, "time.before_arrival"):
        correct(recovering, "start", -30, clinic)
    with refused(Invalid, "text.unreadable"):
        correct(recovering, "end", 45, clinic, reason="\x00")
    with refused(Refused, "permission.missing"):
        correct(recovering, "end", 45, clinic, by=clinic.desk)


def test_a_second_correction_of_one_event(clinic, recovering):
    first = event_of(recovering, "end")
    correct(recovering, "end", 45, clinic)
    with refused(Conflict, "correction.taken"):
        running.correct_event(event=first, at=minute(46), by=clinic.nurse, reason="x", now=minute(61))
    # The one that stands can be corrected again.
    correct(recovering, "end", 44, clinic)
    assert fresh(recovering).infusion_ended_at == minute(44)


def test_a_correction_while_it_runs_leaves_it_running(clinic, infusing):
    correct(infusing, "start", -2, clinic, now=minute(5))
    session = fresh(infusing)
    assert (session.state, session.running_since) == (Status.INFUSING, minute(-2))


def test_a_correction_after_the_patient_has_gone_leaves_the_status(clinic):
    left = session_at(Status.LEFT, clinic=clinic, now=NOON)
    ended = left.infusion_ended_at
    running.correct_event(
        event=event_of(left, "end"),
        at=ended - timedelta(minutes=5),
        by=clinic.nurse,
        reason="Pump's own record",
        now=NOON,
    )
    session = fresh(left)
    assert (session.state, session.infusion_ended_at) == (Status.LEFT, ended - timedelta(minutes=5))
    assert session.infused_seconds == 25 * 60


def test_a_signed_chart_is_not_corrected(clinic):
    signed = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=1)
    with refused(Conflict, "chart.signed"):
        running.correct_event(event=event_of(signed, "end"), at=NOON, by=clinic.nurse, reason="x", now=NOON)
