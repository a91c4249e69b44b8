"""Steps by which a booking takes its place: locks in the house's order, what is in the way, and provisional chairs.

Whoever claims a chair holds that chair's row, so that looking for what is in the way and claiming are one act. The
database's own constraints stand behind it for whatever comes by another path.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q
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
from sessions.rules.capacity import CHAIR_TAKEN, OVERRIDABLE, obstacles_to_time
from sessions.rules.taken import chair_taken, no_chair, patient_taken
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
    """Lock in the house's order: chairs, patients, the shifts that count for these ranges, sessions.

    Whoever writes more than one session takes the lock of every chair, so that these do not wait for each other in
    two orders; and before its first write, because the audit's head is locked by then.

    Args:
        chairs: those to be claimed; None: all of the site, because one is to be found or provisional bookings in
            these ranges may have to make room. Those bookings' patients and sessions are then locked, too.
    """
    # Without this PostgreSQL's exclusion constraint deadlocks under many writers.
    wanted = (
        Chair.objects.filter(site=site)
        if chairs is None
        else Chair.objects.filter(pk__in={chair.pk for chair in chairs})
    )
    list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    others = _provisional(site, ranges) if chairs is None else []
    named = (patient_id, *(other.patient_id for other in others))
    patients = {pk for pk in named if pk is not None}
    list(Patient.objects.locked().filter(pk__in=patients).order_by("pk").values_list("pk"))
    if site.rules.patients_per_nurse and ranges:
        start, end = min(start for start, _end in ranges), max(end for _start, end in ranges)
        list(Shift.objects.filter(site=site).standing().overlapping(start, end).locked().values_list("pk"))
    if others:
        list(InfusionSession.objects.locked().filter(booking__in=others).order_by("pk").values_list("pk"))


def _provisional(site: Site, ranges: Sequence[Range]) -> list[Booking]:
    """Bookings that another one for a chair in these ranges might move aside. Only whoever holds every chair makes
    such a booking, so there is none that this does not see."""
    if not ranges:
        return []
    first, last = min(start for start, _end in ranges), max(end for _start, end in ranges)
    meant = reduce(or_, (Q(starts_at__lt=end, ends_at__gt=start) for start, end in ranges))
    live = Booking.objects.live().filter(chair__in=Chair.objects.filter(site=site)).overlapping(first, last)
    return list(live.filter(meant, is_chair_provisional=True).only("patient_id"))


def check_chair(chair: Chair, *, site_id: int) -> None:
    """Raises Conflict for another site's chair and for one that is out of service, as it stands under its lock."""
    if chair.site_id != site_id:
        raise Conflict(Problem("chair.other_site", _("This chair stands at another site.")))
    if not Chair.objects.in_service().filter(pk=chair.pk).exists():
        message = _("%(chair)s is out of service. Choose another chair.")
        raise Conflict(Problem("chair.out_of_service", message, {"chair": chair.name}))


def place(
    booking: Booking,
    chair: Chair | None,
    *,
    override: Override,
    exchange: bool = True,
    accepted: Collection[str] = (),
) -> None:
    """Decide a booking's chair and what it is booked against; the caller saves it.

    Args:
        chair: None: whichever is free, provisionally.
        exchange: whether provisional bookings in the way may be given another chair; it takes the lock of all chairs.
        accepted: codes that need no reason: of :func:`accepted`, before the booking was changed.

    Raises:
        Refused: an override without the right.
        Conflict: the patient is booked elsewhere, or no chair is free; the site is closed, has too few nurses, or
            the chair is taken, and no reason is given.
        ChairsNeeded: the chair could be had by an exchange, and ``exchange`` is False.
    """
    check_patient_is_free(booking)
    found = _obstacles_to_time(booking)
    booking.is_chair_provisional, keeper = chair is None, None
    if chair is None:
        chair, aside = _any_chair(booking)
    else:
        keeper, aside = in_the_way(booking, chair, exchange=exchange)
    booking.chair, booking.is_overbooked = chair, keeper is not None
    if keeper is not None:
        found.append(taken_problem(keeper, chair))
    _note_overrides(booking, found, override=override, accepted=accepted)
    move_aside(aside, by=override.by, now=override.now)


class ChairsNeeded(Exception):
    """The lock of every chair of the site is needed: begin again with it."""


def check_patient_is_free(booking: Booking) -> None:
    """Raises Conflict ``booking.patient_taken``."""
    # The constraint would refuse as well, but it makes a writer wait for whoever is just cancelling the other visit.
    live = Booking.objects.live().exclude(pk=booking.pk).overlapping(booking.starts_at, booking.ends_at)
    if booking.patient_id is None:
        return
    other = live.filter(patient_id=booking.patient_id).order_by("starts_at").first()
    if other is not None:
        raise Conflict(patient_taken(other.starts_at, other.ends_at, booking.site))


def _obstacles_to_time(booking: Booking) -> list[Problem]:
    if booking.kind == Booking.Kind.MAINTENANCE:
        return []
    nursed, besides = booking.kind in Booking.NURSED, [booking.pk] if booking.pk else []
    return obstacles_to_time(booking.site, booking.starts_at, booking.ends_at, nursed=nursed, besides=besides)


def _others(booking: Booking) -> BookingQuerySet:
    """Live bookings that share an instant with this one, in whichever chair.

    Left out are those that were booked upon it deliberately, where it is stored: they are in nobody's way but their
    own. One that was booked upon another is in the way of everybody else, for somebody will sit there.
    """
    live = Booking.objects.live().exclude(pk=booking.pk).overlapping(booking.starts_at, booking.ends_at)
    if not booking.pk:
        return live
    where_it_stands = Booking.objects.filter(
        pk=booking.pk,
        chair=OuterRef("chair"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    return live.exclude(Exists(where_it_stands), is_overbooked=True)


def _free_chairs(booking: Booking) -> list[Chair]:
    """Chairs that are free for all the time of a booking; its own before the others."""
    chairs = list(Chair.objects.filter(site_id=booking.site_id).in_service().order_by("position", "name"))
    taken = set(_others(booking).filter(chair__in=chairs).values_list("chair", flat=True))
    free = [chair for chair in chairs if chair.pk not in taken]
    return sorted(free, key=lambda chair: chair.pk != booking.chair_id)


Aside = tuple[Booking, Chair]
"""A provisional booking that makes room, and the chair that it goes to."""


def _any_chair(booking: Booking) -> tuple[Chair, Sequence[Aside]]:
    """A free chair; where none is, one whose provisional bookings can all go elsewhere."""
    if free := _free_chairs(booking):
        return free[0], ()
    for chair in Chair.objects.filter(site_id=booking.site_id).in_service().order_by("position", "name"):
        keeper, aside = in_the_way(booking, chair)
        if keeper is None:
            return chair, aside
    raise Conflict(no_chair(booking.starts_at, booking.ends_at, booking.site))


def in_the_way(
    booking: Booking, chair: Chair, *, exchange: bool = True
) -> tuple[Booking | None, Sequence[Aside]]:
    """The first booking that keeps the chair; or none, and the provisional ones that make room for this one.

    Raises:
        ChairsNeeded: only provisional ones are in the way, and ``exchange`` is False.
    """
    others = list(_others(booking).filter(chair=chair).select_related("site").order_by("starts_at"))
    fixed = next((other for other in others if not other.is_chair_provisional), None)
    if fixed is not None or not others:
        return fixed, ()
    if not exchange:
        raise ChairsNeeded
    aside = []
    for other in others:
        free = [elsewhere for elsewhere in _free_chairs(other) if elsewhere.pk != chair.pk]
        if not free:
            return other, ()
        aside.append((other, free[0]))
    return None, aside


def move_aside(aside: Iterable[Aside], *, by: Actor, now: datetime) -> None:
    """Give provisional bookings their other chairs."""
    for other, elsewhere in aside:
        seat(other, elsewhere, by=by, now=now, verb="session.chair_exchanged")


def let_go(booking: Booking) -> None:
    """Free a booking's place within a transaction that claims another one for it, so that others can take it."""
    booking.is_live = False
    # The history tells of the move, not of the moment in between.
    booking.skip_history_when_saving = True  # type: ignore[attr-defined]
    booking.save(update_fields=["is_live"])
    del booking.skip_history_when_saving  # type: ignore[attr-defined]
    booking.is_live = True


def seat(booking: Booking, chair: Chair, *, by: Actor, now: datetime, verb: str) -> None:
    """Write another, free chair onto a booking and, while it has not begun, onto its session, which is locked."""
    before = booking.chair_id
    booking.chair, booking.is_overbooked = chair, False
    booking.overrides = [code for code in booking.overrides if code != CHAIR_TAKEN]
    booking.override_reason = booking.override_reason if booking.overrides else ""
    booking.revision += 1
    booking.sequence += 1
    booking._history_date = now  # type: ignore[attr-defined]
    booking._history_user = by.user  # type: ignore[attr-defined]
    booking.save()
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


def accepted(booking: Booking, chair: Chair | None, starts_at: datetime, ends_at: datetime) -> frozenset[str]:
    """Codes of what needs no reason again, because a booking stays where it is.

    At its own time nothing is asked about the time, whatever was put beside it since; in its own chair nothing about
    the one that it was booked upon.
    """
    if (starts_at, ends_at) != (booking.starts_at, booking.ends_at):
        return frozenset()
    stays = chair is not None and chair.pk == booking.chair_id
    upon = {CHAIR_TAKEN} & set(booking.overrides) if stays else set()
    return OVERRIDABLE - {CHAIR_TAKEN} | upon


def _note_overrides(
    booking: Booking, found: Sequence[Problem], *, override: Override, accepted: Collection[str]
) -> None:
    new = [problem for problem in found if problem.code not in accepted]
    if new and not override.is_given:
        raise Conflict(new[0], also=new[1:])
    if new:
        override.by.require(Permission.OVERBOOK, booking.site_id)
        booking.override_reason = storable(override.reason, field="override_reason").strip()
    told = {*booking.overrides, *(problem.code for problem in new)}
    booking.overrides = [problem.code for problem in found if problem.code in told]
    booking.override_reason = booking.override_reason if booking.overrides else ""


def taken_problem(other: Booking, chair: Chair) -> Problem:
    """The sentence for a booking that keeps a chair."""
    return chair_taken(chair.name, other.starts_at, other.ends_at, chair.site)


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
    return Conflict(patient_taken(other.starts_at if other else start, other.ends_at if other else end, site))
