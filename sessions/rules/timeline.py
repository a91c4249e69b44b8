"""The grammar of an infusion: ``START (PAUSE RESUME)* [PAUSE] [END]``, in order of time. Pure.

Minutes infused and milligrams given follow from the events and are never typed. A late or corrected event is
put in its place and everything is derived again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Problem
from sessions.states import EventKind, Status


class Event(Protocol):
    """What the grammar needs to know of an event; an ``InfusionEvent`` fits."""

    kind: str
    taken_at: datetime
    end_kind: str


FOLLOWS: dict[EventKind | None, frozenset[EventKind]] = {
    None: frozenset({EventKind.START}),
    EventKind.START: frozenset({EventKind.PAUSE, EventKind.END}),
    EventKind.PAUSE: frozenset({EventKind.RESUME, EventKind.END}),
    EventKind.RESUME: frozenset({EventKind.PAUSE, EventKind.END}),
    EventKind.END: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """An infusion derived from its events.

    Attributes:
        running_since: the start of the present stretch, or None while paused, before and after.
        infused: length of all completed stretches.
        stretches: half-open ranges in which ketamine ran; the last is open while it runs.
    """

    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_kind: str = ""
    running_since: datetime | None = None
    infused: timedelta = timedelta()
    stretches: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def status(self) -> Status | None:
        """The status that the timeline alone decides; None before the start."""
        if self.started_at is None:
            return None
        if self.ended_at is not None:
            return Status.RECOVERING
        return Status.INFUSING if self.running_since else Status.PAUSED


def derive(events: Iterable[Event]) -> Timeline:
    """Read the events in order of time. An end may share its moment with the event before it: times are often
    typed to the minute, and that an infusion was over is never refused.

    Raises:
        Conflict: they do not follow the grammar, or two others share a moment (``timeline.order``).
    """
    ordered = sorted(events, key=lambda event: (event.taken_at, event.kind == EventKind.END))
    _check_grammar(ordered)
    if not ordered:
        return Timeline()
    stretches: list[tuple[datetime, datetime | None]] = []
    running_since: datetime | None = None
    for event in ordered:
        if event.kind in (EventKind.START, EventKind.RESUME):
            running_since = event.taken_at
        elif running_since is not None:
            stretches.append((running_since, event.taken_at))
            running_since = None
    infused = sum((end - start for start, end in stretches if end is not None), timedelta())
    if running_since is not None:
        stretches.append((running_since, None))
    last = ordered[-1]
    ended = last.kind == EventKind.END
    return Timeline(
        started_at=ordered[0].taken_at,
        ended_at=last.taken_at if ended else None,
        end_kind=last.end_kind if ended else "",
        running_since=running_since,
        infused=infused,
        stretches=tuple(stretches),
    )


def _check_grammar(ordered: Sequence[Event]) -> None:
    previous: Event | None = None
    for event in ordered:
        kind = EventKind(event.kind)
        same_moment = previous is not None and previous.taken_at == event.taken_at and kind != EventKind.END
        before = EventKind(previous.kind) if previous else None
        if kind not in FOLLOWS[before] or same_moment:
            message = _(
                "The infusion's times would be out of order: %(event)s cannot follow %(before)s. Check the time."
            )
            names = {"event": kind.value, "before": before.value if before else _("nothing")}
            raise Conflict(Problem("timeline.order", message, names))
        previous = event


def delivered_micrograms(*, dose: int, planned_minutes: int, infused: timedelta, completed: bool) -> int:
    """Micrograms given so far at the constant planned rate; the whole dose once completed, never more.

    delivered = volume infused x bag concentration, which at a constant rate is dose x time / planned time.
    """
    if completed:
        return dose
    share = Fraction(int(infused.total_seconds()), planned_minutes * 60)
    return round(dose * min(share, Fraction(1)))
