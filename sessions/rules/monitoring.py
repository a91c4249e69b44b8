"""When the next reading is due: the protocol's interval after the last one."""

from datetime import datetime, timedelta

from sessions.models import InfusionSession, VitalSigns
from sessions.states import RUNNING, Status


def next_reading_due(session: InfusionSession, *, latest: VitalSigns | None) -> datetime | None:
    """The moment at which the next set of vital signs is due; None while nobody is monitored.

    Counted from the last reading, or from the start or the end of the infusion where that came later: each phase
    begins with a reading of its own within one interval.
    """
    version = session.course.protocol_version
    if session.state in RUNNING:
        minutes, begun = version.vitals_interval_minutes, session.infusion_started_at
    elif session.state is Status.RECOVERING:
        minutes, begun = version.recovery_vitals_interval_minutes, session.infusion_ended_at
    else:
        return None
    moments = [moment for moment in (begun, latest.taken_at if latest else None) if moment]
    return max(moments) + timedelta(minutes=minutes) if moments else None
