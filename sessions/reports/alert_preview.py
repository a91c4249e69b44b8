"""How often would each limit of a version have fired on the last infusions?

Nothing is stored. Each infusion is looked at with the limits of the version alone: limits that single patients had of
their own are left out, and so is whatever was raised at the time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clinic.accounts.actor import Actor
from sessions.models import InfusionSession, ProtocolVersion, VitalSigns
from sessions.rules.alert_limits import usual_of
from sessions.rules.alerts import rule_key
from sessions.rules.crossings import Tier, crossings
from sessions.rules.limits import baseline_of, references
from sessions.rules.protocol_words import LEVEL_WORDS, PHASE_WORDS, limit_details, limit_sentence
from sessions.rules.protocols import Limit, limits
from sessions.states import ENDED

LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One limit.

    Attributes:
        infusions: with one alert of this limit or more.
        per_hundred: alerts per 100 infusions.

    Example: ``PreviewRow("infusion.systolic.ge.180.pause", "Systolic pressure at or above 180 mmHg", …, 7, 9, 4.5)``
    """

    key: str
    words: str
    details: str
    phase: str
    phase_words: object
    level: str
    level_words: object
    infusions: int
    alerts: int
    per_hundred: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer: how many infusions were looked at, how many would have had an alert, and the limits one by one."""

    infusions: int
    with_alerts: int
    alerts: int
    per_hundred: float | None
    rows: list[PreviewRow]


def preview(version: ProtocolVersion, *, actor: Actor) -> Preview:
    """Look at the last infusions that are over within the actor's reach, in four queries."""
    known = limits(version.limits)
    delivered = InfusionSession.objects.for_user(actor).delivered().filter(status__in=ENDED)
    sessions = list(
        delivered.prefetch_related("baseline_choices").order_by("-infusion_started_at", "-pk")[:LOOKED_AT]
    )
    readings = _readings(sessions)
    usual = _Usual(sessions)
    fired: Counter[Limit] = Counter()
    with_it: Counter[Limit] = Counter()
    with_any = 0
    for session in sessions:
        tiers = _alerts(session, readings[session.pk], known, usual.of(session))
        fired.update(tier.limit for tier in tiers)
        with_it.update({tier.limit for tier in tiers})
        with_any += bool(tiers)
    total = len(sessions)
    rows = [_row(limit, with_it[limit], fired[limit], total) for limit in dict.fromkeys(known)]
    return Preview(total, with_any, fired.total(), _per_hundred(fired.total(), total), rows)


def _row(limit: Limit, infusions: int, alerts: int, total: int) -> PreviewRow:
    return PreviewRow(
        key=rule_key(limit),
        words=limit_sentence(limit),
        details="; ".join(limit_details(limit)),
        phase=limit.phase,
        phase_words=PHASE_WORDS[limit.phase],
        level=limit.level.value,
        level_words=LEVEL_WORDS[limit.level.value],
        infusions=infusions,
        alerts=alerts,
        per_hundred=_per_hundred(alerts, total),
    )


def _per_hundred(count: int, of: int) -> float | None:
    return round(count * 100 / of, 1) if of else None


def _readings(sessions: Iterable[InfusionSession]) -> Mapping[int, list[VitalSigns]]:
    found: defaultdict[int, list[VitalSigns]] = defaultdict(list)
    for row in VitalSigns.objects.current().filter(session__in=sessions).order_by("taken_at", "pk"):
        found[row.session_id].append(row)
    return found


def _alerts(
    session: InfusionSession,
    readings: list[VitalSigns],
    known: tuple[Limit, ...],
    usual: Mapping[str, float],
) -> list[Tier]:
    phases = {reading.pk: session.phase_at(reading.taken_at) for reading in readings}
    by_phase: defaultdict[str, list[Limit]] = defaultdict(list)
    for limit in known:
        by_phase[limit.phase].append(limit)
    before = references(known, baseline=baseline_of(session, readings), usual=usual)
    found = crossings(readings, limits_at=lambda reading: by_phase[phases[reading.pk]], before=before)
    return [tier for crossing in found for tier in crossing.tiers]


class _Usual:
    """The usual values of the patients at each of their infusions, from all baselines read at once."""

    def __init__(self, sessions: list[InfusionSession]) -> None:
        rows = (
            VitalSigns.objects.current()
            .filter(
                session__patient__in={session.patient_id for session in sessions},
                session__infusion_started_at__isnull=False,
                systolic__isnull=False,
                heart_rate__isnull=False,
            )
            .select_related("session")
            .order_by("taken_at", "pk")
        )
        self.baselines: defaultdict[int, dict[int, VitalSigns]] = defaultdict(dict)
        for row in rows:
            started = row.session.infusion_started_at
            if started is not None and row.taken_at < started:
                self.baselines[row.session.patient_id][row.session_id] = row

    def of(self, session: InfusionSession) -> dict[str, float]:
        mine = self.baselines[session.patient_id].values()
        return usual_of(row for row in mine if row.session.scheduled_start < session.scheduled_start)
