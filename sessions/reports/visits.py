"""What is booked at a site between two instants: sessions of courses and other uses of its chairs?

A reader learns a patient's name only with the right to open that patient's record; otherwise initials.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from patients.models import Patient
from sessions.models import Booking, InfusionSession
from sessions.rules.capacity import CHAIR_TAKEN, CLOSED, NURSES, OUTSIDE_HOURS
from sessions.rules.schedule import check_can_see_schedule
from sessions.states import ENDED, OFF, PRESENT, Status

LONGEST = timedelta(days=31)
"""No use of a chair lasts longer, so that nothing which began before this is still going on."""

OVERRIDES = {
    CHAIR_TAKEN: _("overbooked"),
    CLOSED: _("closed"),
    OUTSIDE_HOURS: _("outside hours"),
    NURSES: _("too few nurses"),
}
"""What was booked against, in a word."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a visit's length: ``Part("infusion", 40)``."""

    kind: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One use of a chair, ``[starts_at, ends_at)``.

    Attributes:
        id: of the booking.
        who: the patient's name or initials; without a patient, what the chair is kept for.
        patient_id: the record, for a reader who may open it.
        starts_at, ends_at: as planned; a visit that ended earlier ends then, and its chair is free.
        chair: where the patient is to sit; once arrived, where they do sit.
        number: which infusion of the course, of ``planned``; 0 for what is no infusion.
        revision: of the row that is moved: the session, else the booking.

    Example: ``Visit(id, session_id, "infusion", "", "Silva, Rui", patient_id, start, end, chair, None, SCHEDULED, 3, 6,
    (Part("preparation", 30), Part("infusion", 40), Part("recovery", 60)), 2)``
    """

    id: UUID
    session_id: UUID | None
    kind: str
    title: str
    who: str
    patient_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    chair: Chair
    nurse: Any
    status: Status | None
    number: int
    planned: int
    parts: tuple[Part, ...]
    revision: int
    has_patient: bool = True
    is_provisional: bool = False
    is_overbooked: bool = False
    overrides: tuple[str, ...] = ()
    override_reason: str = ""

    @property
    def flags(self) -> list[Any]:
        """What it was booked against, in words."""
        return [OVERRIDES.get(code, code) for code in self.overrides]

    @property
    def is_movable(self) -> bool:
        return self.status in {None, Status.SCHEDULED}

    @property
    def is_assignable(self) -> bool:
        return self.status is Status.SCHEDULED or self.is_present

    @property
    def is_present(self) -> bool:
        return self.status in PRESENT

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    @property
    def is_off(self) -> bool:
        return self.status in OFF

    @property
    def is_nursed(self) -> bool:
        return self.kind in Booking.NURSED

    @property
    def minutes(self) -> int:
        return clock.whole_minutes(self.ends_at - self.starts_at)

    def is_during(self, start: datetime, end: datetime) -> bool:
        return self.starts_at < end and self.ends_at > start


def read_visits(site: Site, *, start: datetime, end: datetime, actor: Actor) -> list[Visit]:
    """Every visit that shares an instant with the range, called off ones too, in the order of their times.

    In three queries, however many there are.

    Raises:
        Refused: without a right that opens the schedule of the site.
    """
    check_can_see_schedule(actor, site.pk)
    sessions, blocks = _sessions(site, start, end), _blocks(site, start, end)
    patients = {row.patient_id for row in (*sessions, *blocks) if row.patient_id}
    known = set(Patient.objects.for_user(actor).filter(pk__in=patients).values_list("pk", flat=True))
    found = [_of_session(row, known) for row in sessions] + [_of_block(row, known) for row in blocks]
    kept = [visit for visit in found if visit.is_during(start, end)]
    return sorted(
        kept, key=lambda visit: (visit.starts_at, visit.chair.position, visit.chair.name, str(visit.id))
    )


SHOWN = (
    *(f"patient__{name}" for name in ("public_id", "family_name", "given_name")),
    *(f"booking__{name}" for name in ("public_id", "is_chair_provisional", "is_overbooked", "is_live")),
    *(f"booking__{name}" for name in ("overrides", "override_reason", "chair")),
    *(f"chair__{name}" for name in ("public_id", "name", "position", "is_in_service")),
    *(f"nurse__{name}" for name in ("public_id", "display_name", "credential")),
    *("course__duration_minutes", "course__planned_infusions"),
    *(f"course__protocol_version__{name}" for name in ("preparation_minutes", "recovery_minutes")),
)
"""Whole rows of patients and protocols would cost more than the schedule itself."""
OF_SESSION = (
    "public_id",
    "status",
    "scheduled_start",
    "scheduled_end",
    "closed_at",
    "revision",
    "site",
    "local_date",
)


def _sessions(site: Site, start: datetime, end: datetime) -> list[Any]:
    # A session is shorter than a day; by its day, the index of days finds it.
    days = (_day(start, site, -timedelta(days=1)), _day(end, site))
    rows = InfusionSession.objects.filter(site=site, local_date__range=days)
    rows = rows.filter(scheduled_start__lt=end, scheduled_end__gt=start).with_number()
    rows = rows.select_related("patient", "booking", "chair", "nurse", "course__protocol_version")
    return list(rows.only(*OF_SESSION, *SHOWN))


def _blocks(site: Site, start: datetime, end: datetime) -> list[Any]:
    days = (_day(start, site, -LONGEST), _day(end, site))
    rows = Booking.objects.live().filter(site=site, local_date__range=days).overlapping(start, end)
    return list(rows.exclude(kind=Booking.Kind.INFUSION).select_related("patient", "chair"))


def _day(at: datetime, site: Site, shift: timedelta = timedelta()) -> Any:
    return clock.local_date(at, site.time_zone) + shift


def _of_session(session: Any, known: set[int]) -> Visit:
    booking, version, start = session.booking, session.course.protocol_version, session.scheduled_start
    state, end = session.state, session.scheduled_end
    if session.closed_at and state in ENDED:
        end = max(min(end, session.closed_at), start + timedelta(minutes=1))
    lengths = (version.preparation_minutes, session.course.duration_minutes, version.recovery_minutes)
    return Visit(
        id=booking.public_id,
        session_id=session.public_id,
        kind=Booking.Kind.INFUSION,
        title="",
        who=name_of(session.patient, known),
        patient_id=session.patient.public_id if session.patient_id in known else None,
        starts_at=start.astimezone(UTC),
        ends_at=end.astimezone(UTC),
        chair=session.chair,
        nurse=session.nurse,
        status=state,
        number=session.number,
        planned=session.course.planned_infusions,
        parts=_parts(lengths, clock.whole_minutes(end - start)),
        revision=session.revision,
        is_provisional=booking.is_chair_provisional and state is Status.SCHEDULED,
        is_overbooked=booking.is_overbooked,
        overrides=tuple(booking.overrides),
        override_reason=booking.override_reason if session.patient_id in known else "",
    )


def _of_block(booking: Any, known: set[int]) -> Visit:
    # What was written about a patient may name them.
    told = booking.patient_id is None or booking.patient_id in known
    return Visit(
        id=booking.public_id,
        session_id=None,
        kind=booking.kind,
        title=booking.title if told else "",
        who=name_of(booking.patient, known) if booking.patient_id else booking.title,
        patient_id=booking.patient.public_id if booking.patient_id in known else None,
        starts_at=booking.starts_at.astimezone(UTC),
        ends_at=booking.ends_at.astimezone(UTC),
        chair=booking.chair,
        nurse=None,
        status=None,
        number=0,
        planned=0,
        parts=(),
        revision=booking.revision,
        has_patient=booking.patient_id is not None,
        is_provisional=booking.is_chair_provisional,
        is_overbooked=booking.is_overbooked,
        overrides=tuple(booking.overrides),
        override_reason=booking.override_reason if told else "",
    )


def name_of(patient: Any, known: Iterable[int]) -> str:
    """The name for those who may open the record; else initials."""
    return patient.full_name if patient.pk in known else initials(patient)


def initials(patient: Any) -> str:
    """``G.F.``; empty for a visit without a patient."""
    if patient is None:
        return ""
    return "".join(f"{name[:1]}." for name in (patient.given_name, patient.family_name) if name)


def _parts(lengths: Sequence[int], minutes: int) -> tuple[Part, ...]:
    """Preparation, infusion and recovery as far as the visit is long; what is over the plan is recovery."""
    preparation, infusion, _recovery = lengths
    edges = (0, min(preparation, minutes), min(preparation + infusion, minutes), minutes)
    kinds = ("preparation", "infusion", "recovery")
    parts = [Part(kind, edges[place + 1] - edges[place]) for place, kind in enumerate(kinds)]
    return tuple(part for part in parts if part.minutes)
