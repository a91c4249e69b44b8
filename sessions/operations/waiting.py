"""The waiting list: put on it, wishes changed, taken off, and booked from it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Invalid, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Chair
from sessions.models import Course, InfusionSession, WaitingEntry
from sessions.operations.booking import book
from sessions.rules.moments import person
from sessions.rules.planning import check_can_book
from sessions.rules.waiting import WISHES, check_waits, check_waits_not, check_wishes


@transaction.atomic(savepoint=False)
def add_to_waiting_list(
    *,
    course: Course,
    by: Actor,
    wishes: Mapping[str, Any] | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> WaitingEntry:
    """A patient would come at short notice for the next session of a course.

    Args:
        wishes: values of :data:`~sessions.rules.waiting.WISHES`; what is left out is as the model has it.

    Raises:
        Refused: without the right to book.
        Conflict: the course is closed or full, or waits already (``waiting.twice``).
        Invalid: wishes that no free time could fit.
    """
    now = now or clock.now()
    course = Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)
    check_can_book(course=course, by=by, starts_at=now, now=now)
    # Under the lock of the course: two people adding it wait for each other, and the second gets the sentence.
    check_waits_not(course)
    entry = WaitingEntry(
        public_id=public_id or uuid.uuid4(),
        site=course.site,
        patient=course.patient,
        course=course,
        added_at=now,
        added_by=person(by),
    )
    _wish(entry, wishes or {}, now=now)
    return _saved(entry, verb="waiting.added", by=by, now=now)


@transaction.atomic(savepoint=False)
def edit_waiting_entry(
    *,
    entry: WaitingEntry,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> WaitingEntry:
    """Change the wishes of an entry; its place in the list stays.

    Raises:
        Refused: without the right to book.
        Conflict: it waits no more (``waiting.over``).
        Invalid: wishes that no free time could fit.
        Stale: somebody else changed it after ``expected_revision``.
    """
    now = now or clock.now()
    entry = _waiting(entry, by=by)
    _check_revision(entry, expected_revision)
    _wish(entry, changes, now=now)
    return _saved(entry, verb="waiting.edited", by=by, now=now)


@transaction.atomic(savepoint=False)
def take_off_waiting_list(
    *, entry: WaitingEntry, reason: str, by: Actor, expected_revision: int, now: datetime | None = None
) -> WaitingEntry:
    """The patient does not wait any more. Raises as :func:`edit_waiting_entry`, and Invalid ``reason.missing``."""
    now = now or clock.now()
    by.require(Permission.BOOK, entry.site_id)
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Give a reason."))})
    entry = _waiting(entry, by=by)
    _check_revision(entry, expected_revision)
    entry.state = WaitingEntry.State.WITHDRAWN
    reason = storable(reason, field="reason").strip()
    return _saved(entry, verb="waiting.withdrawn", by=by, now=now, reason=reason)


@transaction.atomic(savepoint=False)
def book_from_waiting_list(
    *,
    entry: WaitingEntry,
    chair: Chair | None,
    starts_at: datetime,
    by: Actor,
    override_reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionSession:
    """Book the next session of an entry's course, and with it the entry is over: both or neither.

    The wishes are no gate: who was asked on the telephone may have said yes to another time.

    Raises:
        Refused: without the right to book.
        Conflict: somebody booked or took off the entry first (``waiting.over``), or whatever
            :func:`~sessions.operations.booking.book` refuses; the entry then waits on.
        Invalid: a time that has passed.
    """
    now = now or clock.now()
    # The entry before everything that a booking locks; nobody who holds a chair asks for an entry.
    entry = _waiting(entry, by=by)
    session = book(
        course=entry.course,
        chair=chair,
        starts_at=starts_at,
        by=by,
        override_reason=override_reason,
        now=now,
        public_id=public_id,
    )
    entry.state, entry.session = WaitingEntry.State.BOOKED, session
    _saved(entry, verb="waiting.booked", by=by, now=now)
    return session


def _waiting(entry: WaitingEntry, *, by: Actor) -> WaitingEntry:
    """The entry's row, locked, once it may be changed and waits still."""
    found = (
        WaitingEntry.objects.locked()
        .select_related("site", "patient", "course__site", "course__patient", "course__protocol_version")
        .get(pk=entry.pk)
    )
    by.require(Permission.BOOK, found.site_id)
    check_waits(found)
    return found


def _check_revision(entry: WaitingEntry, expected: int) -> None:
    if entry.revision != expected:
        raise stale(snapshot(entry))


def _wish(entry: WaitingEntry, wishes: Mapping[str, Any], *, now: datetime) -> None:
    for name in WISHES:
        setattr(entry, name, wishes.get(name, getattr(entry, name)))
    entry.weekdays = sorted(set(entry.weekdays))
    entry.note = storable(entry.note, field="note").strip()
    told = {name: getattr(entry, name) for name in WISHES}
    check_wishes(told, course=entry.course, today=clock.local_date(now, entry.site.time_zone))


def _saved(entry: WaitingEntry, *, verb: str, by: Actor, now: datetime, reason: str = "") -> WaitingEntry:
    return save_record(
        entry, verb=verb, by=by, now=now, site=entry.site, patient=entry.patient, reason=reason
    )
