"""Other uses of a chair: a consultation, another treatment, its own maintenance."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Chair
from patients.models import Patient
from sessions.models import Booking
from sessions.operations.claiming import Override, accepted, check_chair, instant, lock, obstacle, place
from sessions.rules.moments import person
from sessions.rules.planning import check_bookable_time, check_is_alive, check_is_at_site

OTHER_KINDS = (Booking.Kind.CONSULTATION, Booking.Kind.OTHER_TREATMENT, Booking.Kind.MAINTENANCE)
LONGEST_DAYS = 31


def block_chair(
    *,
    chair: Chair,
    kind: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    patient: Patient | None = None,
    override_reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Booking:
    """Keep a chair for another visit, with or without a patient, or for its maintenance.

    Raises:
        Refused: without the right.
        Conflict: as :func:`~sessions.operations.booking.book`; for maintenance the hours do not matter.
        Invalid: no title, an end before the start, a kind that is none.
    """
    now, starts_at, ends_at = now or clock.now(), instant(starts_at), instant(ends_at)
    site = chair.site
    by.require(Permission.BOOK, site.pk)
    _check(kind, title, starts_at, ends_at, patient=patient)
    check_bookable_time(starts_at, now=now)
    if patient is not None:
        check_is_at_site(patient, site)
    booking = Booking(
        site=site,
        kind=kind,
        title=storable(title, field="title").strip(),
        patient=patient,
        starts_at=starts_at,
        ends_at=ends_at,
        local_date=clock.local_date(starts_at, site.time_zone),
        booked_by=person(by),
        booked_at=now,
    )
    if public_id:
        booking.public_id = public_id
    override = Override(by, override_reason, now)
    with _claiming(chair, patient, starts_at, ends_at):
        return _kept(booking, chair, override=override, verb="block.booked")


def move_block(
    *,
    booking: Booking,
    chair: Chair,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    expected_revision: int,
    override_reason: str = "",
    now: datetime | None = None,
) -> Booking:
    """Give another visit another time or chair. Raises as :func:`block_chair`, and Stale."""
    now, starts_at, ends_at = now or clock.now(), instant(starts_at), instant(ends_at)
    by.require(Permission.BOOK, booking.site_id)
    _check_is_block(booking)
    _check(booking.kind, booking.title, starts_at, ends_at, patient=booking.patient)
    override = Override(by, override_reason, now)
    with _claiming(chair, booking.patient, starts_at, ends_at):
        stored = Booking.objects.locked().select_related("site", "patient", "chair").get(pk=booking.pk)
        _check_is_block(stored)
        if stored.revision != expected_revision:
            raise stale(snapshot(stored))
        if starts_at != stored.starts_at:
            check_bookable_time(starts_at, now=now)
        known = accepted(stored, chair, starts_at, ends_at)
        stored.starts_at, stored.ends_at = starts_at, ends_at
        stored.local_date = clock.local_date(starts_at, stored.site.time_zone)
        stored.sequence += 1
        return _kept(stored, chair, override=override, verb="block.moved", known=known)


@transaction.atomic(savepoint=False)
def release_block(
    *,
    booking: Booking,
    reason: str,
    by: Actor,
    expected_revision: int | None = None,
    now: datetime | None = None,
) -> Booking:
    """The chair is free again. Raises Invalid ``reason.missing``, and Stale."""
    now = now or clock.now()
    by.require(Permission.BOOK, booking.site_id)
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Give a reason."))})
    booking = Booking.objects.locked().select_related("site", "patient", "chair").get(pk=booking.pk)
    _check_is_block(booking)
    booking.is_live = False
    booking.sequence += 1
    return save_record(
        booking,
        verb="block.released",
        by=by,
        now=now,
        site=booking.site,
        patient=booking.patient,
        reason=storable(reason, field="reason").strip(),
        expected_revision=expected_revision,
    )


@contextmanager
def _claiming(chair: Chair, patient: Patient | None, start: datetime, end: datetime) -> Iterator[None]:
    """The transaction that claims a chair for a block, with everything locked; a constraint's refusal in words."""
    site = chair.site
    try:
        with transaction.atomic():
            lock(site=site, chairs=None, patient_id=patient.pk if patient else None, ranges=[(start, end)])
            yield
    except IntegrityError as error:
        raise obstacle(error, chair=chair, patient=patient, site=site, start=start, end=end) from error


def _kept(
    booking: Booking, chair: Chair, *, override: Override, verb: str, known: Collection[str] = ()
) -> Booking:
    check_chair(chair, site_id=booking.site_id)
    place(booking, chair, override=override, accepted=known)
    return save_record(
        booking,
        verb=verb,
        by=override.by,
        now=override.now,
        site=booking.site,
        patient=booking.patient,
        reason=booking.override_reason,
    )


def _check_is_block(booking: Booking) -> None:
    if booking.kind not in OTHER_KINDS:
        message = _("This is a session of a course. Move or cancel the session.")
        raise Conflict(Problem("block.is_session", message))
    if not booking.is_live:
        raise Conflict(Problem("block.released", _("This chair was freed already.")))


def _check(kind: str, title: str, starts_at: datetime, ends_at: datetime, *, patient: Patient | None) -> None:
    problems: dict[str, Problem] = {}
    if kind not in OTHER_KINDS:
        problems["kind"] = Problem("block.kind", _("Say what the chair is kept for."))
    if not title.strip():
        problems["title"] = Problem("block.title", _("Say in a few words what the chair is kept for."))
    if ends_at <= starts_at:
        problems["ends_at"] = Problem("block.order", _("The end comes before the start. Check the times."))
    elif (ends_at - starts_at).days >= LONGEST_DAYS:
        message = _("A chair is kept for at most %(days)s days at a time. Check the dates.")
        problems["ends_at"] = Problem("block.long", message, {"days": LONGEST_DAYS})
    if kind == Booking.Kind.MAINTENANCE and patient is not None:
        problems["patient"] = Problem(
            "block.patient", _("Maintenance has no patient. Leave the patient out.")
        )
    if problems:
        raise Invalid(problems)
    if patient is not None:
        check_is_alive(patient)
