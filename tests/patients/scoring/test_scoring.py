import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.scoring.gad7 import GAD7
from patients.scoring.instrument import Instrument, UnknownAnswer
from patients.scoring.phq9 import PHQ9, SUICIDE_ITEM
from patients.scoring.registry import CURRENT, INSTRUMENTS, instrument

BOTH = [PHQ9, GAD7]


def answers_of(questionnaire: Instrument) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({}, optional={item.code: st.integers(0, 3) for item in questionnaire.items})


@pytest.mark.parametrize("questionnaire", BOTH, ids=lambda one: one.code)
def test_bands_cover_every_total_once(questionnaire):
    for total in range(questionnaire.highest_total + 1):
        assert sum(band.low <= total <= band.high for band in questionnaire.bands) == 1
    with pytest.raises(ValueError, match="no total"):
        questionnaire.band_of(questionnaire.highest_total + 1)


@pytest.mark.parametrize(
    ("questionnaire", "highest", "bands"),
    [
        (PHQ9, 27, [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]),
        (GAD7, 21, [(0, 4), (5, 9), (10, 14), (15, 21)]),
    ],
)
def test_published_ranges(questionnaire, highest, bands):
    assert questionnaire.highest_total == highest
    assert [(band.low, band.high) for band in questionnaire.bands] == bands


def test_lowest_answer_is_not_at_all():
    for questionnaire in BOTH:
        assert {item.choices[0].text for item in questionnaire.scored_items} == {"Not at all"}


def test_difficulty_does_not_count():
    answers = {f"phq9_{number}": 0 for number in range(1, 10)} | {"phq9_10": 3}
    assert PHQ9.score(answers).total == 0


@given(answers=answers_of(PHQ9))
def test_total_is_the_sum_of_the_nine_or_nothing(answers):
    score = PHQ9.score(PHQ9.read_answers(answers))
    nine = [answers.get(f"phq9_{number}") for number in range(1, 10)]
    if None in nine:
        assert score.total is None
        assert score.band is None
        assert len(score.missing) == nine.count(None)
    else:
        assert score.total == sum(nine)
        assert score.band.low <= score.total <= score.band.high
    assert (SUICIDE_ITEM in score.flags) == (answers.get(SUICIDE_ITEM, 0) >= 1)


@given(answers=answers_of(GAD7))
def test_gad7_has_nothing_to_flag(answers):
    assert GAD7.score(answers).flags == ()


@pytest.mark.parametrize("value", [4, -1, "many", 1.5, True, [1], "²", "00000000000000000001x"])
def test_what_cannot_be_chosen_is_refused(value):
    with pytest.raises(UnknownAnswer):
        PHQ9.read_answers({"phq9_1": value})


def test_unknown_item_is_refused():
    with pytest.raises(UnknownAnswer):
        PHQ9.read_answers({"gad7_1": 1})


@given(text=st.text() | st.integers() | st.none() | st.floats())
def test_reading_never_fails_otherwise(text):
    try:
        read = GAD7.read_answers({"gad7_1": text})
    except UnknownAnswer:
        return
    assert read in ({}, {"gad7_1": 0}, {"gad7_1": 1}, {"gad7_1": 2}, {"gad7_1": 3})


def test_registry_knows_each_version():
    assert instrument("phq9") is PHQ9
    assert instrument("gad7", "1") is GAD7
    assert all(INSTRUMENTS[one.code, one.version] is one for one in CURRENT.values())
    with pytest.raises(KeyError):
        instrument("bdi2")


def test_real_answers_are_scored_like_a_plain_sum(shared_data: Path):
    with (shared_data / "phq9_gad7_responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 200
    for row in rows:
        for questionnaire in BOTH:
            items = {name: value for name, value in row.items() if name.startswith(f"{questionnaire.code}_")}
            score = questionnaire.score(questionnaire.read_answers(items))
            if "" not in items.values():
                assert score.total == sum(int(value) for value in items.values())
