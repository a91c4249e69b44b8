"""What stands in the way of a time that somebody has chosen by hand: the sentences with which a booking is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem, problems_of
from sessions.rules import capacity
from sessions.rules.free_times import FreeTimes, Taken
from sessions.rules.planning import check_bookable_time, gap_problem
from sessions.rules.proposing import Spacing
from sessions.rules.taken import chair_taken, no_chair, patient_taken


@dataclass(frozen=True, slots=True)
class Chosen:
    """A time, and the inner key of a chair; None: assigned at check-in."""

    starts_at: datetime
    chair: int | None = None


def obstacles(
    known: FreeTimes,
    chosen: Chosen,
    *,
    spacing: Spacing,
    others: Iterable[datetime] = (),
    days: Iterable[date] = (),
) -> list[Problem]:
    """Everything that a booking at this time would be refused for.

    Args:
        others: when other visits of the series begin that are to be booked with it.
        days: those of the course's sessions that stay as they are.
    """
    start, end = chosen.starts_at, chosen.starts_at + known.length
    beside = tuple(others)
    found = [*_of_the_time(known, start), *_of_the_gap(known, start, spacing, beside, days)]
    patient = Taken([(other, other + known.length) for other in beside]).overlapping(start, end)
    if overlapping := patient or known.patient.overlapping(start, end):
        found.append(patient_taken(*overlapping[0], known.times.site))
    if problem := _of_the_chair(known, chosen, end):
        found.append(problem)
    return found


def _of_the_time(known: FreeTimes, start: datetime) -> list[Problem]:
    if problems := problems_of(check_bookable_time, starts_at=start, now=known.now):
        return list(problems)
    end, site = start + known.length, known.times.site
    found = capacity.opening_problems(known.times, start, end)
    if nurses := capacity.nurse_problem(known.load(start, end), site, start, end):
        found.append(nurses)
    return found


def _of_the_gap(
    known: FreeTimes, start: datetime, spacing: Spacing, others: Iterable[datetime], days: Iterable[date]
) -> list[Problem]:
    day = known.local(start).date()
    every = [*days, *(known.local(other).date() for other in others)]
    near = [other for other in every if abs((other - day).days) < spacing.least]
    return [gap_problem(near[0], spacing.least)] if near else []


def _of_the_chair(known: FreeTimes, chosen: Chosen, end: datetime) -> Problem | None:
    start, site = chosen.starts_at, known.times.site
    if chosen.chair is None:
        if any(chair.is_free(start, end) for chair in known.chairs):
            return None
        return no_chair(start, end, site)
    chair = known.chair(chosen.chair)
    if chair is None:
        return Problem(
            "chair.out_of_service", _("This chair is out of service or gone. Choose another chair.")
        )
    keeper = known.keeper(chair, start, end)
    return chair_taken(chair.name, *keeper, site) if keeper else None
