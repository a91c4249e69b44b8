"""An unconfirmed review when several timers run at the same moment: it climbs once and is told once."""

from datetime import timedelta
from functools import partial

import pytest

from patients.models import ReviewStep, SuicideReview
from patients.operations.assessing import record_assessment
from patients.operations.review_climbing import send_review_steps
from patients.operations.suicide_reviews import confirm_review
from patients.rules.review_climbing import is_waiting, job_at
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.review_climbing import pass_on_reviews
from tests.patients.scenes import phq9
from tests.sessions.messages import text_messages
from tests.sessions.operations.duty import set_rules
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON, make_clinic, make_patient

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def clinic(transactional_db, data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    found = make_clinic()
    set_rules(found.site, suicide_escalation_minutes=15, alert_by_sms=True)
    found.prescriber.user.phone = "555 0199"
    found.prescriber.user.save()
    name_responsible(
        site=found.site,
        kind="responsible",
        user=found.prescriber.user,
        presence="on_site",
        starts_at=NOON - timedelta(hours=1),
        ends_at=NOON + timedelta(hours=8),
        by=found.nurse,
        now=NOON,
    )
    return found


@pytest.fixture
def review(clinic):
    patient = make_patient(clinic, now=NOON)
    answers = phq9(*[None] * 8, 2)
    record_assessment(patient=patient, instrument="phq9", answers=answers, by=clinic.nurse, now=NOON)
    return SuicideReview.objects.get()


def told(clinic):
    return {"site": clinic.site, "by": job_at([clinic.site]), "now": LATER}


def test_several_timers_at_once(clinic, review, data_dir):
    assert tally([partial(pass_on_reviews, **told(clinic))] * 4) == {DONE: 4}
    assert ReviewStep.objects.filter(kind="climbed").count() == 1
    assert tally([partial(send_review_steps, **told(clinic))] * 4) == {DONE: 4}
    assert len(text_messages(data_dir)) == 1


def test_a_receipt_at_the_moment_at_which_it_climbs(clinic, review):
    confirm = partial(confirm_review, review=review, by=clinic.nurse, now=LATER)
    assert tally([partial(pass_on_reviews, **told(clinic)), confirm]) == {DONE: 2}
    found = SuicideReview.objects.all().with_entries().get()
    # Whoever came first: it is confirmed, and it climbed at most once.
    assert not is_waiting(found)
    assert ReviewStep.objects.filter(kind="climbed").count() <= 1
