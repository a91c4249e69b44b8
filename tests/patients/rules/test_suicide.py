"""Which answers call for a review, and how soon: a table, and what can never happen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.models import SuicideReview
from patients.rules.suicide import Reason, review_called_for
from patients.scoring.cssrs import CSSRS
from patients.scoring.phq9 import PHQ9, SUICIDE_ITEM
from patients.scoring.qids import QIDS

SAME_DAY, BEFORE_START = SuicideReview.Urgency.SAME_DAY, SuicideReview.Urgency.BEFORE_START


@pytest.mark.parametrize(
    ("before", "answer", "has_plan", "expected"),
    [
        (None, 0, True, None),
        (None, None, False, None),
        (None, 1, True, (BEFORE_START, ["new"])),
        (0, 1, True, (BEFORE_START, ["new"])),
        (1, 1, True, (SAME_DAY, ["unchanged"])),
        (2, 1, True, (SAME_DAY, ["unchanged"])),
        (1, 2, True, (BEFORE_START, ["risen"])),
        (3, 3, True, (BEFORE_START, ["highest"])),
        (1, 1, False, (BEFORE_START, ["unchanged", "no_plan"])),
        (None, 3, False, (BEFORE_START, ["highest", "no_plan"])),
    ],
)
def test_item_nine_of_the_phq9(before, answer, has_plan, expected):
    answers = {} if answer is None else {SUICIDE_ITEM: answer}
    earlier = None if before is None else {SUICIDE_ITEM: before}
    call = review_called_for(PHQ9, answers, before=earlier, has_plan=has_plan)
    assert (call and (call.urgency, list(call.reasons))) == expected


@pytest.mark.parametrize("code", ["cssrs_4", "cssrs_5", "cssrs_6b"])
def test_intent_plan_and_recent_behaviour_never_count_as_known(code):
    answers = {"cssrs_1": 1, "cssrs_2": 1, code: 1}
    call = review_called_for(CSSRS, answers, before=answers, has_plan=True)
    assert (call.urgency, Reason.ACUTE in call.reasons) == (BEFORE_START, True)


@given(st.integers(0, 3), st.integers(0, 3) | st.none(), st.booleans())
def test_any_answer_above_nought_is_looked_at_and_only_the_known_can_wait(answer, before, has_plan):
    earlier = None if before is None else {"qids_12": before}
    call = review_called_for(QIDS, {"qids_12": answer}, before=earlier, has_plan=has_plan)
    assert (call is None) is (answer == 0)
    if call and call.urgency == SAME_DAY:
        assert has_plan
        assert before is not None
        assert 0 < answer <= before
        assert answer < 3
