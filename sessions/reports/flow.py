"""What the infusion's part of a session's page shows: what is left to be said, pump and chart, cannulas, the grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sessions.models import InfusionSession, InfusionTotals, IVAccess
from sessions.reports.flowsheet import Flowsheet, flowsheet
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.delivery import Charted, charted, is_over_tolerance, lacks_stop_reason
from sessions.rules.iv_access import standing_accesses
from sessions.rules.vitals_schedule import cells
from sessions.states import EventKind


@dataclass(frozen=True, slots=True)
class Flow:
    """The infusion on a session's page.

    Attributes:
        unexplained: pauses and an early stop of which nobody has said why, the latest first.
        needs_reason: whether one of them must be explained before the chart is signed.
        charted: minutes, volume and milligrams by the chart: now, or at the end.
        is_apart: whether pump and chart differ by more than the protocol's tolerance; None: not checked.
    """

    unexplained: list[Any]
    needs_reason: bool
    charted: Charted
    dose: Any
    rate: int | None
    totals: InfusionTotals | None
    totals_stand: bool
    is_apart: bool | None
    accesses: list[IVAccess]
    sheet: Flowsheet

    @property
    def asks(self) -> bool:
        """Whether something about the infusion is still to be said."""
        return bool(self.unexplained)


def flow(session: InfusionSession, rows: Sequence[Any], *, due_at: datetime | None, now: datetime) -> Flow:
    """The infusion of a session whose chart is loaded; three queries more, of totals, cannulas and excuses.

    Args:
        rows: the standing readings as the page has judged them.
        due_at: when the next one is due.
    """
    dose = confirmed_dose(session)
    readings = [row.reading for row in rows]
    planned = cells(session, readings=readings, not_done=list(session.readings_not_done.all()), now=now)
    totals = session.infusion_totals.last() if session.infusion_ended_at else None
    policy = session.site.rules
    return Flow(
        unexplained=_unexplained(session),
        needs_reason=lacks_stop_reason(session),
        charted=charted(session, at=session.infusion_ended_at or now),
        dose=dose,
        rate=session.rate_microlitres_per_hour,
        totals=totals,
        totals_stand=bool(session.totals_used),
        is_apart=_is_apart(totals, dose),
        accesses=standing_accesses(session),
        sheet=flowsheet(
            rows,
            planned=planned,
            facts=session.vital_signs.all(),
            mark_minutes=policy.late_entry_mark_minutes,
            dims_at=due_at + timedelta(minutes=policy.reading_grace_minutes) if due_at else None,
            now=now,
        ),
    )


def _unexplained(session: InfusionSession) -> list[Any]:
    events = standing(session.infusion_events.all())
    stop = lacks_stop_reason(session)
    asked = [
        event
        for event in events
        if not event.reason.strip()
        and (event.kind == EventKind.PAUSE or (event.kind == EventKind.END and stop))
    ]
    return sorted(asked, key=lambda event: event.taken_at, reverse=True)


def _is_apart(totals: InfusionTotals | None, dose: Any) -> bool | None:
    if totals is None or dose is None or totals.pump_micrograms is None or totals.charted_micrograms is None:
        return None
    return is_over_tolerance(
        pump=totals.pump_micrograms,
        chart=totals.charted_micrograms,
        dose=dose.dose_micrograms,
        percent=totals.tolerance_percent,
    )
