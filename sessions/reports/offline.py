"""What the chairside page carries for the time without network, and what of a chart was typed in it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from clinic.common.models import OfflineEntry
from sessions.models import InfusionSession
from sessions.reports.chairside import Chairside
from sessions.reports.chart import rows_of
from sessions.reports.timeline import Entry
from sessions.rules.alert_limits import protocol_limits, usual_values
from sessions.rules.limits import baseline_of, in_force, over_hold, references
from sessions.rules.plausibility import RANGES

Written = tuple[str, datetime]
"""By whom and when rows were entered: what the rows that one form has written share."""


def offline_data(page: Chairside) -> dict[str, Any]:
    """Approved limits and typing ranges, as ``readings.js`` checks a reading against them.

    A limit that is not here is not checked, and the tablet says so.
    """
    session = page.session
    return {
        "session": str(session.public_id),
        "contact": reverse("sessions:contact", args=[session.public_id]),
        "status": session.status,
        "zone": session.site.time_zone,
        "interval": _interval(session),
        "started_at": _text(session.infusion_started_at),
        "ended_at": _text(session.infusion_ended_at),
        "limits": _limits(page),
        "ranges": {
            name: {
                "label": str(known.label),
                "unit": known.unit,
                "possible": known.possible,
                "usual": known.usual,
            }
            for name, known in RANGES.items()
        },
    }


def _limits(page: Chairside) -> list[dict[str, Any]]:
    """The limits that hold now, the patient's own among them, each with what its change is counted from."""
    session = page.session
    known = protocol_limits(session)
    baseline = baseline_of(session, [row.reading for row in page.readings])
    is_masked = any(limit.in_percent for limit in known) and over_hold(known, baseline)
    before = references(known, baseline=baseline, usual=usual_values(session) if is_masked else {})
    return [
        {
            "parameter": limit.parameter,
            "phase": limit.phase,
            "comparator": limit.comparator,
            "value": limit.value,
            "level": limit.level.value,
            "relative": limit.relative_to_baseline,
            "in_percent": limit.in_percent,
            "before": before(limit) if limit.relative_to_baseline else None,
        }
        for limit in in_force(known, page.own_limits, page.now)
    ]


def _interval(session: Any) -> int:
    """Minutes from one reading to the next in the present phase."""
    version = session.protocol_version
    over = session.infusion_ended_at is not None
    minutes: int = version.recovery_vitals_interval_minutes if over else version.vitals_interval_minutes
    return minutes


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def with_offline_times(entries: Sequence[Entry]) -> list[Entry]:
    """The timeline with the mark "offline time" where an entry was typed without network; one query."""
    known = _typed_offline(entry.fact for entry in entries)
    return [replace(entry, offline=known.get(_written(entry.fact))) for entry in entries]


def offline_entries(session: InfusionSession) -> list[OfflineEntry]:
    """What of a loaded chart was typed without network, in the order of typing; one query."""
    found = _typed_offline(rows_of(session)).values()
    return sorted(found, key=lambda entry: (entry.typed_at, entry.pk))


def _typed_offline(facts: Iterable[Any]) -> dict[Written, OfflineEntry]:
    written = {_written(fact) for fact in facts}
    if not written:
        return {}
    moments = [moment for _actor, moment in written]
    # A range, not a list of moments: a long chart has more of them than SQLite takes parameters.
    rows = OfflineEntry.objects.filter(received_at__gte=min(moments), received_at__lte=max(moments))
    found = {(row.actor, row.received_at): row for row in rows.filter(actor__in={who for who, _ in written})}
    return {key: row for key, row in found.items() if key in written}


def _written(fact: Any) -> Written:
    return (f"user:{fact.entered_by_id}", fact.entered_at)
