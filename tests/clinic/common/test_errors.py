"""A check that is asked beforehand what it would refuse."""

from clinic.common.errors import Conflict, Problem, problems_of


def refuse(*, code):
    raise Conflict(Problem(code, "No."), also=[Problem("also", "Nor this.")])


def test_all_that_a_check_would_refuse_with_or_nothing():
    assert [problem.code for problem in problems_of(refuse, code="first")] == ["first", "also"]
    assert problems_of(dict, code="passes") == ()
