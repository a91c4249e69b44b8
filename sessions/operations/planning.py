"""Ordering a course, tying a consent to it, closing it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Problem
from clinic.common.text import storable
from clinic.facilities.models import Site
from patients.models import Consent, Patient
from patients.models.diagnosis import normal_code
from sessions.models import Course, ProtocolVersion
from sessions.rules import planning as rules
from sessions.rules.moments import person


@transaction.atomic(savepoint=False)
def order_course(
    *,
    patient: Patient,
    site: Site,
    protocol_version: ProtocolVersion,
    diagnosis_code: str,
    by: Actor,
    dose_micrograms_per_kg: int | None = None,
    cap_micrograms: int | None = None,
    duration_minutes: int | None = None,
    planned_infusions: int | None = None,
    consent: Consent | None = None,
    instructions: str = "",
    order_reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Course:
    """Order a course; what is left out is taken from the protocol version.

    Raises:
        Refused: without the right, or over the protocol without the right to override doses.
        Conflict: a minor, a deceased patient, a protocol not usable at the site, somebody else's consent.
        Invalid: a value outside its range, or a departure from the protocol without a reason.
    """
    now = now or clock.now()
    today = clock.local_date(now, site.time_zone)
    rules.check_can_order(patient=patient, site=site, version=protocol_version, by=by, today=today)
    course = Course(
        patient=patient,
        site=site,
        protocol_version=protocol_version,
        diagnosis_code=normal_code(diagnosis_code),
        dose_micrograms_per_kg=_given(dose_micrograms_per_kg, protocol_version.dose_micrograms_per_kg),
        cap_micrograms=_given(cap_micrograms, protocol_version.cap_micrograms),
        duration_minutes=_given(duration_minutes, protocol_version.duration_minutes),
        planned_infusions=_given(planned_infusions, protocol_version.planned_infusions),
        instructions=storable(instructions, field="instructions"),
        order_reason=storable(order_reason, field="order_reason").strip(),
        ordered_by=person(by),
        ordered_at=now,
    )
    if public_id:
        course.public_id = public_id
    rules.check_order_values(
        version=protocol_version,
        by=by,
        site=site,
        diagnosis=course.diagnosis_code,
        dose=course.dose_micrograms_per_kg,
        cap=course.cap_micrograms,
        duration=course.duration_minutes,
        planned=course.planned_infusions,
        reason=order_reason,
    )
    if consent is not None:
        _check_consent(consent, patient_id=patient.pk)
        course.consent = consent
    return save_record(
        course, verb="course.ordered", by=by, now=now, site=site, patient=patient, reason=order_reason
    )


def _given(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _check_consent(consent: Consent, *, patient_id: int) -> None:
    if consent.patient_id != patient_id:
        raise Conflict(Problem("consent.other_patient", _("This consent belongs to another patient.")))
    if consent.purpose != Consent.Purpose.TREATMENT:
        raise Conflict(
            Problem("consent.purpose", _("This consent is not one to treatment. Choose or record another."))
        )


@transaction.atomic(savepoint=False)
def attach_consent(*, course: Course, consent: Consent, by: Actor, now: datetime | None = None) -> Course:
    """Tie a consent to a course, in place of an earlier one."""
    course = _locked(course)
    by.require(Permission.RECORD_CONSENT, course.site_id)
    _check_consent(consent, patient_id=course.patient_id)
    course.consent = consent
    return save_record(
        course,
        verb="course.consent_attached",
        by=by,
        now=now or clock.now(),
        site=course.site,
        patient=course.patient,
    )


@transaction.atomic(savepoint=False)
def close_course(
    *,
    course: Course,
    state: str,
    by: Actor,
    reason: str,
    code: str = "",
    now: datetime | None = None,
    expected_revision: int | None = None,
) -> Course:
    """Complete a course, or stop it with a reason. Sessions that are still scheduled stay to be cancelled one by one.

    Args:
        code: one of :class:`StopCode`, by which the reasons of stopped courses are counted; "" where it is completed.

    Raises:
        Conflict: it is closed already, or a session of it is going on.
        Invalid: a stop without a code or without words, a code for a course that was completed.
    """
    now = now or clock.now()
    course = _locked(course)
    by.require(Permission.ORDER_COURSE, course.site_id)
    rules.check_close(state=state, code=code, reason=reason)
    if course.state != Course.State.ACTIVE:
        raise Conflict(Problem("order.inactive", _("This course is closed already.")))
    if course.sessions.present().exists():
        message = _("A session of this course is going on. Close the course when the patient has left.")
        raise Conflict(Problem("course.under_way", message))
    course.state, course.closed_at, course.close_code = state, now, code
    course.close_reason = storable(reason, field="reason").strip()
    return save_record(
        course,
        verb=f"course.{state}",
        by=by,
        now=now,
        site=course.site,
        patient=course.patient,
        reason=reason,
        expected_revision=expected_revision,
    )


def _locked(course: Course) -> Any:
    return Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)
