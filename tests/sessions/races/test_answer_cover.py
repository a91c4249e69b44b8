"""Several people accept the same hours at once: one has them, and the others are told."""

from datetime import timedelta
from functools import partial

import pytest

from patients.models import AnswerCover
from patients.operations.answer_cover import accept_answers
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON, make_clinic

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_has_them(transactional_db):
    clinic = make_clinic()
    told = {"site": clinic.site, "starts_at": NOON, "ends_at": NOON + timedelta(hours=5), "now": NOON}
    people = (clinic.nurse, clinic.prescriber, clinic.director)
    assert tally([partial(accept_answers, by=by, **told) for by in people]) == {
        DONE: 1,
        "answer_cover.taken": 2,
    }
    assert AnswerCover.objects.standing().count() == 1
