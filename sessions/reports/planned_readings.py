"""What was planned to be measured in one session, and what became of it?"""

from datetime import datetime

from sessions.models import InfusionSession
from sessions.rules.corrections import standing
from sessions.rules.vitals_schedule import Cell, cells


def planned_readings(session: InfusionSession, *, now: datetime) -> list[Cell]:
    """Every planned reading up to the next one: ``Cell("heart_rate", "infusion", due_at, CellState.LATE, …)``."""
    readings = sorted(standing(session.vital_signs.all()), key=lambda reading: reading.taken_at)
    return cells(session, readings=readings, not_done=list(session.readings_not_done.all()), now=now)
