"""A prescriber looks again at a course after some of its infusions."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import Course, Reevaluation
from sessions.rules.moments import person


@transaction.atomic(savepoint=False)
def record_reevaluation(
    *,
    course: Course,
    decision: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Reevaluation:
    """Record how a course goes on. The infusions given until now are counted; the next look is due so many later.

    A decision to stop does not close the course: sessions may be booked or going on. ``close_course`` does.

    Raises:
        Refused: without the right to order courses.
        Conflict: the course is closed (``order.inactive``).
        Invalid: an unknown decision, a change or a stop without words, a moment in the future or before the order.
    """
    now = now or clock.now()
    at = taken_at or now
    course = Course.objects.locked().select_related("site", "patient").get(pk=course.pk)
    by.require(Permission.ORDER_COURSE, course.site_id)
    author = person(by)
    if course.state != Course.State.ACTIVE:
        message = _("This course is closed already, so there is nothing to decide. Order a new course.")
        raise Conflict(Problem("order.inactive", message))
    _check(course, decision=decision, note=note, at=at, now=now)
    fact = Reevaluation(
        course=course,
        delivered=course.sessions.delivered().filter(infusion_started_at__lte=at).count(),
        decision=decision,
        note=storable(note, field="note").strip(),
        taken_at=at,
        taken_by=author,
        entered_at=now,
        entered_by=author,
    )
    if public_id is not None:
        fact.public_id = public_id
    check_fields(fact)
    fact.save(force_insert=True)
    record(
        verb="course.reevaluated",
        subject=fact,
        by=by,
        now=now,
        site=course.site,
        patient=course.patient,
        reason=fact.note,
        after={"decision": decision, "delivered": fact.delivered},
    )
    return fact


def _check(course: Course, *, decision: str, note: str, at: datetime, now: datetime) -> None:
    problems: dict[str, Problem] = {}
    if decision not in Reevaluation.Decision.values:
        problems["decision"] = Problem("reevaluation.decision", _("Say how the course goes on."))
    elif decision != Reevaluation.Decision.CONTINUE and not note.strip():
        problems["note"] = Problem("reason.missing", _("Say what changes, or why the course is to stop."))
    if at > now:
        message = _("This is in the future by the server's clock. Enter when it was decided.")
        problems["taken_at"] = Problem("time.future", message)
    elif at < course.ordered_at:
        message = _("This is before the course was ordered. Check the day.")
        problems["taken_at"] = Problem("time.before_order", message)
    if problems:
        raise Invalid(problems)
