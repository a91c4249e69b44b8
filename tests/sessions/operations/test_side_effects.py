"""Side effects: at the chair, when asked, serious ones, what was told later, and what stays open."""

import hashlib
from datetime import timedelta

import pytest

from clinic.audit.chain import canonical
from clinic.audit.models import AuditEvent
from clinic.audit.records import snapshot
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import FollowUp, InfusionSession, LateEffect, SideEffect
from sessions.operations import leaving, monitoring, running
from sessions.operations.effect_reviews import review_side_effect, write_narrative
from sessions.operations.effect_sheet import record_effect_sheet
from sessions.operations.late_effects import report_late_effect
from sessions.operations.signing import sign
from sessions.rules.effect_moments import asked_moments
from sessions.rules.signing import CHART, SINCE, digest_of_chart
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def clinic(db):
    clinic = make_clinic()
    set_rules(clinic.site, serious_review_hours=24, serious_report_hours=0, effect_follow_up_hours=20)
    return clinic


def at(status, clinic, **told):
    return session_at(status, clinic=clinic, now=NOON, **told)


def report(session, clinic, **told):
    given = {"term": "nausea", "severity": "mild", "by": clinic.nurse, "now": NOON}
    return monitoring.report_side_effect(session=session, **given | told)


def open_tasks(session):
    return {(task.kind, task.task) for task in session.follow_ups.open()}


SERIOUS = {"term": "syncope", "severity": "moderate", "serious_criteria": ["hospitalisation"]}
ALL_TASKS = {("serious-effect", task) for task in ("tell", "narrative", "review", "report")}


# Severity and seriousness


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ({"severity": "severe"}, (3, None, [])),
        ({"severity": "", "grade": 3}, (3, None, [])),
        ({"severity": "severe", "serious": False}, (3, False, [])),
        (
            {"severity": "mild", "serious_criteria": ["disability", "death"]},
            (1, True, ["death", "disability"]),
        ),
        ({"severity": "", "grade": 4}, (4, True, ["life-threatening"])),
    ],
    ids=str,
)
def test_severe_is_not_serious(clinic, told, stored):
    effect = report(at(Status.INFUSING, clinic), clinic, **told)
    entry = effect.entries.get()
    assert (entry.grade, entry.serious, entry.serious_criteria) == stored
    assert effect.is_serious is bool(stored[1])
    assert FollowUp.objects.exists() is bool(stored[1])


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"severity": "awful"}, "side_effect.severity", "severity"),
        ({"severity": ""}, "side_effect.grade", "grade"),
        ({"serious": True}, "side_effect.criteria_missing", "serious_criteria"),
        ({"serious_criteria": ["annoying"]}, "side_effect.criterion", "serious_criteria"),
        ({"serious": False, "serious_criteria": ["death"]}, "side_effect.criteria_given", "serious_criteria"),
        ({"moment": "infusing-7"}, "side_effect.moment", "moment"),
    ],
    ids=str,
)
def test_what_is_said_of_it_must_fit_together(clinic, told, code, field):
    session = at(Status.INFUSING, clinic)
    with refused(Invalid, code) as refusal:
        report(session, clinic, **told)
    assert set(refusal.value.fields) == {field}
    assert not SideEffect.objects.exists()


def test_the_answer_to_serious_may_come_later_and_the_last_one_stands(clinic):
    session = at(Status.INFUSING, clinic)
    effect = report(session, clinic, severity="severe")
    told = {"side_effect": effect, "severity": "severe", "by": clinic.nurse, "now": NOON}
    monitoring.update_side_effect(serious_criteria=["important-event"], **told)
    assert effect.is_serious and open_tasks(session) == ALL_TASKS
    monitoring.update_side_effect(**told)
    assert effect.is_serious, "an entry that does not answer leaves the answer"
    monitoring.update_side_effect(serious=False, **told)
    assert not effect.is_serious
    assert open_tasks(session) == ALL_TASKS, "a person closes what was opened"


# When it is asked


def states(session, now=NOON):
    fresh = InfusionSession.objects.get(pk=session.pk)
    return {moment.code: moment.state.value for moment in asked_moments(fresh, now=now)}


def test_asked_and_none_is_not_the_same_as_not_asked(clinic):
    session = at(Status.INFUSING, clinic)  # begun 12 minutes ago
    quarter, half = NOON + timedelta(minutes=4), NOON + timedelta(minutes=19)
    assert states(session) == {
        "before-start": "due",
        "infusing-15": "ahead",
        "infusing-30": "ahead",
        "at-end": "ahead",
        "before-discharge": "ahead",
    }
    assert states(session, quarter) | {"before-start": "missed", "infusing-15": "due"} == states(
        session, quarter
    )
    ask = {"session": session, "by": clinic.nurse, "now": quarter}
    monitoring.ask_about_side_effects(moment="infusing-15", **ask)
    report(session, clinic, moment="infusing-30", now=half)
    assert list(states(session, half).values()) == ["missed", "none", "found", "ahead", "ahead"]
    running.end(session=session, kind="stopped_early", reason="Asked to", by=clinic.nurse, now=half)
    assert states(session, half)["at-end"] == "due"
    assert states(session, half + timedelta(minutes=61)) == {
        "before-start": "missed",
        "infusing-15": "none",
        "infusing-30": "found",
        "at-end": "missed",
        "before-discharge": "due",
    }


def test_a_moment_that_was_never_reached_was_not_missed(clinic):
    session = at(Status.INFUSING, clinic)
    running.end(session=session, kind="stopped_early", reason="Asked to", by=clinic.nurse, now=NOON)
    assert states(session)["infusing-15"] == "unreached"


# The sheet


def test_effect_and_pause_are_one(clinic):
    session = at(Status.INFUSING, clinic)
    told = {"effect": {"term": "nausea", "severity": "mild"}, "by": clinic.nurse}
    effect = record_effect_sheet(session=session, steps=["pause"], now=NOON, **told)
    session.refresh_from_db()
    assert (session.state, effect.entries.get().action_taken) == (Status.PAUSED, "paused")
    with refused(Conflict, "session.status"):
        record_effect_sheet(session=session, steps=["pause"], now=NOON, **told)
    running_on = at(Status.INFUSING, clinic, chair=clinic.chairs[1])
    with refused(Invalid, "side_effect.term"):
        record_effect_sheet(
            session=running_on,
            now=NOON,
            steps=["pause"],
            effect={"term": "x", "severity": "mild"},
            by=clinic.nurse,
        )
    with refused(Invalid, "side_effect.step"):
        record_effect_sheet(session=session, steps=["dance:1"], now=NOON, **told)
    assert SideEffect.objects.count() == 1
    running_on.refresh_from_db()
    assert running_on.state is Status.INFUSING, "the pause went with the side effect that was refused"


# A serious one


def test_a_serious_one_opens_its_clock_and_its_tasks(clinic):
    session = at(Status.INFUSING, clinic)
    effect = report(session, clinic, **SERIOUS)
    due = {task.task: (task.due_at, task.assigned_to) for task in effect.follow_ups.all()}
    nurse, prescriber, later = clinic.nurse.user, clinic.prescriber.user, NOON + timedelta(hours=24)
    assert due == {
        "tell": (NOON, nurse),
        "narrative": (later, nurse),
        "review": (later, prescriber),
        "report": (None, prescriber),
    }, "0 hours is no clock, never a hidden one"


def test_the_narrative_keeps_its_versions_and_settles_its_task(clinic):
    session = at(Status.INFUSING, clinic)
    effect = report(session, clinic, **SERIOUS)
    for text in ("She fainted.", "She fainted at 12:03."):
        write_narrative(side_effect=effect, text=text, by=clinic.nurse, now=NOON)
    assert [(each.number, each.text) for each in effect.narratives.all()] == [
        (1, "She fainted."),
        (2, "She fainted at 12:03."),
    ]
    assert open_tasks(session) == ALL_TASKS - {("serious-effect", "narrative")}
    with refused(Invalid, "narrative.empty"):
        write_narrative(side_effect=effect, text=" \n", by=clinic.nurse, now=NOON)
    with refused(Refused, "permission.missing"):
        write_narrative(side_effect=effect, text="x", by=clinic.desk, now=NOON)


@pytest.mark.parametrize(
    ("term", "serious", "graded", "code"),
    [
        ("nausea", False, {}, ""),
        ("nausea", True, {}, "effect_review.grade_missing"),
        ("nausea", True, {"ctcae_code": "10028813", "ctcae_grade": 3}, ""),
        ("nausea", True, {"ctcae_code": "10028813", "ctcae_grade": 4}, "effect_review.grade"),
        ("nausea", True, {"ctcae_code": "10028813"}, "effect_review.grade"),
        ("nausea", True, {"ctcae_code": "10047700", "ctcae_grade": 1}, "effect_review.term"),
        ("nausea", True, {"ctcae_grade": 1}, "effect_review.term"),
        ("syncope", True, {"ctcae_code": "10042772", "ctcae_grade": 3}, ""),
        ("dissociation", True, {}, ""),
        ("dissociation", True, {"ctcae_code": "10019077", "ctcae_grade": 1}, ""),
        ("respiratory-depression", True, {}, ""),
        ("salivation", True, {}, ""),
    ],
)
def test_the_review_grades_by_the_pinned_table(clinic, term, serious, graded, code):
    session = at(Status.INFUSING, clinic)
    criteria = ["important-event"] if serious else []
    effect = report(session, clinic, term=term, serious_criteria=criteria)
    told = {"causality": "probable", "outcome": "recovered", "by": clinic.prescriber, "now": NOON, **graded}
    if code:
        with refused(Invalid, code):
            review_side_effect(side_effect=effect, **told)
        assert not effect.reviews.exists()
        return
    review = review_side_effect(side_effect=effect, **told)
    assert (review.ctcae_version, review.ctcae_grade) == (
        ("5.0", graded["ctcae_grade"]) if graded else ("", None)
    )
    assert ("serious-effect", "review") not in open_tasks(session)


def test_only_a_prescriber_reviews(clinic):
    effect = report(at(Status.INFUSING, clinic), clinic)
    with refused(Refused, "permission.missing"):
        review_side_effect(
            side_effect=effect, causality="certain", outcome="unknown", by=clinic.nurse, now=NOON
        )


# After the visit


def test_what_is_not_over_when_the_patient_leaves_stays_open_until_it_is(clinic):
    session = at(Status.RECOVERING, clinic)
    over = report(session, clinic, term="dizziness")
    monitoring.update_side_effect(
        side_effect=over, severity="mild", resolved_at=NOON, by=clinic.nurse, now=NOON
    )
    effect = report(session, clinic)
    leaving.leave(session=session, by=clinic.nurse, reason="Had to go", now=NOON)
    left_open, unmet = session.follow_ups.open().order_by("pk")
    assert unmet.kind == "unmet-criteria"
    assert (left_open.kind, left_open.side_effect, left_open.due_at) == (
        "unresolved-effect",
        effect,
        NOON + timedelta(hours=20),
    )
    evening = NOON + timedelta(hours=6)
    monitoring.update_side_effect(
        side_effect=effect, severity="mild", resolved_at=evening, by=clinic.nurse, now=evening
    )
    assert session.follow_ups.open().get() == unmet
    assert left_open.entries.get().outcome == "settled"


def test_what_was_told_later_stands_beside_the_signature(clinic):
    session = at(Status.DISCHARGED, clinic, signed=2)
    signed = digest_of_chart(session)
    tomorrow = NOON + timedelta(hours=21)
    told = {"reporter": "patient", "words": "Sick all evening", "by": clinic.nurse, "now": tomorrow}
    late = report_late_effect(
        session=session,
        term="vomiting",
        severity="severe",
        serious_criteria=["hospitalisation"],
        onset_at=NOON + timedelta(hours=5),
        **told,
    )
    assert (late.taken_at, late.side_effect.onset_at) == (tomorrow, NOON + timedelta(hours=5))
    assert late.side_effect.after_signature
    assert open_tasks(session) == ALL_TASKS | {("unresolved-effect", "")}
    monitoring.update_side_effect(
        side_effect=late.side_effect, severity="mild", resolved_at=tomorrow, by=clinic.nurse, now=tomorrow
    )
    assert open_tasks(session) == ALL_TASKS
    assert digest_of_chart(session) == signed == session.signatures.first().digest
    assert "side_effect.reported_late" in set(AuditEvent.objects.values_list("verb", flat=True))


def test_an_entry_after_the_signature_leaves_its_digest_alone(clinic):
    session = at(Status.DISCHARGED, clinic)
    effect = report(session, clinic)
    signature = sign(session=session, by=clinic.nurse, now=NOON)
    later = NOON + timedelta(hours=20)
    entry = monitoring.update_side_effect(
        side_effect=effect, severity="mild", resolved_at=later, by=clinic.nurse, now=later
    )
    assert entry.after_signature and digest_of_chart(session) == signature.digest
    with refused(Conflict, "chart.signed"):
        report(session, clinic, now=later)


def test_the_digest_covers_what_was_told_before_the_signature(clinic):
    session = at(Status.DISCHARGED, clinic)
    before = digest_of_chart(session)
    report_late_effect(
        session=session, term="headache", severity="mild", reporter="companion", by=clinic.nurse, now=NOON
    )
    assert not LateEffect.objects.get().side_effect.after_signature
    assert digest_of_chart(session) != before


def test_a_chart_that_was_signed_before_these_columns_keeps_its_digest(clinic):
    """The digest of rows which say nothing new is the one that the older code made, column by column."""
    session = at(Status.DISCHARGED, clinic)
    report(session, clinic)
    monitoring.ask_about_side_effects(session=session, by=clinic.nurse, now=NOON)
    new = {*SINCE, "after_signature"}

    def old(row):
        return {name: value for name, value in snapshot(row).items() if name not in new}

    chart = {name: [old(row) for row in getattr(session, name).order_by("pk")] for name in CHART}
    chart["side_effect_entries"] = [
        old(each) for effect in session.side_effects.all() for each in effect.entries.all()
    ]
    chart["session"] = {"id": str(session.public_id), "status": session.status}
    assert digest_of_chart(session, edition=1) == hashlib.sha256(canonical(chart).encode()).hexdigest()


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"reporter": "nobody"}, Invalid, "field.invalid_choice"),
        ({"onset_at": NOON, "reported_at": NOON - timedelta(minutes=1)}, Invalid, "late_effect.order"),
        ({"reported_at": NOON + timedelta(minutes=1)}, Invalid, "time.future"),
        ({"words": "x" * 100_001}, Invalid, "note.too_long"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_late_effect_that_is_refused(clinic, told, error, code):
    session = at(Status.DISCHARGED, clinic)
    given = {"term": "nausea", "severity": "mild", "reporter": "patient", "by": clinic.nurse, "now": NOON}
    with refused(error, code):
        report_late_effect(session=session, **given | told)
    assert not SideEffect.objects.exists()


def test_nothing_is_told_later_while_the_patient_is_here(clinic):
    session = at(Status.RECOVERING, clinic)
    with refused(Conflict, "late_effect.not_over"):
        report_late_effect(
            session=session, term="nausea", severity="mild", reporter="patient", by=clinic.nurse, now=NOON
        )
