"""One tap first and the reason afterwards; changes of rate; what was forgotten, and what never was."""

from datetime import datetime, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import InfusionEvent, InfusionSession
from sessions.operations import infusion_events, leaving, running, signing
from sessions.operations.infusion_totals import record_totals
from sessions.operations.monitoring import ask_about_side_effects
from sessions.rules.delivery import charted, open_points
from sessions.rules.signing import missing_content
from sessions.states import EndKind, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, session_at


@pytest.fixture
def infusing(clinic):
    """Started at noon: 35 mg in 100 mL at 150 mL/h, which is 40 minutes."""
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    running.start(session=session, by=clinic.nurse, now=NOON)
    return session


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def fresh(session) -> InfusionSession:
    return InfusionSession.objects.select_related("site", "course__protocol_version").get(pk=session.pk)


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]


# One tap


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (0, "stopped_early"),
        (20, "stopped_early"),
        (39.9, "stopped_early"),
        (40, "completed"),
        (55, "completed"),
    ],
)
def test_a_stop_of_one_tap_follows_from_how_much_had_run_in(clinic, infusing, at, kind):
    running.end(session=infusing, by=clinic.nurse, now=minute(at))
    assert (fresh(infusing).state, fresh(infusing).end_kind) == (Status.RECOVERING, kind)
    expected = ["chart.totals"] if kind == "completed" else ["chart.stop_reason", "chart.totals"]
    assert codes(open_points(fresh(infusing))) == expected


def test_at_half_the_rate_forty_minutes_are_not_the_whole_bag(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    infusion_events.change_rate(rate_microlitres_per_hour=75_000, now=minute(10), **told)
    running.end(now=minute(40), **told)
    assert fresh(infusing).end_kind == EndKind.STOPPED_EARLY
    assert charted(fresh(infusing), at=minute(99)).micrograms == 8_750 + 13_125


def test_the_reason_of_a_stop_is_given_afterwards_and_needed_before_signing(clinic, infusing):
    by = {"by": clinic.nurse}
    running.end(session=infusing, now=minute(20), **by)
    stop = InfusionEvent.objects.get(session=infusing, kind="end")
    detail = infusion_events.detail_event(event=stop, reason=" Nausea ", now=minute(25), **by)
    assert (detail.reason, detail.end_kind, detail.is_detail) == ("Nausea", "stopped_early", True)
    assert (detail.taken_at, detail.entered_at) == (stop.taken_at, minute(25))
    assert "chart.stop_reason" not in codes(missing_content(fresh(infusing)))
    assert AuditEvent.objects.filter(verb="infusion_event.detailed").count() == 1
    with refused(Conflict, "correction.taken"):
        infusion_events.detail_event(event=stop, reason="Wanted to stop", now=minute(26), **by)


def test_completed_or_stopped_early_can_be_chosen_afterwards(clinic, infusing):
    running.end(session=infusing, by=clinic.nurse, now=minute(39.5))
    stop = InfusionEvent.objects.get(session=infusing, kind="end")
    told = {"event": stop, "by": clinic.nurse, "now": minute(41)}
    with refused(Invalid, "event.no_detail"):
        infusion_events.detail_event(**told)
    with refused(Invalid, "end.kind"):
        infusion_events.detail_event(end_kind="finished", **told)
    infusion_events.detail_event(end_kind="completed", **told)
    assert fresh(infusing).end_kind == EndKind.COMPLETED
    # How it is called changes nothing of what the times and rates come to.
    assert charted(fresh(infusing), at=minute(60)).micrograms == round(35_000 * 39.5 / 40)


def test_a_pause_is_asked_for_its_reason_too(clinic, infusing):
    running.pause(session=infusing, by=clinic.nurse, now=minute(5))
    pause = InfusionEvent.objects.get(session=infusing, kind="pause")
    infusion_events.detail_event(event=pause, reason="Toilet", by=clinic.nurse, now=minute(7))
    assert fresh(infusing).state is Status.PAUSED
    with refused(Invalid, "end.kind"):
        infusion_events.detail_event(
            event=InfusionEvent.objects.current().get(session=infusing, kind="pause"),
            end_kind="completed",
            by=clinic.nurse,
            now=minute(8),
        )


def test_that_the_patient_went_is_reason_enough(clinic, infusing):
    leaving.leave(session=infusing, by=clinic.nurse, now=minute(12))
    assert codes(open_points(fresh(infusing))) == ["chart.totals"]


def test_a_chart_with_open_points_is_not_signed(clinic, infusing):
    by = {"by": clinic.nurse}
    running.end(session=infusing, now=minute(20), **by)
    ask_about_side_effects(session=infusing, now=minute(21), **by)
    leaving.leave(session=infusing, now=minute(30), **by)
    with refused(Conflict, "chart.stop_reason") as refusal:
        signing.sign(session=fresh(infusing), now=minute(60), **by)
    assert codes(refusal.value.problems) == ["chart.stop_reason", "chart.totals"]
    stop = InfusionEvent.objects.get(session=infusing, kind="end")
    infusion_events.detail_event(event=stop, reason="Wanted to go", now=minute(61), **by)
    record_totals(session=infusing, pump_microlitres=50_000, used="pump", now=minute(62), **by)
    signing.sign(session=fresh(infusing), now=minute(63), **by)


# Rates


def test_a_change_of_rate_may_be_entered_late_and_while_paused(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), **told)
    infusion_events.change_rate(rate_microlitres_per_hour=300_000, now=minute(12), **told)
    running.resume(now=minute(15), **told)
    running.end(now=minute(20), **told)
    # After the end: from minute 5 on it had run at 60 mL/h.
    infusion_events.change_rate(
        rate_microlitres_per_hour=60_000, taken_at=minute(5), now=minute(50), reason="Pump's log", **told
    )
    # 5 min at 150, 5 min at 60, 5 min at 300 mL/h are 12.5 + 5 + 25 mL.
    found = charted(fresh(infusing), at=minute(60))
    assert (found.infused, found.microlitres) == (timedelta(minutes=15), 42_500)
    assert fresh(infusing).delivered_microlitres == 42_500
    assert fresh(infusing).state is Status.RECOVERING


@pytest.mark.parametrize("rate", [0, -1, 2_000_000])
def test_a_rate_is_above_zero(clinic, infusing, rate):
    told = {"session": infusing, "by": clinic.nurse, "now": minute(5)}
    with refused(Invalid, "rate.above_zero"):
        infusion_events.change_rate(rate_microlitres_per_hour=rate, **told)


@pytest.mark.parametrize("at", [-1, 21])
def test_a_change_of_rate_lies_within_the_infusion(clinic, infusing, at):
    running.end(session=infusing, by=clinic.nurse, now=minute(20))
    with refused(Conflict, "timeline.order"):
        infusion_events.change_rate(
            session=infusing,
            rate_microlitres_per_hour=60_000,
            taken_at=minute(at),
            by=clinic.nurse,
            now=minute(30),
        )


def test_who_does_not_run_infusions_changes_no_rate(clinic, infusing):
    with refused(Refused, "permission.missing"):
        infusion_events.change_rate(
            session=infusing,
            rate_microlitres_per_hour=60_000,
            by=staff("manager", clinic.site),
            now=minute(5),
        )


# Forgotten, and never happened


def test_a_forgotten_pause_is_added_after_the_end(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    with refused(Conflict, "infusion.running"):
        infusion_events.add_forgotten_event(kind="pause", taken_at=minute(5), now=minute(10), **told)
    running.end(now=minute(40), **told)
    late = {"now": minute(50), **told}
    with refused(Invalid, "event.kind"):
        infusion_events.add_forgotten_event(kind="start", taken_at=minute(5), **late)
    with refused(Conflict, "timeline.order"):
        infusion_events.add_forgotten_event(kind="resume", taken_at=minute(20), **late)
    infusion_events.add_forgotten_event(kind="pause", taken_at=minute(10), **late)
    infusion_events.add_forgotten_event(kind="resume", taken_at=minute(20), **late)
    assert fresh(infusing).infused_seconds == 30 * 60


def test_a_pause_that_never_was_is_struck_with_its_resume(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), **told)
    pause = InfusionEvent.objects.get(session=infusing, kind="pause")
    strike = {"event": pause, "reason": "Wrong chair", "by": clinic.nurse}
    with refused(Conflict, "event.not_struck"):
        infusion_events.retract_event(now=minute(11), **strike)
    running.resume(now=minute(12), **told)
    infusion_events.retract_event(now=minute(13), **strike)
    assert fresh(infusing).infused(minute(20)) == timedelta(minutes=20)
    struck = InfusionEvent.objects.filter(session=infusing, retracted=True)
    told_of = AuditEvent.objects.filter(verb="infusion_event.retracted").values_list("subject_id", flat=True)
    assert sorted(told_of) == sorted(row.public_id for row in struck) and len(struck) == 2
    with refused(Conflict, "correction.taken"):
        infusion_events.retract_event(now=minute(14), **strike)


def test_start_and_end_are_not_struck(clinic, infusing):
    running.end(session=infusing, by=clinic.nurse, now=minute(40))
    for event in InfusionEvent.objects.filter(session=infusing).select_related("session"):
        with refused(Conflict, "event.not_struck"):
            infusion_events.retract_event(event=event, reason="Error", by=clinic.nurse, now=minute(41))
