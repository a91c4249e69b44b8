"""Ordering a course, tying a consent to it, closing it: what each refuses, and what is written."""

import uuid
from datetime import date, timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.operations.consenting import record_consent
from patients.operations.registering import record_death
from sessions.demo.protocols import DEPRESSION
from sessions.models import Course, ProtocolVersion
from sessions.operations import planning, protocols
from sessions.states import PRESENT, Status
from tests.patients.scenes import consent_document
from tests.refusals import refused
from tests.scenes import make_site
from tests.sessions.scenes import (
    NOON,
    approved_version,
    booked_session,
    make_clinic,
    make_course,
    make_patient,
    session_at,
)


@pytest.fixture
def patient(clinic):
    return make_patient(clinic)


def order(clinic, patient, **told):
    usual = {
        "site": clinic.site,
        "protocol_version": clinic.version,
        "diagnosis_code": "F33.2",
        "by": clinic.prescriber,
        "now": NOON,
    }
    return planning.order_course(patient=patient, **usual | told)


# Ordering


def test_nothing_is_ordered_without_limits_outside_a_demo_site(clinic, patient):
    bare = approved_version(by=clinic.director, code="bare", limits=[], is_example=False)
    order(clinic, patient, protocol_version=bare)
    clinic.site.is_demo = False
    clinic.site.save()
    with refused(Conflict, "order.no_limits") as refusal:
        order(clinic, patient, protocol_version=bare)
    assert "limits approved" in str(refusal.value)
    limited = approved_version(by=clinic.director, code="limited", is_example=False)
    order(clinic, patient, protocol_version=limited)


def test_order_takes_from_the_protocol_what_is_left_out(clinic, patient):
    key = uuid.uuid4()
    course = Course.objects.get(pk=order(clinic, patient, public_id=key).pk)
    version = clinic.version
    assert course.public_id == key
    assert course.dose_micrograms_per_kg == version.dose_micrograms_per_kg
    assert course.cap_micrograms == version.cap_micrograms
    assert (course.duration_minutes, course.planned_infusions) == (40, 6)
    assert (course.ordered_by, course.ordered_at, course.state) == (clinic.prescriber.user, NOON, "active")
    assert course.chair_minutes == version.chair_minutes == 130
    assert course.history.get().history_date == NOON
    assert AuditEvent.objects.latest("pk").verb == "course.ordered"


@pytest.mark.parametrize("role", ["desk", "nurse"])
def test_order_who_may(clinic, patient, role):
    with refused(Refused, "permission.missing"):
        order(clinic, patient, by=getattr(clinic, role))


def test_order_for_a_minor(clinic):
    """Eighteen on the day of the order, by the calendar of the site."""
    today = date(2026, 3, 10)
    young = make_patient(clinic, birth_date=date(2008, 3, 11))
    with refused(Conflict, "patient.minor") as refusal:
        order(clinic, young)
    assert "17 years old" in str(refusal.value)
    assert order(clinic, make_patient(clinic, birth_date=today.replace(year=2008)))
    # Eighteen at midnight in New York, four hours after midnight in London.
    midnight = NOON + timedelta(hours=12)
    with refused(Conflict, "patient.minor"):
        order(clinic, young, now=midnight - timedelta(seconds=1))
    order(clinic, young, now=midnight)


def test_order_names_a_diagnosis_by_its_code(clinic, patient):
    for typed in ("nonsense", "F3"):
        with refused(Invalid, "field.icd10cm.shape") as refusal:
            order(clinic, patient, diagnosis_code=typed)
        assert list(refusal.value.fields) == ["diagnosis_code"]
    assert order(clinic, patient, diagnosis_code=" f332").diagnosis_code == "F33.2"


def test_order_for_a_deceased_patient(clinic, patient):
    record_death(
        patient=patient,
        deceased_on=NOON.date(),
        by=clinic.desk,
        expected_revision=patient.revision,
        now=NOON,
    )
    patient.refresh_from_db()
    with refused(Conflict, "patient.deceased"):
        order(clinic, patient)


def test_order_for_a_patient_of_another_site(clinic):
    south = make_clinic("south")
    with refused(Conflict, "patient.not_at_site"):
        order(clinic, make_patient(south))


def test_order_under_an_example_at_a_real_site(clinic, patient):
    clinic.site.is_demo = False
    clinic.site.save()
    assert clinic.version.is_example
    with refused(Conflict, "order.protocol"):
        order(clinic, patient)
    approved = approved_version(by=clinic.director, code="own", is_example=False)
    assert order(clinic, patient, protocol_version=approved).protocol_version == approved


@pytest.mark.parametrize("state", ["draft", "retired"])
def test_order_under_a_version_that_is_not_in_force(clinic, patient, state):
    protocol = clinic.version.protocol
    draft = protocols.draft_version(protocol=protocol, content=DEPRESSION, by=clinic.prescriber, now=NOON)
    version = draft
    if state == "retired":
        protocols.approve_version(version=draft, by=clinic.director, now=NOON)
        version = ProtocolVersion.objects.get(pk=clinic.version.pk)
    assert version.state == state
    with refused(Conflict, "order.protocol"):
        order(clinic, patient, protocol_version=version)


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"dose_micrograms_per_kg": 0}, "order.dose", "dose_mg_per_kg"),
        ({"dose_micrograms_per_kg": -1}, "order.dose", "dose_mg_per_kg"),
        ({"cap_micrograms": 0}, "order.cap", "cap_mg"),
        ({"dose_micrograms_per_kg": 5000, "order_reason": "Titrated"}, "order.dose", "dose_mg_per_kg"),
        ({"cap_micrograms": 500_000, "order_reason": "Heavy patient"}, "order.cap", "cap_mg"),
        ({"planned_infusions": 0}, "order.planned", "planned_infusions"),
        ({"planned_infusions": 61}, "order.planned", "planned_infusions"),
        ({"duration_minutes": 39}, "order.duration", "duration_minutes"),
        ({"duration_minutes": 61}, "order.duration", "duration_minutes"),
        ({"duration_minutes": 4, "order_reason": "x"}, "order.duration", "duration_minutes"),
        ({"duration_minutes": 241, "order_reason": "x"}, "order.duration", "duration_minutes"),
        ({"dose_micrograms_per_kg": 600}, "reason.missing", "order_reason"),
        ({"dose_micrograms_per_kg": 1001}, "reason.missing", "order_reason"),
        ({"cap_micrograms": 50_000}, "reason.missing", "order_reason"),
        ({"duration_minutes": 50, "order_reason": "  "}, "reason.missing", "order_reason"),
        ({"instructions": "\x00"}, "text.unreadable", "instructions"),
        ({"diagnosis_code": ""}, "field.blank", "diagnosis_code"),
    ],
    ids=str,
)
def test_order_values_that_are_refused_at_their_field(clinic, patient, told, code, field):
    with refused(Invalid, code) as refusal:
        order(clinic, patient, **told)
    assert set(refusal.value.fields) == {field}
    assert not Course.objects.exists()


def test_order_tells_all_wrong_values_at_once(clinic, patient):
    with refused(Invalid) as refusal:
        order(clinic, patient, dose_micrograms_per_kg=0, cap_micrograms=0, duration_minutes=1)
    assert set(refusal.value.fields) == {"dose_mg_per_kg", "cap_mg", "duration_minutes"}


@pytest.mark.parametrize(
    "told",
    [
        {"dose_micrograms_per_kg": 400},
        {"dose_micrograms_per_kg": 1200},
        {"cap_micrograms": 80_000},
        {"duration_minutes": 30},
        {"duration_minutes": 100},
    ],
    ids=str,
)
def test_order_departs_from_the_protocol_with_a_reason(clinic, patient, told):
    course = order(clinic, patient, order_reason=" Tolerated it elsewhere ", **told)
    assert course.order_reason == "Tolerated it elsewhere"
    assert all(getattr(course, name) == value for name, value in told.items())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"dose_micrograms_per_kg": 1001}, "order.over_protocol"),
        ({"cap_micrograms": 60_001}, "order.over_protocol"),
        ({"duration_minutes": 61}, "permission.missing"),
        ({"dose_micrograms_per_kg": 1000}, None),
        ({"cap_micrograms": 10_000}, None),
        ({"duration_minutes": 60}, None),
    ],
    ids=str,
)
def test_order_beyond_the_protocol_needs_the_right_to(clinic, patient, told, code):
    junior = Actor.of_user(clinic.prescriber.user, only=[Permission.ORDER_COURSE])
    if code is None:
        order(clinic, patient, by=junior, order_reason="Elderly", **told)
        return
    with refused(Refused, code):
        order(clinic, patient, by=junior, order_reason="Elderly", **told)


# Consent


def test_order_with_a_consent(clinic, patient):
    consent = record_consent(
        patient=patient, document=consent_document(site=clinic.site), by=clinic.nurse, now=NOON
    )
    assert order(clinic, patient, consent=consent).consent == consent


def test_attach_a_consent_in_place_of_an_earlier_one(clinic):
    course = make_course(clinic)
    newer = record_consent(
        patient=course.patient, document=consent_document(site=clinic.site), by=clinic.nurse, now=NOON
    )
    attached = planning.attach_consent(course=course, consent=newer, by=clinic.desk, now=NOON)
    assert Course.objects.get(pk=course.pk).consent == newer
    assert attached.revision == course.revision + 1
    assert AuditEvent.objects.latest("pk").verb == "course.consent_attached"
    auditor = make_clinic("south").desk
    with refused(Refused, "permission.missing"):
        planning.attach_consent(course=course, consent=newer, by=auditor, now=NOON)


def test_a_consent_of_somebody_else(clinic, patient):
    other = make_course(clinic)
    with refused(Conflict, "consent.other_patient"):
        order(clinic, patient, consent=other.consent)
    with refused(Conflict, "consent.other_patient"):
        planning.attach_consent(
            course=order(clinic, patient), consent=other.consent, by=clinic.desk, now=NOON
        )


@pytest.mark.parametrize("purpose", ["research", "sharing"])
def test_a_consent_to_something_else_than_treatment(clinic, patient, purpose):
    consent = record_consent(
        patient=patient,
        document=consent_document(site=clinic.site),
        purpose=purpose,
        by=clinic.nurse,
        now=NOON,
    )
    with refused(Conflict, "consent.purpose"):
        order(clinic, patient, consent=consent)
    with refused(Conflict, "consent.purpose"):
        planning.attach_consent(course=order(clinic, patient), consent=consent, by=clinic.nurse, now=NOON)


# Closing


def close(course, clinic, state="completed", reason="", **told):
    usual = {"by": clinic.prescriber, "now": NOON}
    return planning.close_course(course=course, state=state, reason=reason, **usual | told)


@pytest.mark.parametrize(
    ("state", "reason", "code"), [("completed", "", ""), ("stopped", " No effect ", "no_response")]
)
def test_close_a_course_once(clinic, state, reason, code):
    course = make_course(clinic)
    close(course, clinic, state, reason, code=code)
    stored = Course.objects.get(pk=course.pk)
    assert (stored.state, stored.closed_at, stored.close_reason) == (state, NOON, reason.strip())
    assert stored.close_code == code
    assert AuditEvent.objects.latest("pk").verb == f"course.{state}"
    with refused(Conflict, "order.inactive"):
        close(course, clinic)


def test_close_what_it_refuses(clinic):
    course = make_course(clinic)
    with refused(Refused, "permission.missing"):
        close(course, clinic, by=clinic.nurse)
    with refused(Invalid, "course.state"):
        close(course, clinic, "active")
    with refused(Invalid, "reason.missing"):
        close(course, clinic, "stopped", " ", code="cost")
    for code in ("", "boredom"):
        with refused(Invalid, "course.code_missing"):
            close(course, clinic, "stopped", "Moved away", code=code)
    with refused(Invalid, "course.code"):
        close(course, clinic, code="cost")
    with refused(Stale, "revision.stale"):
        close(course, clinic, expected_revision=course.revision + 1)
    assert Course.objects.get(pk=course.pk).state == "active"


@pytest.mark.parametrize("status", Status)
def test_close_while_a_session_is_going_on(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    if status in PRESENT:
        with refused(Conflict, "course.under_way"):
            close(session.course, clinic)
    else:
        close(session.course, clinic)


def test_a_closed_course_keeps_its_scheduled_sessions_to_be_cancelled(clinic):
    session = booked_session(clinic, starts_at=NOON)
    close(session.course, clinic, now=NOON - timedelta(days=1))
    session.refresh_from_db()
    assert session.state is Status.SCHEDULED


def test_a_course_is_seen_at_its_site_only(clinic):
    course = make_course(clinic)
    make_site("south")
    assert list(Course.objects.for_user(clinic.nurse).active()) == [course]
    assert not Course.objects.for_user(make_clinic("south").nurse).exists()
