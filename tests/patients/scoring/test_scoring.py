import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.scoring.cssrs import CSSRS
from patients.scoring.gad7 import GAD7
from patients.scoring.instrument import Instrument, UnknownAnswer
from patients.scoring.phq9 import PHQ9, SUICIDE_ITEM
from patients.scoring.qids import QIDS
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
        instrument("bdi3")


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


# Scales by number


def qids(**given):
    """All sixteen at 0 but for those named by their number."""
    answers = {f"qids_{number}": 0 for number in range(1, 17)}
    return answers | {f"qids_{number[1:]}": value for number, value in given.items()}


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({}, 0),
        ({"n1": 3, "n2": 2, "n3": 1, "n4": 3}, 3),
        ({"n6": 1, "n7": 2, "n8": 3, "n9": 0}, 3),
        ({"n15": 2, "n16": 3}, 3),
        ({"n5": 3, "n10": 3, "n11": 3, "n12": 3, "n13": 3, "n14": 3}, 18),
        ({f"n{number}": 3 for number in range(1, 17)}, 27),
    ],
)
def test_qids_counts_the_highest_of_a_domain_and_never_sixteen_items(given, total):
    assert QIDS.score(qids(**given)).total == total


@given(st.fixed_dictionaries({}, optional={f"qids_{n}": st.integers(0, 3) for n in range(1, 17)}))
def test_qids_against_its_published_formula(answers):
    score = QIDS.score(answers)
    domains = [(1, 2, 3, 4), (5,), (6, 7, 8, 9), (10,), (11,), (12,), (13,), (14,), (15, 16)]
    given = [[answers[f"qids_{n}"] for n in domain if f"qids_{n}" in answers] for domain in domains]
    if all(given):
        assert score.total == sum(map(max, given))
        assert score.is_partial is (len(answers) < 16)
    else:
        assert score.total is None
    assert bool(score.flags) is (answers.get("qids_12", 0) >= 1)


@given(st.data())
def test_a_higher_answer_never_lowers_a_total(data):
    questionnaire = data.draw(st.sampled_from([one for one in CURRENT.values() if one.code != "cssrs"]))
    answers = {
        item.code: data.draw(st.sampled_from([choice.value for choice in item.choices]))
        for item in questionnaire.items
    }
    item = data.draw(st.sampled_from(questionnaire.items))
    raised = answers | {item.code: max(choice.value for choice in item.choices)}
    before, after = (questionnaire.score(given).total for given in (answers, raised))
    assert 0 <= before <= after <= questionnaire.highest_total


@pytest.mark.parametrize(
    ("answers", "band"),
    [
        ("1:0 2:0 6:0", "negative"),
        ("1:1 2:0 6:0", "low"),
        ("1:1 2:1 3:0 4:0 5:0 6:0", "low"),
        ("1:1 2:1 3:1 4:0 5:0 6:0", "moderate"),
        ("1:0 2:0 6:1 6b:0", "moderate"),
        ("1:0 2:0 6:1 6b:1", "high"),
        ("1:1 2:1 3:0 4:1", "high"),
        ("1:1 2:1", None),
        ("1:0 2:0 6:1", None),
        ("", None),
    ],
)
def test_the_suicide_screen_leads_to_a_level_and_high_does_not_wait(answers, band):
    given = {f"cssrs_{code}": int(value) for code, value in (pair.split(":") for pair in answers.split())}
    score = CSSRS.score(CSSRS.read_answers(given))
    assert (score.band.code if score.band else None) == band
    assert bool(score.flags) is any(given.values())


@pytest.mark.parametrize(
    ("code", "highest"),
    [("qids", 27), ("madrs", 60), ("bdi2", 63), ("cadss", 92), ("cadss6", 24), ("cssrs", 3), ("mood", 10)],
)
def test_ranges_of_the_scales_by_number(code, highest):
    one = CURRENT[code]
    assert one.highest_total == highest
    for total in range(highest + 1):
        assert sum(band.low <= total <= band.high for band in one.bands) == 1


@pytest.mark.parametrize("sentinel", [-999, -1, 99, 999])
def test_codes_for_missing_are_refused_and_never_added(sentinel):
    for one in CURRENT.values():
        with pytest.raises(UnknownAnswer):
            one.read_answers({one.items[0].code: sentinel})


def test_wording_stands_only_where_its_licence_lets_it():
    assert {one.code for one in CURRENT.values() if one.ships_wording} == {"phq9", "gad7", "mood"}
    assert all(one.source and one.licence for one in CURRENT.values())
