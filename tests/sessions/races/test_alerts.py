"""An alert at the same moment in several hands: answered once, passed on once, told once."""

from datetime import timedelta
from functools import partial

import pytest

from sessions.models import AlertEntry
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.alert_escalating import escalate_alerts
from sessions.operations.alert_sending import send_escalations
from sessions.operations.monitoring import record_vital_signs
from sessions.rules.alerts import job_at
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.messages import text_messages
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(minutes=6)


@pytest.fixture
def clinic(transactional_db, data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    found = make_clinic()
    set_rules(found.site, alert_escalation_minutes=5, alert_by_sms=True)
    other = staff("nurse", found.site)
    other.user.phone = "555 0199"
    other.user.save()
    on_duty(found, other, hours(-3, 5))
    return found


@pytest.fixture
def alert(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    record_vital_signs(session=session, values=NORMAL | {"systolic": 186}, by=clinic.nurse, now=NOON)
    return session.alerts.select_related("session__site", "session__patient").get()


def test_two_who_answer_one_alert(clinic, alert):
    told = {"alert": alert, "actions": ["paused"], "now": NOON}
    acts = [partial(acknowledge_alert, by=by, **told) for by in (clinic.nurse, clinic.prescriber)]
    assert tally(acts) == {DONE: 1, "alert.acknowledged": 1}


def test_several_who_come_by_when_a_step_is_due(clinic, alert, data_dir):
    told = {"site": clinic.site, "by": job_at([clinic.site]), "now": LATER}
    assert tally([partial(escalate_alerts, **told)] * 4) == {DONE: 4}
    assert AlertEntry.objects.filter(kind="escalated").count() == 1
    assert tally([partial(send_escalations, **told)] * 4) == {DONE: 4}
    assert len(text_messages(data_dir)) == 1
