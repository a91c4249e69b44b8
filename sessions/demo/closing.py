"""Visits that an earlier run of the demo has left in the middle, brought to an end before today begins."""

from datetime import datetime, timedelta

from sessions.demo.infusing import read_the_pump, take_cannula_out
from sessions.demo.protocols import STEADY
from sessions.demo.story import Clinic
from sessions.models import InfusionSession
from sessions.operations import arriving, discharging, leaving, monitoring, running
from sessions.states import RUNNING, EndKind, Status


def left_over(clinic: Clinic) -> list[InfusionSession]:
    """Sessions of earlier days whose patients, by the record, are still in their chairs."""
    today = clinic.local_day(clinic.now)
    earlier = InfusionSession.objects.present().filter(site=clinic.site, local_date__lt=today)
    return list(earlier.select_related("course__protocol_version"))


def bring_to_an_end(session: InfusionSession, *, clinic: Clinic) -> None:
    """Finish a visit in its own time; the patient has left where that time has not come yet."""
    if _goes_home_at(session) > clinic.now:
        leaving.leave(
            session=session, by=clinic.crew.nurse, reason="Went home early with the escort", now=clinic.now
        )
    elif session.infusion_started_at is None:
        at = session.scheduled_end
        reason = "Did not feel well enough today"
        arriving.do_not_start(session=session, by=clinic.crew.prescriber, reason=reason, now=at)
    else:
        _go_home(session, clinic=clinic)


def _ends_at(session: InfusionSession) -> datetime:
    if session.infusion_ended_at or session.infusion_started_at is None:
        return session.infusion_ended_at or session.scheduled_end
    planned = session.infusion_started_at + timedelta(minutes=session.course.duration_minutes)
    last = session.infusion_events.current().latest("taken_at").taken_at
    return max(planned, last + timedelta(minutes=5))


def _goes_home_at(session: InfusionSession) -> datetime:
    minutes = session.course.protocol_version.min_observation_minutes + 3
    return _ends_at(session) + timedelta(minutes=minutes if session.infusion_started_at else 0)


def _go_home(session: InfusionSession, *, clinic: Clinic) -> None:
    nurse, home_at = clinic.crew.nurse, _goes_home_at(session)
    if session.state in RUNNING:
        ended = _ends_at(session)
        session = running.end(session=session, by=nurse, kind=EndKind.COMPLETED, now=ended)
        if not session.side_effects.exists():
            monitoring.ask_about_side_effects(session=session, by=nurse, now=ended)
    assert session.state is Status.RECOVERING
    if not session.totals_used:
        read_the_pump(session=session, by=nurse, now=_ends_at(session))
    take_cannula_out(session=session, by=nurse, now=home_at - timedelta(minutes=2))
    criteria = dict.fromkeys(session.course.protocol_version.discharge_criteria, True)
    discharging.assess_discharge(
        session=session,
        criteria=criteria,
        values={"aldrete": STEADY},
        escort_name="Escort named in the record",
        by=nurse,
        now=home_at - timedelta(minutes=1),
    )
    leaving.discharge(session=session, by=nurse, now=home_at)
