"""Verdicts of a course against tables and a second, naive implementation."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.outcome_definitions import DEFINITIONS, Concept, Measure, definition, definitions_of
from sessions.rules.outcomes import (
    Because,
    Rating,
    State,
    baseline_of,
    durability,
    judge,
    judge_latest,
)

FIRST = date(2026, 3, 3)
INFUSIONS = [FIRST + timedelta(days=4 * number) for number in range(6)]
PHQ9 = definitions_of("phq9")


def on(day, total):
    return Rating(FIRST + timedelta(days=day), total)


def verdict(concept, ratings, *, baseline=None, infusions=INFUSIONS, recall_days=14):
    chosen = baseline_of(ratings, infusions) if baseline is None else baseline
    return judge(
        definition(concept, PHQ9),
        baseline=chosen,
        ratings=ratings,
        infusions=infusions,
        recall_days=recall_days,
    )


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ([(-1, 21)], None),
        ([(-1, 21), (21, 11)], State.NOT_MET),
        ([(-1, 20), (21, 10)], State.MET),
        ([(-1, 21), (21, 10)], State.MET),
        ([(-1, 21), (7, 9)], State.PROVISIONAL),
        ([(0, 20), (21, 10)], State.MET),
        ([(-20, 20), (21, 5)], State.UNDEFINED),
        ([(-1, 0), (21, 0)], State.UNDEFINED),
    ],
)
def test_response_is_half_of_the_baseline_and_undefined_without_one(totals, expected):
    found = verdict(Concept.RESPONSE, [on(*one) for one in totals])
    if expected is None:
        assert (found.state, found.because) == (State.UNDEFINED, Because.NO_RATING)
    else:
        assert found.state is expected


def test_a_verdict_says_what_it_rests_on():
    found = verdict(Concept.RESPONSE, [on(-1, 21), on(16, 15), on(21, 9), on(30, 16)])
    assert (found.baseline.total, found.rating.total, found.percent, found.days) == (21, 9, -57, 22)
    assert found.since_infusion == 6
    now = judge_latest(
        definition(Concept.RESPONSE, PHQ9),
        baseline=found.baseline,
        ratings=[on(21, 9), on(30, 16)],
        infusions=INFUSIONS,
        recall_days=14,
    )
    assert (now.state, now.rating.total) == (State.NOT_MET, 16)


@pytest.mark.parametrize(("total", "expected"), [(4, State.MET), (5, State.NOT_MET)])
def test_remission_on_the_phq9_is_below_five(total, expected):
    assert verdict(Concept.REMISSION, [on(-1, 21), on(21, total)]).state is expected


@pytest.mark.parametrize(("total", "expected"), [(12, State.NOT_MET), (13, State.MET)])
def test_any_increase_is_a_worsening(total, expected):
    assert verdict(Concept.WORSENING, [on(-1, 12), on(21, total)]).state is expected


@pytest.mark.parametrize(
    ("totals", "days", "relapsed"),
    [
        ([(21, 9), (28, 8)], 7, False),
        ([(21, 9)], 0, False),
        ([(21, 9), (28, 12), (35, 8)], 14, False),
        ([(21, 9), (28, 12), (35, 13), (42, 5)], 7, True),
        ([(21, 15)], None, None),
    ],
)
def test_a_response_lasts_until_two_ratings_in_a_row_have_lost_it(totals, days, relapsed):
    ratings = [on(-1, 20), *(on(*one) for one in totals)]
    found = durability(PHQ9, baseline=ratings[0], ratings=ratings, infusions=INFUSIONS, recall_days=14)
    assert (found and (found.days, found.relapsed)) == (None if days is None else (days, relapsed))


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(list(DEFINITIONS)),
)
def test_a_definition_is_exact_arithmetic(baseline, total, one):
    measure = {
        Measure.TOTAL: Fraction(total),
        Measure.POINTS: Fraction(total - baseline),
        Measure.PERCENT: Fraction(100 * (total - baseline), baseline) if baseline else None,
    }[one.measure]
    value = Fraction(one.value)
    expected = (
        None
        if measure is None
        else {
            "<": measure < value,
            "<=": measure <= value,
            ">": measure > value,
            ">=": measure >= value,
        }[one.operator]
    )
    assert one.is_met_by(total, baseline) is expected


@given(
    st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 27)), max_size=12, unique_by=lambda one: one[0])
)
def test_response_against_a_naive_reading_of_the_list(rows):
    ratings = [on(*row) for row in rows]
    found = verdict(Concept.RESPONSE, ratings)
    before = [row for row in sorted(rows) if -14 <= row[0] <= 0]
    after = [row for row in sorted(rows) if row[0] > 0]
    if not before or not after or before[-1][1] == 0:
        assert found.state is State.UNDEFINED
        return
    half = [row for row in after if 2 * row[1] <= before[-1][1]]
    if not half:
        assert found.state is State.NOT_MET
        return
    assert found.rating == on(*half[0])
    assert found.state is (State.PROVISIONAL if half[0][0] < 14 else State.MET)


def test_every_definition_names_its_source_and_grade():
    assert all(one.source and one.grade in {"A", "B", "C", "GK"} for one in DEFINITIONS)
    assert definitions_of("gad7") == ()
