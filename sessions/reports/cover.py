"""Which booked hours have no nurse: in a period, or because of somebody's leave?

A nurse on duty covers as many patients as the site's rule allows; where the rule is not set, any number, so that only
time without any nurse is uncovered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from clinic.accounts.actor import Actor
from clinic.facilities.models import Shift, Site, StaffLeave
from clinic.facilities.rules.duty import Duty, duties
from clinic.facilities.rules.opening import Range
from sessions.models import Booking


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch with too few nurses: ``Gap(datetime(…), datetime(…), patients=5, nurses=1)``, at its worst."""

    starts_at: datetime
    ends_at: datetime
    patients: int
    nurses: int


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The answer for one site.

    Attributes:
        time: booked time of patients beyond what the nurses cover; two patients for an hour are two hours.
        visits: how many bookings have some of it.
    """

    site: Site
    time: timedelta
    visits: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    starts_at: datetime
    ends_at: datetime
    patients: int
    nurses: int
    over: int


def uncovered(site: Site, start: datetime, end: datetime) -> Uncovered:
    """All of a period. A fixed number of queries."""
    booked = _booked(site, start, end)
    return _answer(site, _steps(site, booked, duties(site, start, end), None, start, end), booked)


def uncovered_by(leave: StaffLeave, *, actor: Actor) -> list[Uncovered]:
    """What would be covered if this person were there, at each of the reader's sites where they have a shift then."""
    shifts = Shift.objects.for_user(actor).filter(user=leave.user_id).standing()
    found = shifts.overlapping(leave.starts_at, leave.ends_at).select_related("site").order_by("site__name")
    sites = {shift.site_id: shift.site for shift in found}
    start, end = leave.starts_at, leave.ends_at
    answers = []
    for site in sites.values():
        booked = _booked(site, start, end)
        without_leave = duties(site, start, end, besides_leave=leave)
        steps = _steps(site, booked, duties(site, start, end), without_leave, start, end)
        answers.append(_answer(site, steps, booked))
    return answers


def _booked(site: Site, start: datetime, end: datetime) -> list[Range]:
    live = Booking.objects.live().nursed().filter(site=site).overlapping(start, end)
    return list(live.values_list("starts_at", "ends_at"))


def _steps(
    site: Site,
    booked: Sequence[Range],
    known: Iterable[Duty],
    otherwise: Iterable[Duty] | None,
    start: datetime,
    end: datetime,
) -> Iterator[_Step]:
    """One sweep over every edge, with how many patients are too many, beyond those that would be so ``otherwise``."""
    patients, nurses = _edges(booked), _edges(_ranges(known))
    others = _edges(_ranges(otherwise)) if otherwise is not None else Counter[datetime]()
    edges = sorted({start, end, *patients, *nurses, *others})
    now = [0, 0, 0]
    most = site.rules.patients_per_nurse
    for at, until in pairwise(edges):
        now = [count + change[at] for count, change in zip(now, (patients, nurses, others), strict=True)]
        over = _over(now[0], now[1], most)
        if otherwise is not None:
            over = max(0, over - _over(now[0], now[2], most))
        if over and at < end and until > start:
            yield _Step(max(at, start), min(until, end), now[0], now[1], over)


def _ranges(known: Iterable[Duty]) -> list[Range]:
    return [(duty.starts_at, duty.ends_at) for duty in known]


def _edges(ranges: Iterable[Range]) -> Counter[datetime]:
    found: Counter[datetime] = Counter()
    for begins, ends in ranges:
        found[begins] += 1
        found[ends] -= 1
    return found


def _over(patients: int, nurses: int, most: int) -> int:
    if most:
        return max(0, patients - nurses * most)
    return 0 if nurses else patients


def _answer(site: Site, steps: Iterable[_Step], booked: Sequence[Range]) -> Uncovered:
    gaps: list[Gap] = []
    time = timedelta()
    for step in steps:
        time += (step.ends_at - step.starts_at) * step.over
        begins, patients, nurses = step.starts_at, step.patients, step.nurses
        if gaps and gaps[-1].ends_at == begins:
            last = gaps.pop()
            begins, patients, nurses = last.starts_at, max(last.patients, patients), min(last.nurses, nurses)
        gaps.append(Gap(begins, step.ends_at, patients, nurses))
    visits = sum(
        any(begins < gap.ends_at and ends > gap.starts_at for gap in gaps) for begins, ends in booked
    )
    return Uncovered(site, time, visits, tuple(gaps))
