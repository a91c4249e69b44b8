"""Raising alerts as readings come: in the transaction of the reading, from all readings that stand.

Nothing here is asked for by anybody: recording, correcting or striking a reading brings it about, and so does what
the readings are judged by: when the infusion began and ended, which reading is the baseline, which version of the
protocol the course stands on, and what is usual for the patient. A reading within all limits in a session without
alerts costs one small query and nothing else; an end costs one, too, and a start two.

A patient's own limit holds from the moment it is set, and one taken back until then: neither judges what was read
before.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, Q, Subquery, Value, When

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from sessions.models import (
    Alert,
    AlertEntry,
    BaselineChoice,
    Course,
    InfusionSession,
    PatientLimit,
    VitalSigns,
)
from sessions.operations.facts import Entry
from sessions.operations.transition import locked_session
from sessions.rules.alert_limits import limits_of_patient, protocol_limits, usual_values
from sessions.rules.alerts import is_unresolved, rule_key
from sessions.rules.corrections import standing
from sessions.rules.crossings import Crossing, Tier, crossings
from sessions.rules.limits import URGENCY, Before, baseline_of, breached, in_force, over_hold, references
from sessions.rules.moments import is_signed, person
from sessions.rules.protocols import Limit, LimitLevel, stored

Kind, Cause = AlertEntry.Kind, AlertEntry.Cause
Span = tuple[datetime | None, datetime | None]
"""The start and the end of an infusion."""


def evaluate(entry: Entry, reading: VitalSigns) -> None:
    """Raise what a reading that was just written crosses, and end what it ends.

    A correction is looked at with everything around it, and so is one that was entered after a later reading: it may
    part a crossing in two or be the baseline of what came after, and what was raised may not stand any more.
    """
    session, is_plain = entry.session, reading.corrects_id is None
    known = protocol_limits(session)
    if session.infusion_started_at and (not is_plain or session.phase_at(reading.taken_at) == "pre"):
        _evaluate_later_sessions(entry, why=reading.correction_reason)
    if is_plain and _says_nothing(reading, session, known):
        return
    if chart := _chart(session, known):
        is_newest = is_plain and chart.readings[-1] == reading
        why = _Why(reading=reading, cause=Cause.LATE if is_plain else "")
        _judge(entry, chart, why, only=reading if is_newest else None)


def evaluate_times(entry: Entry, *, was: Span, why: str = "") -> None:
    """Judge the readings anew that another start or end of the infusion has put into another phase, if there are any.

    Args:
        was: the start and the end as they stood before; the session has the new ones.
        why: what was said of the correction.
    """
    session = entry.session
    if was[0] != session.infusion_started_at:
        _evaluate_later_sessions(entry, why=why)
    moved = _between(was[0], session.infusion_started_at) | _between(
        was[1], session.infusion_ended_at, end=True
    )
    if moved and session.vital_signs.current().filter(moved).exists():
        evaluate_again(entry, Cause.TIMES, why=why)


def evaluate_again(entry: Entry, cause: AlertEntry.Cause, *, why: str = "") -> None:
    """Judge every reading anew because something else than a reading has changed.

    What no longer stands is taken back with the cause; what arises now is for review, for nothing was measured now.
    """
    if chart := _chart(entry.session, protocol_limits(entry.session)):
        _judge(entry, chart, _Why(cause=cause, note=why.strip()))


def evaluate_course(course: Course, *, by: Actor, now: datetime, why: str) -> None:
    """Judge by the version that a course was moved to what was read of a patient who is here.

    A visit that is over keeps the limits that it was under (:attr:`InfusionSession.protocol_version`).
    """
    here = course.sessions.present().order_by("pk").values_list("pk", flat=True)
    _evaluate_sessions(here, AlertEntry.Cause.PROTOCOL, by=by, now=now, why=why)


def _evaluate_later_sessions(entry: Entry, *, why: str) -> None:
    """What is usual for a patient is the baselines of the infusions before (:func:`usual_values`): this one may count
    otherwise now in the charts after it that are not signed yet."""
    session = entry.session
    later = InfusionSession.objects.filter(
        patient=session.patient_id, scheduled_start__gt=session.scheduled_start, arrived_at__isnull=False
    )
    keys = list(later.order_by("pk").values_list("pk", flat=True))
    if keys:
        # It is counted from the rows, and whoever moves a start saves it last.
        session.save(update_fields=["infusion_started_at"])
    _evaluate_sessions(keys, AlertEntry.Cause.USUAL, by=entry.by, now=entry.now, why=why)


def _evaluate_sessions(
    keys: Iterable[int], cause: AlertEntry.Cause, *, by: Actor, now: datetime, why: str
) -> None:
    for key in keys:
        session = locked_session(InfusionSession(pk=key))
        if not is_signed(session):
            evaluate_again(Entry(session, by, person(by), now, now), cause, why=why)


def span(session: InfusionSession) -> Span:
    """The start and the end of the infusion as they stand."""
    return session.infusion_started_at, session.infusion_ended_at


def _between(was: datetime | None, is_now: datetime | None, *, end: bool = False) -> Q:
    """Readings in another phase since a boundary was moved; one at the very end belongs to the infusion."""
    if was == is_now:
        return Q()
    known = sorted(at for at in (was, is_now) if at is not None)
    first = Q(taken_at__gt=known[0]) if end else Q(taken_at__gte=known[0])
    if len(known) == 1:
        return first
    return first & (Q(taken_at__lte=known[1]) if end else Q(taken_at__lt=known[1]))


@dataclass(frozen=True, slots=True)
class _Why:
    """What has brought an evaluation about: a reading, or a cause of another kind with its words."""

    reading: VitalSigns | None = None
    cause: str = ""
    note: str = ""

    @property
    def is_for_review(self) -> bool:
        """Whether nothing was measured: what arises then is looked at and pages nobody."""
        return self.reading is None

    def columns(self) -> dict[str, Any]:
        return {"reading": self.reading, "cause": self.cause, "note": self.note}


def _chart(session: InfusionSession, known: Sequence[Limit]) -> "_Chart | None":
    own = limits_of_patient(session.patient_id)
    return _Chart(session, known, own) if known or own else None


def _judge(entry: Entry, chart: "_Chart", why: _Why, *, only: VitalSigns | None = None) -> None:
    """Take back what no longer stands, raise what is missing, say what has ended.

    Args:
        only: the newest reading, which corrects nothing; what does not contain it stands as it did.
    """
    alerts = list(entry.session.alerts.prefetch_related("entries"))
    kept = [alert for alert in alerts if not _has(alert, Kind.RETRACTED)]
    if only is None:
        kept = [alert for alert in kept if _still_stands(entry, alert, chart, why)]
    stands = {alert.pk for alert in kept}
    for crossing in chart.crossings:
        if only is None or only in crossing.readings:
            _raise_missing(entry, crossing, kept, chart, for_review=why.is_for_review, stands=stands)
    for alert in kept:
        _follow(entry, alert, chart, why)


def _says_nothing(reading: VitalSigns, session: InfusionSession, known: Sequence[Limit]) -> bool:
    """Whether a reading is within every limit that could be checked, and nothing else is to be looked at.

    One query, and one more where the baseline was itself over the hold limit.
    """
    phase = session.phase_at(reading.taken_at)
    if phase == "pre" and session.infusion_started_at is not None:
        # It may be the baseline of what came after.
        return False
    found = _baseline(session)
    if found is None or found.has_alerts or found.has_own:
        return False
    limits = [limit for limit in known if limit.phase == phase]
    is_masked = any(limit.in_percent for limit in limits) and over_hold(known, found)
    usual = usual_values(session) if is_masked else {}
    return not breached(reading, limits, references(known, baseline=found, usual=usual))


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


def _raise_missing(
    entry: Entry,
    crossing: Crossing,
    kept: list[Alert],
    chart: _Chart,
    *,
    for_review: bool,
    stands: Collection[int],
) -> None:
    """An alert for each tier of a crossing beyond those it has; a worse one takes the place of those before it.

    One whose place was taken by a worse one that does not stand any more was answered by nobody: it is raised anew.
    """
    mine = [
        alert
        for alert in kept
        if chart.crossing_of(alert) is crossing and not _was_replaced_by_none(alert, stands)
    ]
    asking = [alert for alert in mine if not _has(alert, Kind.WORSENED, Kind.ACKNOWLEDGED)]
    for tier in crossing.tiers:
        if any(_rank(alert.level) >= _rank(tier.level) for alert in mine):
            continue
        alert = _raise(entry, tier, is_over=crossing.ended_by is not None, for_review=for_review)
        for milder in asking:
            _note(entry, milder, Kind.WORSENED, worse=alert)
        asking = [alert]
        kept.append(alert)


def _was_replaced_by_none(alert: Alert, stands: Collection[int]) -> bool:
    return any(entry.kind == Kind.WORSENED and entry.worse_id not in stands for entry in alert.entries.all())


def _raise(entry: Entry, tier: Tier, *, is_over: bool, for_review: bool) -> Alert:
    session, limit = entry.session, tier.limit
    is_fresh = entry.now - tier.reading.taken_at <= timedelta(minutes=session.site.rules.alert_live_minutes)
    alert = Alert.objects.create(
        session=session,
        parameter=limit.parameter,
        side=limit.side,
        level=limit.level.value,
        rule=stored(limit),
        rule_key=rule_key(limit),
        protocol_version=session.protocol_version,
        patient_limit_id=limit.patient_limit,
        reading=tier.reading,
        value=tier.value,
        before=tier.before if limit.relative_to_baseline else None,
        # One that came late pages nobody, unless the patient is here and nothing says that it is over.
        is_live=not for_review and (is_fresh or (not is_over and session.closed_at is None)),
        raised_at=entry.now,
    )
    _tell(entry, alert, "alert.raised")
    return alert


def _rank(level: str) -> int:
    return URGENCY.index(LimitLevel(level))


def _still_stands(entry: Entry, alert: Alert, chart: _Chart, why: _Why) -> bool:
    """Whether what has changed left an alert its reason; otherwise it is taken back."""
    crossing = chart.crossing_of(alert)
    if crossing is not None and any(tier.level == alert.level for tier in crossing.tiers):
        return True
    _note(entry, alert, Kind.RETRACTED, **why.columns())
    return False


def _follow(entry: Entry, alert: Alert, chart: _Chart, why: _Why) -> None:
    """Say whether the crossing of an alert has ended, or goes on after all."""
    crossing = chart.crossing_of(alert)
    if crossing is None:
        return
    is_over = not is_unresolved(alert.entries.all())
    if crossing.ended_by is not None and not is_over:
        _note(entry, alert, Kind.ENDED, reading=crossing.ended_by)
    elif crossing.ended_by is None and is_over:
        _note(entry, alert, Kind.REOPENED, **why.columns())


def _note(entry: Entry, alert: Alert, kind: str, **told: Any) -> None:
    AlertEntry.objects.create(alert=alert, kind=kind, at=entry.now, by=entry.person, **told)
    _tell(entry, alert, f"alert.{kind}")


def _tell(entry: Entry, alert: Alert, verb: str) -> None:
    site, patient = entry.session.site, entry.session.patient
    record(verb=verb, subject=alert, by=entry.by, now=entry.now, site=site, patient=patient)
