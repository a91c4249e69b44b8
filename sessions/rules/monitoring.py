"""When the next reading is due: by the protocol's schedule, or its interval after the last one."""

from datetime import datetime, timedelta

from sessions.models import InfusionSession, VitalSigns
from sessions.rules.vitals_schedule import first_due_after
from sessions.states import RUNNING, Status


def next_reading_due(session: InfusionSession, *, latest: VitalSigns | None) -> datetime | None:
    """The moment at which the next set of vital signs is due; None while nobody is monitored.

    Counted from the last reading, or from the start or the end of the infusion where that came later: each phase
    begins with a reading of its own within one interval. A reading that was said not to be done counts as one.
    """
    version = session.protocol_version
    if session.state in RUNNING:
        phase, minutes, begun = "infusion", version.vitals_interval_minutes, session.infusion_started_at
    elif session.state is Status.RECOVERING:
        phase, minutes = "recovery", version.recovery_vitals_interval_minutes
        begun = session.infusion_ended_at
    else:
        return None
    last = latest.taken_at if latest else None
    moments = [moment for moment in (begun, last, session.reading_excused_at) if moment]
    if begun is None or not version.vitals_schedule:
        return max(moments) + timedelta(minutes=minutes) if moments else None
    return first_due_after(version, phase=phase, begun=begun, latest=max(moments))
