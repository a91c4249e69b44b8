"""A cannula placed, struck, taken out; and what check and discharge may read from it."""

from datetime import timedelta

import pytest

from clinic.common.errors import Conflict, Invalid
from sessions.models import IVAccess
from sessions.operations.iv_access import place_iv_access, remove_iv_access, retract_iv_access
from sessions.rules.iv_access import has_iv_access, is_iv_removed
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, session_at

GOOD = {"site": "forearm", "side": "left", "gauge": 22, "attempts": 1, "patency": "free"}


@pytest.fixture
def arrived(clinic):
    return session_at(Status.ARRIVED, clinic=clinic, now=NOON)


def place(session, clinic, **more) -> IVAccess:
    return place_iv_access(session=session, by=clinic.nurse, now=NOON, **GOOD | more)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({}, None),
        ({"site": "port", "gauge": None, "side": "none"}, None),
        ({"attempts": 3, "patency": "slow"}, None),
        ({"site": "nose"}, "iv.site"),
        ({"side": "both"}, "iv.side"),
        ({"gauge": None}, "iv.gauge"),
        ({"gauge": 23}, "iv.gauge"),
        ({"attempts": 0}, "iv.attempts"),
        ({"attempts": 21}, "iv.attempts"),
        ({"patency": "perhaps"}, "iv.patency"),
    ],
)
def test_what_is_accepted(clinic, arrived, told, refusal):
    if refusal:
        with refused(Invalid, refusal):
            place(arrived, clinic, **told)
    else:
        place(arrived, clinic, **told)
    assert IVAccess.objects.count() == (refusal is None)


def test_check_and_discharge_can_read_it(clinic, arrived):
    assert (has_iv_access(arrived), is_iv_removed(arrived)) == (False, None)
    blocked = place(arrived, clinic, patency="blocked")
    assert (has_iv_access(arrived), is_iv_removed(arrived)) == (False, False)
    second = place(arrived, clinic, side="right")
    assert has_iv_access(arrived)
    for access in (blocked, second):
        assert not is_iv_removed(arrived)
        remove_iv_access(access=access, condition="intact", by=clinic.nurse, now=NOON)
    assert (has_iv_access(arrived), is_iv_removed(arrived)) == (False, True)


def test_it_is_taken_out_once_and_not_before_it_was_placed(clinic, arrived):
    access = place(arrived, clinic, taken_at=NOON)
    told = {"access": access, "by": clinic.nurse, "now": NOON + timedelta(minutes=90)}
    with refused(Invalid, "iv.condition"):
        remove_iv_access(condition="fine", **told)
    with refused(Invalid, "iv.removed_early"):
        remove_iv_access(condition="bruise", taken_at=NOON - timedelta(minutes=1), **told)
    remove_iv_access(condition="bruise", note="Cold pack", **told)
    with refused(Conflict, "iv.removed"):
        remove_iv_access(condition="intact", **told)


def test_a_struck_one_lies_no_more(clinic, arrived):
    access = place(arrived, clinic)
    told = {"access": access, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, "reason.missing"):
        retract_iv_access(reason=" ", **told)
    retract_iv_access(reason="Other patient", **told)
    assert (has_iv_access(arrived), is_iv_removed(arrived)) == (False, None)
    with refused(Conflict, "iv.struck"):
        remove_iv_access(condition="intact", **told)
