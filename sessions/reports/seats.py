"""Which chairs could a session have at its time, and until when are the others taken?"""

from dataclasses import dataclass
from datetime import datetime

from clinic.accounts.actor import Actor
from clinic.facilities.models import Chair
from sessions.models import Booking, InfusionSession


@dataclass(frozen=True, slots=True)
class Seat:
    """A chair in service; ``taken`` is what keeps it during the session: ``Seat(chair, (9:00, 11:10), False)``.

    A booking whose own chair is open does not keep one: it makes room where another chair is free.
    """

    chair: Chair
    taken: tuple[datetime, datetime] | None
    is_held: bool


def seats_of(session: InfusionSession, *, actor: Actor) -> list[Seat]:
    """The chairs of the session's site, in two queries."""
    chairs = list(Chair.objects.for_user(actor).filter(site=session.site_id).in_service())
    live = Booking.objects.for_user(actor).live().filter(chair__in=chairs, is_chair_provisional=False)
    live = live.overlapping(session.scheduled_start, session.scheduled_end).exclude(pk=session.booking_id)
    # What was put upon this very booking is in nobody's way but its own.
    kept = live.exclude(chair=session.chair_id, is_overbooked=True).order_by("-starts_at")
    taken = {chair: (start, end) for chair, start, end in kept.values_list("chair", "starts_at", "ends_at")}
    return [Seat(chair, taken.get(chair.pk), chair.pk == session.chair_id) for chair in chairs]
