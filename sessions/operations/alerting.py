"""Raising alerts as readings come: in the transaction of the reading, from all readings that stand.

Nothing here is asked for by anybody: recording, correcting or striking a reading brings it about. A reading within
all limits in a session without alerts costs one small query and nothing else.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, Subquery, Value, When

from clinic.audit.recording import record
from sessions.models import Alert, AlertEntry, BaselineChoice, InfusionSession, PatientLimit, VitalSigns
from sessions.operations.facts import Entry
from sessions.rules.alert_limits import limits_of_patient, protocol_limits, usual_values
from sessions.rules.alerts import rule_key
from sessions.rules.corrections import standing
from sessions.rules.crossings import Crossing, Tier, crossings
from sessions.rules.limits import URGENCY, Before, baseline_of, breached, in_force, over_hold, references
from sessions.rules.protocols import Limit, LimitLevel, stored

Kind = AlertEntry.Kind


def evaluate(entry: Entry, reading: VitalSigns) -> None:
    """Raise what a reading that was just written crosses, and end what it ends.

    A correction is looked at with everything around it: what it was raised for may not stand any more.
    """
    session, is_plain = entry.session, reading.corrects_id is None
    known = protocol_limits(session)
    if is_plain and _says_nothing(reading, session, known):
        return
    own = limits_of_patient(session.patient_id)
    if not known and not own:
        return
    alerts = list(session.alerts.prefetch_related("entries"))
    chart = _Chart(session, known, own)
    touched = chart.crossings if not is_plain else [one for one in chart.crossings if reading in one.readings]
    kept = [alert for alert in alerts if not _has(alert, Kind.RETRACTED)]
    if not is_plain:
        kept = [alert for alert in kept if _still_stands(entry, alert, chart, reading)]
    for crossing in touched:
        _raise_missing(entry, crossing, kept, chart)
    for alert in kept:
        _follow(entry, alert, chart, reading)


def _says_nothing(reading: VitalSigns, session: InfusionSession, known: Sequence[Limit]) -> bool:
    """Whether a reading is within every limit that could be checked, and nothing else is to be looked at: one query."""
    phase = session.phase_at(reading.taken_at)
    if phase == "pre" and session.infusion_started_at is not None:
        # It may be the baseline of what came after.
        return False
    found = _baseline(session)
    if found is None or found.has_alerts or found.has_own:
        return False
    limits = [limit for limit in known if limit.phase == phase]
    if any(limit.in_percent for limit in limits) and over_hold(known, found):
        return False
    return not breached(reading, limits, references(known, baseline=found, usual={}))


def _baseline(session: InfusionSession) -> Any:
    """As :func:`baseline_of` finds it, without reading the flowsheet; and whether there is more to look at."""
    rows: Any = session.vital_signs.current()
    if session.infusion_started_at is not None:
        rows = rows.filter(taken_at__lt=session.infusion_started_at)
    named = BaselineChoice.objects.filter(session=session.pk).order_by("-entered_at", "-pk")
    rows = rows.annotate(
        is_named=Case(When(pk=Subquery(named.values("reading")[:1]), then=Value(1)), default=Value(0)),
        has_alerts=Exists(Alert.objects.filter(session=session.pk)),
        has_own=Exists(PatientLimit.objects.filter(patient=session.patient_id)),
    )
    # Of two taken in the same minute the first one entered, as baseline_of has it.
    return rows.filter(systolic__gt=0, heart_rate__gt=0).order_by("is_named", "taken_at", "-pk").last()


class _Chart:
    """All readings of a session, what corrects what, and the crossings among those that stand."""

    def __init__(self, session: InfusionSession, known: Sequence[Limit], own: Sequence[PatientLimit]) -> None:
        self.session, self.known, self.own = session, known, own
        rows = list(session.vital_signs.all())
        self.corrects = {row.pk: row.corrects_id for row in rows}
        self.readings = sorted(standing(rows), key=lambda row: (row.taken_at, row.pk))
        self.crossings = crossings(self.readings, limits_at=self._limits_at, before=self._before())

    def _limits_at(self, reading: VitalSigns) -> list[Limit]:
        phase = self.session.phase_at(reading.taken_at)
        return [limit for limit in in_force(self.known, self.own, reading.taken_at) if limit.phase == phase]

    def _before(self) -> Before:
        baseline = baseline_of(self.session, self.readings)
        is_masked = any(limit.in_percent for limit in self.known) and over_hold(self.known, baseline)
        usual = usual_values(self.session) if is_masked else {}
        return references(self.known, baseline=baseline, usual=usual)

    def root(self, pk: int) -> int:
        """The first entry of a reading that may have been corrected since."""
        while (earlier := self.corrects.get(pk)) is not None:
            pk = earlier
        return pk

    def crossing_of(self, alert: Alert) -> Crossing | None:
        """The crossing that an alert belongs to as the readings stand now."""
        mine, side = self.root(alert.reading_id), (alert.parameter, alert.side)
        found = (
            one
            for one in self.crossings
            if one.side == side and mine in {self.root(reading.pk) for reading in one.readings}
        )
        return next(found, None)


def _has(alert: Alert, *kinds: str) -> bool:
    return any(entry.kind in kinds for entry in alert.entries.all())


def _raise_missing(entry: Entry, crossing: Crossing, kept: list[Alert], chart: _Chart) -> None:
    """An alert for each tier of a crossing beyond those it has; a worse one takes the place of those before it."""
    mine = [alert for alert in kept if chart.crossing_of(alert) is crossing]
    asking = [alert for alert in mine if not _has(alert, Kind.WORSENED, Kind.ACKNOWLEDGED)]
    for tier in crossing.tiers:
        if any(_rank(alert.level) >= _rank(tier.level) for alert in mine):
            continue
        alert = _raise(entry, tier, is_over=crossing.ended_by is not None)
        for milder in asking:
            _note(entry, milder, Kind.WORSENED, worse=alert)
        asking = [alert]
        kept.append(alert)


def _raise(entry: Entry, tier: Tier, *, is_over: bool) -> Alert:
    session, limit = entry.session, tier.limit
    is_fresh = entry.now - tier.reading.taken_at <= timedelta(minutes=session.site.rules.alert_live_minutes)
    alert = Alert.objects.create(
        session=session,
        parameter=limit.parameter,
        side=limit.side,
        level=limit.level.value,
        rule=stored(limit),
        rule_key=rule_key(limit),
        protocol_version=session.course.protocol_version,
        patient_limit_id=limit.patient_limit,
        reading=tier.reading,
        value=tier.value,
        before=tier.before if limit.relative_to_baseline else None,
        # One that came late pages nobody, unless the patient is here and nothing says that it is over.
        is_live=is_fresh or (not is_over and session.closed_at is None),
        raised_at=entry.now,
    )
    _tell(entry, alert, "alert.raised")
    return alert


def _rank(level: str) -> int:
    return URGENCY.index(LimitLevel(level))


def _still_stands(entry: Entry, alert: Alert, chart: _Chart, reading: VitalSigns) -> bool:
    """Whether a correction has left an alert its reason; otherwise it is taken back."""
    crossing = chart.crossing_of(alert)
    if crossing is not None and any(tier.level == alert.level for tier in crossing.tiers):
        return True
    _note(entry, alert, Kind.RETRACTED, reading=reading)
    return False


def _follow(entry: Entry, alert: Alert, chart: _Chart, reading: VitalSigns) -> None:
    """Say whether the crossing of an alert has ended, or goes on after all."""
    crossing = chart.crossing_of(alert)
    if crossing is None:
        return
    is_over = _is_over(alert.entries.all())
    if crossing.ended_by is not None and not is_over:
        _note(entry, alert, Kind.ENDED, reading=crossing.ended_by)
    elif crossing.ended_by is None and is_over:
        _note(entry, alert, Kind.REOPENED, reading=reading)


def _is_over(entries: Iterable[AlertEntry]) -> bool:
    told = [entry.kind for entry in entries if entry.kind in {Kind.ENDED, Kind.REOPENED}]
    return bool(told) and told[-1] == Kind.ENDED


def _note(entry: Entry, alert: Alert, kind: str, **told: Any) -> None:
    AlertEntry.objects.create(alert=alert, kind=kind, at=entry.now, by=entry.person, **told)
    _tell(entry, alert, f"alert.{kind}")


def _tell(entry: Entry, alert: Alert, verb: str) -> None:
    site, patient = entry.session.site, entry.session.patient
    record(verb=verb, subject=alert, by=entry.by, now=entry.now, site=site, patient=patient)
