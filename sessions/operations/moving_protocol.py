"""Moving a course to another version of its protocol: its prescriber does, and nobody else."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import Course, InfusionSession, ProtocolVersion
from sessions.operations.alerting import evaluate_course
from sessions.rules.planning import check_order_values
from sessions.states import MONITORED


@transaction.atomic(savepoint=False)
def move_course_to_version(
    *,
    course: Course,
    version: ProtocolVersion,
    reason: str,
    by: Actor,
    expected_revision: int,
    dose_micrograms_per_kg: int | None = None,
    cap_micrograms: int | None = None,
    duration_minutes: int | None = None,
    now: datetime | None = None,
) -> Course:
    """Go on with a course under another version; what is left out of the order stays as it was ordered.

    A dose that was confirmed under the version before has to be confirmed again, and what was read of a patient who is
    here is judged by the limits of the new one.

    Raises:
        Refused: without the right to order, or over the version's limits without the right.
        Conflict: the course is closed, its infusion runs, the version is another protocol's, the same, or not in use.
        Invalid: no reason, or a value outside its range. Stale: somebody changed the course meanwhile.
    """
    now = now or clock.now()
    # Sessions before the course: a start that is under way ends first, and shows here.
    present = InfusionSession.objects.locked().filter(course=course.pk).order_by("pk")
    states = set(present.values_list("status", flat=True))
    locked = Course.objects.locked().select_related("site", "patient", "protocol_version")
    course = locked.get(pk=course.pk)
    by.require(Permission.ORDER_COURSE, course.site_id)
    # Whoever approves another version holds this one, too: it is in use, or it is not.
    versions = ProtocolVersion.objects.select_related("protocol").select_for_update(no_key=True, of=("self",))
    version = versions.get(pk=version.pk)
    _check_can_move(course, version, running=bool(states & MONITORED))
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say why the course is moved."))})
    order = {
        "dose_micrograms_per_kg": dose_micrograms_per_kg,
        "cap_micrograms": cap_micrograms,
        "duration_minutes": duration_minutes,
    }
    for name, value in order.items():
        if value is not None:
            setattr(course, name, value)
    check_order_values(
        version=version,
        by=by,
        site=course.site,
        diagnosis=course.diagnosis_code,
        dose=course.dose_micrograms_per_kg,
        cap=course.cap_micrograms,
        duration=course.duration_minutes,
        planned=course.planned_infusions,
        reason=reason,
    )
    ordered = (course.dose_micrograms_per_kg, course.cap_micrograms, course.duration_minutes)
    if ordered != (version.dose_micrograms_per_kg, version.cap_micrograms, version.duration_minutes):
        course.order_reason = storable(reason, field="reason").strip()
    course.protocol_version = version
    moved = save_record(
        course,
        verb="course.moved_to_version",
        by=by,
        now=now,
        site=course.site,
        patient=course.patient,
        reason=storable(reason, field="reason").strip(),
        expected_revision=expected_revision,
    )
    evaluate_course(moved, by=by, now=now, why=reason)
    return moved


def _check_can_move(course: Course, version: ProtocolVersion, *, running: bool) -> None:
    if course.state != Course.State.ACTIVE:
        raise Conflict(Problem("order.inactive", _("This course is closed already.")))
    if running:
        message = _("An infusion of this course is going on. Move the course when the patient has left.")
        raise Conflict(Problem("course.under_way", message))
    if version.protocol_id != course.protocol_version.protocol_id:
        message = _("This is a version of another protocol. Order a new course under it.")
        raise Conflict(Problem("course.other_protocol", message))
    if version.pk == course.protocol_version_id:
        raise Conflict(Problem("course.same_version", _("The course stands under this version already.")))
    if not version.is_usable_at(course.site):
        message = _("%(protocol)s is not approved for this site. Choose an approved version.")
        raise Conflict(Problem("order.protocol", message, {"protocol": str(version)}))
