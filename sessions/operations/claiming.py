"""Steps by which a booking takes its place: locks in the house's order, what is in the way, and provisional chairs.

Whoever claims a chair holds that chair's row, so that looking for what is in the way and claiming are one act. The
database's own constraints stand behind it for whatever comes by another path.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Problem
from clinic.common.text import storable
from clinic.facilities.models import Chair, Shift, Site
from patients.models import Patient
from sessions.models import Booking, InfusionSession
from sessions.models.booking import BookingQuerySet
from sessions.rules.capacity import CHAIR_TAKEN, obstacles_to_time
from sessions.states import Status

Range = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Override:
    """By whom and why a booking may be made against the rules; without a reason none is."""

    by: Actor
    reason: str
    now: datetime

    @property
    def is_given(self) -> bool:
        return bool(self.reason.strip())


def instant(at: datetime) -> datetime:
    """The same moment in UTC: in a place's own zone Python adds minutes to what the clock on the wall shows, an hour
    off on two nights."""
    return at.astimezone(UTC)


def lock(
    *, site: Site, chairs: Iterable[Chair] | None, patient_id: int | None, ranges: Sequence[Range]
) -> None:
    """Lock in the house's order: chairs, patient, and the shifts that count for these ranges.

    Args:
        chairs: those to be claimed; None: all of the site, because one is to be found or exchanged.
    """
    # Without this PostgreSQL's exclusion constraint deadlocks under many writers.
    wanted = (
        Chair.objects.filter(site=site)
        if chairs is None
        else Chair.objects.filter(pk__in={chair.pk for chair in chairs})
    )
    list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    if patient_id is not None:
        Patient.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=patient_id)
    if site.rules.patients_per_nurse and ranges:
        start, end = min(start for start, _end in ranges), max(end for _start, end in ranges)
        list(Shift.objects.filter(site=site).standing().overlapping(start, end).locked().values_list("pk"))


def check_chair(chair: Chair, *, site_id: int) -> None:
    """Raises Conflict for another site's chair and for one that is out of service."""
    if chair.site_id != site_id:
        raise Conflict(Problem("chair.other_site", _("This chair stands at another site.")))
    if not chair.is_in_service:
        message = _("%(chair)s is out of service. Choose another chair.")
        raise Conflict(Problem("chair.out_of_service", message, {"chair": chair.name}))


def place(booking: Booking, chair: Chair | None, *, override: Override, exchange: bool = True) -> None:
    """Decide a booking's chair and what it is booked against; the caller saves it.

    Args:
        chair: None: whichever is free, provisionally.
        exchange: whether provisional bookings in the way may be given another chair; it takes the lock of all chairs.

    Raises:
        Refused: an override without the right.
        Conflict: the site is closed, has too few nurses, or the chair is taken, and no reason is given.
        ChairsNeeded: the chair could be had by an exchange, and ``exchange`` is False.
    """
    site, start, end = booking.site, booking.starts_at, booking.ends_at
    besides = [booking.pk] if booking.pk else []
    found: list[Problem] = []
    if booking.kind != Booking.Kind.MAINTENANCE:
        nursed = booking.kind in Booking.NURSED
        found = obstacles_to_time(site, start, end, nursed=nursed, besides=besides)
    booking.is_chair_provisional = chair is None
    booking.is_overbooked = False
    if chair is None:
        booking.chair = _free_chair(booking)
    else:
        booking.chair = chair
        if in_the_way := keeps_the_chair(booking, by=override.by, now=override.now, exchange=exchange):
            found.append(taken_problem(in_the_way, chair))
            booking.is_overbooked = True
    _note_overrides(booking, found, override=override)


class ChairsNeeded(Exception):
    """The lock of every chair of the site is needed: begin again with it."""


def _free_chair(booking: Booking) -> Chair:
    chairs = Chair.objects.filter(site_id=booking.site_id).in_service()
    taken = _ordinary(booking).values_list("chair", flat=True)
    free = chairs.exclude(pk__in=taken).order_by("position", "name").first()
    if free is None:
        message = _("No chair is free from %(start)s to %(end)s. Choose another time.")
        raise Conflict(
            Problem("booking.no_chair", message, _clock(booking.starts_at, booking.ends_at, booking.site))
        )
    return free


def _ordinary(booking: Booking) -> BookingQuerySet:
    """Live ordinary bookings at the site that share an instant with this one."""
    live = Booking.objects.live().filter(site_id=booking.site_id, is_overbooked=False).exclude(pk=booking.pk)
    return live.overlapping(booking.starts_at, booking.ends_at)


def keeps_the_chair(booking: Booking, *, by: Actor, now: datetime, exchange: bool = True) -> Booking | None:
    """The first booking that keeps the chair, after provisional ones have made room where they can."""
    for other in _ordinary(booking).filter(chair=booking.chair).select_related("site").order_by("starts_at"):
        if not other.is_chair_provisional:
            return other
        if not exchange:
            raise ChairsNeeded
        if not _moved_aside(other, booking, by=by, now=now):
            return other
    return None


def _moved_aside(other: Booking, booking: Booking, *, by: Actor, now: datetime) -> bool:
    """Give a provisional booking another chair that is free for all its time."""
    taken = set(_ordinary(other).values_list("chair", flat=True)) | {booking.chair_id}
    free = Chair.objects.filter(site_id=other.site_id).in_service().exclude(pk__in=taken)
    chair = free.order_by("position", "name").first()
    if chair is None:
        return False
    seat(other, chair, by=by, now=now, verb="session.chair_exchanged")
    return True


def seat(booking: Booking, chair: Chair, *, by: Actor, now: datetime, verb: str) -> None:
    """Write another chair onto a booking and, while it has not begun, onto its session."""
    before = booking.chair_id
    booking.chair = chair
    booking.revision += 1
    booking.sequence += 1
    booking._history_date = now  # type: ignore[attr-defined]
    booking._history_user = by.user  # type: ignore[attr-defined]
    booking.save(update_fields=["chair", "revision", "sequence", "is_chair_provisional"])
    session = InfusionSession.objects.locked().filter(booking=booking, status=Status.SCHEDULED).first()
    if session is not None:
        session.chair = chair
        session.revision += 1
        session.save(update_fields=["chair", "revision"])
    record(
        verb=verb,
        subject=session or booking,
        by=by,
        now=now,
        site=booking.site,
        patient=booking.patient,
        before={"chair": before},
        after={"chair": chair.pk},
    )


def _note_overrides(booking: Booking, found: Sequence[Problem], *, override: Override) -> None:
    booking.overrides, booking.override_reason = [], ""
    if not found:
        return
    if not override.is_given:
        raise Conflict(found[0], also=found[1:])
    override.by.require(Permission.OVERBOOK, booking.site_id)
    booking.overrides = [problem.code for problem in found]
    booking.override_reason = storable(override.reason, field="override_reason").strip()


def taken_problem(other: Booking, chair: Chair) -> Problem:
    """The sentence that names what is in the way, by its time and never by a patient's name."""
    message = _("%(chair)s is taken from %(start)s to %(end)s. Choose another time or chair.")
    params = _clock(other.starts_at, other.ends_at, chair.site)
    return Problem(CHAIR_TAKEN, message, {"chair": chair.name, **params})


def obstacle(
    error: IntegrityError,
    *,
    chair: Chair | None,
    patient: Patient | None,
    site: Site,
    start: datetime,
    end: datetime,
) -> Exception:
    """The sentence for a constraint that refused; the error itself where it was another one."""
    name = violated(error)
    live = Booking.objects.live().overlapping(start, end)
    if name == "booking_chair_once" and chair is not None:
        other = live.filter(chair=chair, is_overbooked=False).order_by("starts_at").first()
        return Conflict(taken_problem(other or Booking(starts_at=start, ends_at=end), chair))
    if name != "booking_patient_once" or patient is None:
        return error
    other = live.filter(patient=patient).order_by("starts_at").first()
    message = _("This patient is booked from %(start)s to %(end)s already. Choose another time.")
    params = _clock(other.starts_at if other else start, other.ends_at if other else end, site)
    return Conflict(Problem("booking.patient_taken", message, params))


def _clock(start: datetime, end: datetime, site: Site) -> dict[str, str]:
    return {
        "start": start.astimezone(site.zone).strftime("%H:%M"),
        "end": end.astimezone(site.zone).strftime("%H:%M"),
    }
