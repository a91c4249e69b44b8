"""Time until something happens, when for some it had not happened yet: Kaplan-Meier curves and the log-rank test.

Pure; times are in whatever unit the caller counts in. Sources: Kaplan and Meier 1958; Greenwood 1926 for the variance;
the log-log interval of Kalbfleisch and Prentice 1980, which stays between 0 and 1; Brookmeyer and Crowley 1982 for the
interval of the median; Mantel 1966 for the test, with the hypergeometric variance.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject: how long it was watched, and whether the event ended that (otherwise it is censored)."""

    time: float
    event: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The curve from one event time up to the next.

    Attributes:
        at_risk: subjects watched up to this time at least.
        events: of these, how many had the event at it.
        survival: the share that has not had the event.
        variance: Greenwood's, of ``survival``; None once nobody is left, where it is undefined.
        low: lower end of the interval; None where ``survival`` is 0 or 1 and the log-log interval is undefined.
        high: upper end.
    """

    time: float
    at_risk: int
    events: int
    survival: float
    variance: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve; before its first point survival is 1.

    Attributes:
        subjects: all of them, censored ones too.
        confidence: of the intervals, such as 0.95.
    """

    points: tuple[CurvePoint, ...]
    subjects: int
    events: int
    confidence: float

    def survival_at(self, time: float) -> float:
        """The share that has not had the event by ``time``, that moment included."""
        found = 1.0
        for point in self.points:
            if point.time > time:
                break
            found = point.survival
        return found

    @property
    def median(self) -> float | None:
        """The first time at which half or fewer are left; None while more than half are."""
        return self._first(point.time for point in self.points if point.survival <= 0.5)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """The interval of the median; an end that the curve does not reach is None."""
        low = self._first(p.time for p in self.points if p.low is not None and p.low <= 0.5)
        high = self._first(p.time for p in self.points if p.high is not None and p.high <= 0.5)
        return low, high

    @staticmethod
    def _first(times: Iterable[float]) -> float | None:
        return next(iter(times), None)


def kaplan_meier(subjects: Sequence[Subject], *, confidence: float = 0.95) -> Curve:
    """The curve of a group. One censored at an event's time still counts as at risk for it.

    Raises:
        ValueError: a negative time, or a confidence that is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    if any(subject.time < 0 for subject in subjects):
        raise ValueError("nobody is watched for less than no time")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    points: list[CurvePoint] = []
    survival, greenwood = 1.0, 0.0
    for time, at_risk, events in _event_times(subjects):
        survival *= (at_risk - events) / at_risk
        left = at_risk - events
        greenwood += events / (at_risk * left) if left else 0.0
        variance = survival * survival * greenwood if left else None
        low, high = _log_log(survival, greenwood, z) if left else (None, None)
        points.append(CurvePoint(time, at_risk, events, survival, variance, low, high))
    happened = sum(subject.event for subject in subjects)
    return Curve(tuple(points), len(subjects), happened, confidence)


def _event_times(subjects: Sequence[Subject]) -> Iterable[tuple[float, int, int]]:
    """Each time with an event, how many were at risk then, and how many had it."""
    leaving = Counter(subject.time for subject in subjects)
    events = Counter(subject.time for subject in subjects if subject.event)
    at_risk = len(subjects)
    for time in sorted(leaving):
        if events[time]:
            yield time, at_risk, events[time]
        at_risk -= leaving[time]


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float, float]:
    spread = z * sqrt(greenwood) / log(survival)
    # log(survival) is negative, so exp(-spread) is the larger exponent and gives the lower end.
    return survival ** exp(-spread), survival ** exp(spread)


@dataclass(frozen=True, slots=True)
class LogRank:
    """The test of two groups: events seen and expected in the first, chi-square on one degree of freedom."""

    observed: int
    expected: float
    chi_square: float
    p_value: float


def log_rank(first: Sequence[Subject], second: Sequence[Subject]) -> LogRank | None:
    """Whether two groups differ in when the event happens; None where nothing can be compared: no event while both
    were watched.
    """
    observed, expected, variance = 0, 0.0, 0.0
    for time, at_risk, events in _event_times([*first, *second]):
        mine = sum(subject.time >= time for subject in first)
        observed += sum(subject.event and subject.time == time for subject in first)
        share = mine / at_risk
        expected += events * share
        if at_risk > 1:
            variance += events * share * (1 - share) * (at_risk - events) / (at_risk - 1)
    if variance <= 0:
        return None
    chi_square = (observed - expected) ** 2 / variance
    return LogRank(observed, expected, chi_square, erfc(sqrt(chi_square / 2)))
