"""Two signatures over a chart: what they ask for, what they lock, and what can be added afterwards."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant
from clinic.accounts.permissions import Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Addendum, InfusionSession, Signature
from sessions.operations import checking, discharging, infusion_totals, leaving, monitoring, running, signing
from sessions.rules.moments import is_signed
from sessions.rules.signing import digest_of_chart, missing_content
from sessions.states import ENDED, OFF, PRESENT, EndKind, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, NORMAL, assess, session_at


@pytest.fixture
def discharged(clinic):
    return session_at(Status.DISCHARGED, clinic=clinic, now=NOON)


@pytest.fixture
def signed(clinic):
    return session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=1)


def sign(session, clinic, **told):
    return signing.sign(**{"session": session, "by": clinic.nurse, "now": NOON} | told)


def review(session, clinic, **told):
    return signing.review(**{"session": session, "by": clinic.prescriber, "now": NOON} | told)


def codes(refusal):
    return {problem.code for problem in refusal.value.problems}


# Signing


def test_sign_says_who_when_and_over_what(clinic, discharged):
    key = uuid.uuid4()
    before = digest_of_chart(discharged)
    stored = Signature.objects.get(pk=sign(discharged, clinic, statement=" As it was ", public_id=key).pk)
    assert (stored.public_id, stored.meaning, stored.statement) == (key, "author", "As it was")
    assert (stored.signed_by, stored.signed_at) == (clinic.nurse.user, NOON)
    assert stored.printed_name == clinic.nurse.user.printed_name
    assert stored.digest == before == digest_of_chart(discharged)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.details["after"]["digest"]) == ("chart.signed", before)


@pytest.mark.parametrize("status", Status)
def test_sign_from_any_ended_state_and_no_other(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    if status in ENDED:
        sign(session, clinic)
        with refused(Conflict, "chart.signed"):
            sign(session, clinic, by=clinic.prescriber)
        return
    assert status in PRESENT | OFF | {Status.SCHEDULED}
    with refused(Conflict, "chart.not_over") as refusal:
        sign(session, clinic)
    assert str(status.label).lower() in str(refusal.value)
    with refused(Conflict, "chart.not_over"):
        review(session, clinic)


def test_sign_who_may(clinic, discharged):
    with refused(Refused, "permission.missing"):
        sign(discharged, clinic, by=clinic.desk)
    job = Actor.job("nightly", site_ids=[clinic.site.pk], permissions=[Permission.SIGN_CHART])
    with refused(Refused, "actor.person"):
        sign(discharged, clinic, by=job)
    assert not Signature.objects.exists()


def test_sign_lists_everything_that_is_missing_with_its_place(clinic):
    """Started by mistake on arrival, taken out at once, and nothing else written down."""
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    at = NOON + timedelta(minutes=1)
    running.start(session=arrived, by=clinic.nurse, now=at, departure_reason="By mistake")
    later = NOON + timedelta(minutes=3)
    running.end(session=arrived, by=clinic.nurse, now=later, kind=EndKind.STOPPED_EARLY, reason="By mistake")
    leaving.discharge(session=arrived, by=clinic.nurse, now=later, departure_reason="Did not want to wait")
    with refused(Conflict) as refusal:
        sign(arrived, clinic, now=later)
    assert {problem.code: problem.link for problem in refusal.value.problems} == {
        "chart.dose": "#dose",
        "chart.vitals": "#vitals",
        "chart.side_effects": "#side-effects",
        "chart.discharge": "#discharge",
    }
    told = {"session": arrived, "by": clinic.nurse, "now": later}
    monitoring.record_vital_signs(values=NORMAL, **told)
    monitoring.report_side_effect(term="nausea", grade=1, **told)
    assess(arrived, by=clinic.nurse, now=later)
    with refused(Conflict) as refusal:
        sign(arrived, clinic, now=later)
    assert codes(refusal) == {"chart.dose"}
    checking.record_weight(value=Decimal(70), **told)
    checking.confirm_dose(**told)
    with refused(Conflict) as refusal:
        sign(arrived, clinic, now=later)
    assert codes(refusal) == {"chart.totals"}
    infusion_totals.record_totals(pump_microlitres=5_000, used="pump", **told)
    sign(arrived, clinic, now=later)


def test_a_struck_reading_is_no_reading(clinic):
    left = session_at(Status.LEFT, clinic=clinic, now=NOON)
    for reading in left.vital_signs.current():
        assert missing_content(left) == []
        monitoring.retract_vital_signs(reading=reading, by=clinic.nurse, reason="x", now=NOON)
    with refused(Conflict, "chart.vitals"):
        sign(left, clinic)


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.ARRIVED])
def test_without_an_infusion_nothing_is_asked_for(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    if status is Status.ARRIVED:
        leaving.leave(session=session, by=clinic.desk, now=NOON)
    sign(session, clinic)


# Reviewing


def test_review_comes_second_and_once(clinic, discharged):
    with refused(Conflict, "chart.not_authored"):
        review(discharged, clinic)
    author = sign(discharged, clinic)
    second = review(discharged, clinic)
    assert (second.meaning, second.digest) == ("review", author.digest)
    assert AuditEvent.objects.latest("pk").verb == "chart.reviewed"
    with refused(Conflict, "chart.reviewed"):
        review(discharged, clinic, by=clinic.director)


def test_review_who_may(clinic, signed):
    for by in (clinic.nurse, clinic.desk):
        with refused(Refused, "permission.missing"):
            review(signed, clinic, by=by)


@pytest.mark.parametrize("needs_two", [True, False])
def test_review_ones_own_only_where_the_site_allows_it(clinic, discharged, needs_two):
    set_rules(clinic.site, chart_needs_two_signatures=needs_two)
    sign(discharged, clinic, by=clinic.prescriber)
    if not needs_two:
        assert review(discharged, clinic).signed_by == clinic.prescriber.user
        return
    with refused(Refused, "chart.own"):
        review(discharged, clinic)
    review(discharged, clinic, by=clinic.director)


def test_a_nurse_with_the_right_does_not_review_her_own(clinic, discharged):
    nurse = staff("nurse", clinic.site)
    membership = Membership.objects.get(user=nurse.user)
    PermissionGrant.objects.create(membership=membership, permission=Permission.REVIEW_CHART)
    nurse = Actor.of_user(nurse.user)
    sign(discharged, clinic, by=nurse)
    with refused(Refused, "chart.own"):
        review(discharged, clinic, by=nurse)


def test_the_signatures_annotate_the_session(clinic, discharged):
    def state():
        found = InfusionSession.objects.with_chart_state().get(pk=discharged.pk)
        unsigned = InfusionSession.objects.unsigned().filter(pk=discharged.pk).exists()
        return found.is_authored, found.is_reviewed, unsigned

    assert state() == (False, False, True)
    sign(discharged, clinic)
    assert state() == (True, False, False)
    review(discharged, clinic)
    assert state() == (True, True, False)
    assert is_signed(discharged)


# The lock


def writes(session, clinic):
    """Every way to write into a chart."""
    told = {"session": session, "by": clinic.nurse, "now": NOON}
    fix = {"by": clinic.nurse, "now": NOON, "reason": "x"}
    reading = session.vital_signs.current().last()
    note = session.notes.current().last()
    end = session.infusion_events.current().get(kind="end")
    effect = session.side_effects.last()
    return {
        "reading": lambda: monitoring.record_vital_signs(values=NORMAL, **told),
        "corrected reading": lambda: monitoring.correct_vital_signs(reading=reading, values=NORMAL, **fix),
        "struck reading": lambda: monitoring.retract_vital_signs(reading=reading, **fix),
        "note": lambda: monitoring.write_note(text="x", **told),
        "corrected note": lambda: monitoring.correct_note(note=note, text="y", **fix),
        "side effect": lambda: monitoring.report_side_effect(term="nausea", grade=1, **told),
        "entry": lambda: monitoring.update_side_effect(
            side_effect=effect, grade=2, by=clinic.nurse, now=NOON
        ),
        "question": lambda: monitoring.ask_about_side_effects(**told),
        "answer": lambda: checking.answer_check_item(item="identity", outcome="stop", note="x", **told),
        "weight": lambda: checking.record_weight(value=Decimal(70), **told),
        "dose": lambda: checking.confirm_dose(**told),
        "time": lambda: running.correct_event(event=end, at=NOON, **fix),
        "assessment": lambda: discharging.assess_discharge(criteria={"alert": True}, **told),
    }


def test_a_signed_chart_refuses_every_fact(clinic, discharged):
    monitoring.write_note(session=discharged, text="Calm", by=clinic.nurse, now=NOON)
    monitoring.report_side_effect(session=discharged, term="nausea", grade=1, by=clinic.nurse, now=NOON)
    signature = sign(discharged, clinic)
    # What becomes of a side effect at home is told beside the signature: tests of side effects.
    for write in (write for name, write in writes(discharged, clinic).items() if name != "entry"):
        with refused(Conflict, "chart.signed") as refusal:
            write()
        assert refusal.value.problems[0].link == "#addenda"
    assert digest_of_chart(discharged) == signature.digest


@pytest.mark.parametrize("write", ["reading", "note", "entry", "corrected note", "struck reading", "time"])
def test_the_digest_covers_every_kind_of_fact(clinic, discharged, write):
    monitoring.write_note(session=discharged, text="Calm", by=clinic.nurse, now=NOON)
    monitoring.report_side_effect(session=discharged, term="nausea", grade=1, by=clinic.nurse, now=NOON)
    before = digest_of_chart(discharged)
    assert before == digest_of_chart(InfusionSession.objects.get(pk=discharged.pk))
    writes(discharged, clinic)[write]()
    assert digest_of_chart(discharged) != before


# Addenda


def test_an_addendum_stands_beside_what_was_signed(clinic, signed):
    before = digest_of_chart(signed)
    addendum = signing.add_addendum(session=signed, text=" Called at 5 pm, well. ", by=clinic.nurse, now=NOON)
    assert Addendum.objects.get(pk=addendum.pk).text == " Called at 5 pm, well. "
    assert digest_of_chart(signed) == before
    assert AuditEvent.objects.latest("pk").verb == "chart.addendum_added"
    review(signed, clinic)
    signing.add_addendum(session=signed, text="Once more", by=clinic.prescriber, now=NOON)
    assert [one.taken_by for one in signed.addenda.all()] == [clinic.nurse.user, clinic.prescriber.user]


def test_an_addendum_that_is_refused(clinic, signed, discharged):
    told = {"session": signed, "by": clinic.nurse, "now": NOON}
    for text, code in [
        ("", "addendum.empty"),
        (" \n", "addendum.empty"),
        ("\x00", "text.unreadable"),
        ("é" * 50_001, "note.too_long"),
    ]:
        with refused(Invalid, code) as refusal:
            signing.add_addendum(text=text, **told)
        assert set(refusal.value.fields) == {"text"}
    with refused(Refused, "permission.missing"):
        signing.add_addendum(text="x", **told | {"by": clinic.desk})
    with refused(Conflict, "chart.not_signed"):
        signing.add_addendum(text="x", **told | {"session": discharged})
