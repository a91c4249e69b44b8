"""The grammar of an infusion: ``START (PAUSE RESUME)* [PAUSE] [END]``, in order of time. Pure.

A change of the pump's rate may stand anywhere between start and end, also while paused. Minutes infused and
milligrams given follow from the events and are never typed. A late or corrected event is put in its place and
everything is derived again.
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
    rate_microlitres_per_hour: int | None


FOLLOWS: dict[EventKind | None, frozenset[EventKind]] = {
    None: frozenset({EventKind.START}),
    EventKind.START: frozenset({EventKind.PAUSE, EventKind.END}),
    EventKind.PAUSE: frozenset({EventKind.RESUME, EventKind.END}),
    EventKind.RESUME: frozenset({EventKind.PAUSE, EventKind.END}),
    EventKind.END: frozenset(),
}
"""Of the events that switch the pump; a change of rate leaves it running or standing as it was."""
AT_ONE_MOMENT = {EventKind.RATE: 1, EventKind.END: 2}
"""Times are often typed to the minute: what may share its moment with the event before it, and in which order."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open range in which the pump ran at one rate; the last is open while it runs.

    Attributes:
        rate: microlitres per hour; None where no dose says it.
    """

    begun_at: datetime
    ended_at: datetime | None
    rate: int | None

    def seconds(self, at: datetime) -> Fraction:
        """How long it ran by ``at``, exactly."""
        until = at if self.ended_at is None else min(at, self.ended_at)
        return max(_seconds(until - self.begun_at), Fraction(0))


@dataclass(frozen=True, slots=True)
class Timeline:
    """An infusion derived from its events.

    Attributes:
        running_since: the start of the present stretch, or None while paused, before and after.
        infused: length of all completed stretches.
        stretches: half-open ranges in which ketamine ran; the last is open while it runs.
        rates: the same, parted where the rate changed.
        rate: the pump's last rate, also while it stands.
    """

    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_kind: str = ""
    running_since: datetime | None = None
    infused: timedelta = timedelta()
    stretches: tuple[tuple[datetime, datetime | None], ...] = ()
    rates: tuple[Stretch, ...] = ()
    rate: int | None = None

    @property
    def status(self) -> Status | None:
        """The status that the timeline alone decides; None before the start."""
        if self.started_at is None:
            return None
        if self.ended_at is not None:
            return Status.RECOVERING
        return Status.INFUSING if self.running_since else Status.PAUSED

    def infused_by(self, at: datetime) -> timedelta:
        """How long ketamine had run by ``at``."""
        until = ((start, min(at, end or at)) for start, end in self.stretches)
        return sum((max(end - start, timedelta()) for start, end in until), timedelta())

    def microlitres_by(self, at: datetime) -> Fraction | None:
        """The volume that had run in by ``at``, exactly; None where the rate of a stretch is not known."""
        total = Fraction(0)
        for stretch in self.rates:
            if stretch.rate is None:
                return None
            total += stretch.rate * stretch.seconds(at) / 3600
        return total


def derive(events: Iterable[Event], *, rate: int | None = None) -> Timeline:
    """Read the events in order of time. A change of rate and an end may share their moment with the event before:
    times are often typed to the minute, and that an infusion was over is never refused.

    Args:
        rate: at which the pump was started, in microlitres per hour.

    Raises:
        Conflict: they do not follow the grammar, or two others share a moment (``timeline.order``).
    """
    ordered = sorted(events, key=lambda event: (event.taken_at, AT_ONE_MOMENT.get(EventKind(event.kind), 0)))
    _check_grammar(ordered)
    if not ordered:
        return Timeline()
    stretches, rates, last_rate = _stretches(ordered, rate)
    last = ordered[-1]
    ended = last.kind == EventKind.END
    return Timeline(
        started_at=ordered[0].taken_at,
        ended_at=last.taken_at if ended else None,
        end_kind=last.end_kind if ended else "",
        running_since=stretches[-1][0] if stretches[-1][1] is None else None,
        infused=sum((end - start for start, end in stretches if end is not None), timedelta()),
        stretches=tuple(stretches),
        rates=tuple(rates),
        rate=last_rate,
    )


def _stretches(
    ordered: Sequence[Event], rate: int | None
) -> tuple[list[tuple[datetime, datetime | None]], list[Stretch], int | None]:
    """The stretches, the same parted by rate, and the last rate."""
    stretches: list[tuple[datetime, datetime | None]] = []
    rates: list[Stretch] = []
    since: datetime | None = None
    rate_since: datetime | None = None
    for event in ordered:
        at = event.taken_at
        if rate_since is not None and event.kind not in (EventKind.START, EventKind.RESUME):
            rates.append(Stretch(rate_since, at, rate))
            rate_since = at
        if event.kind == EventKind.RATE:
            rate = event.rate_microlitres_per_hour
        elif event.kind in (EventKind.START, EventKind.RESUME):
            since = rate_since = at
        elif since is not None:
            stretches.append((since, at))
            since = rate_since = None
    if since is not None and rate_since is not None:
        stretches.append((since, None))
        rates.append(Stretch(rate_since, None, rate))
    return stretches, rates, rate


def _check_grammar(ordered: Sequence[Event]) -> None:
    before: EventKind | None = None
    previous: Event | None = None
    for event in ordered:
        kind = EventKind(event.kind)
        follows = before is not None and before is not EventKind.END
        allowed = follows if kind is EventKind.RATE else kind in FOLLOWS[before]
        if not allowed or (previous is not None and _share_a_moment(previous, event)):
            message = _(
                "The infusion's times would be out of order: %(event)s cannot follow %(before)s. Check the time."
            )
            said = previous.kind if previous else _("nothing")
            raise Conflict(Problem("timeline.order", message, {"event": kind.value, "before": said}))
        before = before if kind is EventKind.RATE else kind
        previous = event


def _share_a_moment(previous: Event, event: Event) -> bool:
    """Whether two events stand at one moment that may not."""
    if previous.taken_at != event.taken_at or event.kind == EventKind.END:
        return False
    return event.kind != EventKind.RATE or previous.kind == EventKind.RATE


def delivered_micrograms(*, dose: int, bag_microlitres: int, microlitres: Fraction) -> int:
    """Micrograms in a volume of the bag; never more than the bag holds.

    delivered = volume infused x bag concentration, and the concentration is dose / volume of the bag.
    """
    return round(dose * min(microlitres / bag_microlitres, Fraction(1)))


def _seconds(length: timedelta) -> Fraction:
    return Fraction(length // timedelta(microseconds=1), 1_000_000)
