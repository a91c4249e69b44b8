"""Kaplan-Meier and log-rank against scipy, to 1e-9: ties, all censored, none censored, one subject."""

import math
import warnings

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from clinic.common.survival import Subject, kaplan_meier, log_rank

CLOSE = {"rel": 1e-9, "abs": 1e-9}

subjects = st.builds(Subject, time=st.integers(0, 40), event=st.booleans())
groups = st.lists(subjects, min_size=1, max_size=60)


def censored(group):
    return stats.CensoredData.right_censored(
        [subject.time for subject in group], [not subject.event for subject in group]
    )


def agree(group, confidence):
    curve = kaplan_meier(group, confidence=confidence)
    expected = stats.ecdf(censored(group)).sf
    assert [curve.survival_at(time) for time in expected.quantiles] == pytest.approx(
        list(expected.probabilities), **CLOSE
    )
    if not curve.points:
        return
    with warnings.catch_warnings():
        # Where survival is 0 or 1 scipy divides by the logarithm of one and says so.
        warnings.simplefilter("ignore")
        interval = expected.confidence_interval(confidence_level=confidence, method="log-log")
    at = {float(time): index for index, time in enumerate(expected.quantiles)}
    for point in curve.points:
        low, high = (float(end.probabilities[at[float(point.time)]]) for end in (interval.low, interval.high))
        if point.low is None:
            assert math.isnan(low) or point.survival in {0.0, 1.0}
        else:
            assert (point.low, point.high) == (pytest.approx(low, **CLOSE), pytest.approx(high, **CLOSE))


@given(groups, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_curve_and_its_intervals_are_scipys(group, confidence):
    agree(group, confidence)


@pytest.mark.parametrize(
    "group",
    [
        [Subject(5, True)],
        [Subject(5, False)],
        [Subject(day, False) for day in range(1, 9)],
        [Subject(day, True) for day in range(1, 9)],
        [Subject(3, True), Subject(3, True), Subject(3, False), Subject(7, True), Subject(7, False)],
        [Subject(0, True), Subject(0, False), Subject(1, True)],
    ],
)
def test_the_curve_at_the_edges(group):
    agree(group, 0.95)


@given(groups, groups)
def test_the_test_is_scipys(first, second):
    found = log_rank(first, second)
    assume(found is not None)
    expected = stats.logrank(censored(first), censored(second))
    assert found.chi_square == pytest.approx(expected.statistic**2, **CLOSE)
    assert found.p_value == pytest.approx(expected.pvalue, **CLOSE)


def test_groups_in_which_nothing_happened_cannot_be_compared():
    assert log_rank([Subject(3, False)], [Subject(5, False)]) is None
    assert log_rank([], [Subject(5, True)]) is None


def test_the_median_is_the_first_time_at_which_half_are_left():
    half = kaplan_meier([Subject(2, True), Subject(4, True), Subject(6, True), Subject(8, True)])
    assert half.median == 4
    assert kaplan_meier([Subject(2, True), *[Subject(9, False)] * 3]).median is None
    assert kaplan_meier([]).median is None


@given(groups)
def test_the_interval_of_the_median_holds_it(group):
    curve = kaplan_meier(group)
    low, high = curve.median_interval
    assume(curve.median is not None)
    assert low is None or low <= curve.median
    assert high is None or high >= curve.median


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no time"):
        kaplan_meier([Subject(-1, True)])
    with pytest.raises(ValueError, match="between 0 and 1"):
        kaplan_meier([], confidence=1)
