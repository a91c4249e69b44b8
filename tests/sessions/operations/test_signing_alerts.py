"""The alerts in the signed chart: covered by its digest, and told in its timeline; older signatures still hold."""

from datetime import timedelta

import pytest

from clinic.common.errors import Conflict
from sessions.models import AlertEntry, InfusionSession
from sessions.operations import monitoring, signing
from sessions.operations import signing as signing_module
from sessions.operations.acknowledging import acknowledge_alert, note_read
from sessions.operations.alert_escalating import escalate_alerts
from sessions.reports.chart import read_chart
from sessions.reports.timeline import entries
from sessions.rules.alerts import job_at
from sessions.rules.signing import digest_of_chart
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at, under

LIMITS = [
    {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 180, "level": "pause"},
    {"parameter": "systolic", "phase": "recovery", "comparator": ">=", "value": 180, "level": "pause"},
]


@pytest.fixture
def clinic(db):
    return under(make_clinic(), now=NOON - timedelta(days=50), code="signed", limits=LIMITS)


@pytest.fixture
def session(clinic):
    return session_at(Status.DISCHARGED, clinic=clinic, now=NOON)


def read(session, clinic, *, minute: int, **values):
    told = {"session": session, "values": NORMAL | values, "by": clinic.nurse, "confirmed": True}
    taken = NOON + timedelta(minutes=minute)
    return monitoring.record_vital_signs(taken_at=taken, now=NOON, **told)


def acknowledge(session, clinic, *, minute: int = 1, actions=("watched",), **told):
    at = NOON + timedelta(minutes=minute)
    return acknowledge_alert(alert=session.alerts.last(), actions=actions, by=clinic.nurse, now=at, **told)


def test_the_digest_covers_what_was_raised_and_who_acknowledged_it_with_what(session, clinic):
    digests = [digest_of_chart(session)]
    reading = read(session, clinic, minute=-20, systolic=186)
    digests.append(digest_of_chart(session))
    acknowledge(session, clinic)
    digests.append(digest_of_chart(session))
    monitoring.retract_vital_signs(reading=reading, by=clinic.nurse, reason="Another patient's", now=NOON)
    digests.append(digest_of_chart(session))
    assert len(set(digests)) == 4


def test_an_alert_alone_changes_the_digest_and_not_the_first_edition(session, clinic):
    read(session, clinic, minute=-20, systolic=186)
    before = [digest_of_chart(session, edition=edition) for edition in (1, 2)]
    acknowledge(session, clinic)
    after = [digest_of_chart(session, edition=edition) for edition in (1, 2)]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_signature_of_the_first_edition_still_holds(session, clinic, monkeypatch):
    """A chart with alerts, signed by the release before, reviewed by this one."""
    read(session, clinic, minute=-20, systolic=186)
    monkeypatch.setattr(signing_module, "EDITION", 1)
    author = signing.sign(session=session, by=clinic.nurse, now=NOON)
    monkeypatch.undo()
    review = signing.review(session=session, by=clinic.prescriber, now=NOON)
    acknowledge(session, clinic)
    assert (author.edition, review.edition, author.digest) == (1, 1, review.digest)
    for signature in session.signatures.all():
        assert signature.digest == digest_of_chart(session, edition=signature.edition)
        assert signature.digest != digest_of_chart(session)


def test_what_becomes_of_an_alert_after_the_signature_stands_beside_it(session, clinic):
    set_rules(clinic.site, alert_escalation_minutes=1)
    read(session, clinic, minute=-20, systolic=186)
    author = signing.sign(session=session, by=clinic.nurse, now=NOON)
    assert author.edition == 2
    entry = acknowledge(session, clinic, note="Told to the prescriber by phone")
    assert entry.after_signature
    review = signing.review(session=session, by=clinic.prescriber, now=NOON + timedelta(minutes=2))
    assert author.digest == review.digest == digest_of_chart(session, edition=review.edition)
    with refused(Conflict, "alert.acknowledged"):
        acknowledge(session, clinic)


def test_to_whom_it_was_passed_on_is_not_in_the_digest(clinic):
    set_rules(clinic.site, alert_escalation_minutes=1)
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    read(session, clinic, minute=-1, systolic=186)
    before = digest_of_chart(session)
    later = NOON + timedelta(minutes=30)
    assert escalate_alerts(site=clinic.site, by=job_at([clinic.site]), now=later)
    alerts = session.alerts.prefetch_related("entries")
    note_read(alerts=alerts, by=clinic.nurse, now=later)
    assert AlertEntry.objects.filter(kind="escalated").exists()
    assert digest_of_chart(session) == before


def lines(session) -> list[tuple[str, str, bool, str]]:
    chart = read_chart(InfusionSession.objects.filter(pk=session.pk))
    found = [entry for entry in entries(chart) if entry.kind == "alert"]
    by = [entry.fact.taken_by.printed_name if entry.fact.taken_by else "" for entry in found]
    return [
        (entry.text, entry.detail, entry.struck, who)
        for entry, who in reversed(list(zip(found, by, strict=True)))
    ]


def test_the_timeline_tells_what_was_raised_and_what_was_done(session, clinic):
    reading = read(session, clinic, minute=-20, systolic=186)
    acknowledge(session, clinic, actions=("watched", "rechecked"), note="Cuff moved")
    name = clinic.nurse.user.printed_name
    raised = ("Alert: Systolic pressure 186 mmHg, limit ≥ 180", "Pause, for review", False, "")
    said = (
        "Acknowledged: Measured again, Watching closely (Systolic pressure 186 mmHg, limit ≥ 180)",
        "Cuff moved",
        False,
        name,
    )
    assert lines(session) == [raised, said]
    later = NOON + timedelta(minutes=2)
    monitoring.retract_vital_signs(reading=reading, by=clinic.nurse, reason="Another patient's", now=later)
    struck, *_between, back = lines(session)
    assert struck == (*raised[:2], True, "")
    assert back[0].startswith("Taken back: the reading was corrected") and back[3] == name
