"""What has gone beyond a limit in this session, who knows of it, and what nobody checks?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Problem, problems_of
from clinic.facilities.rules.channels import CHANNEL_WORDS
from sessions.models import Alert, AlertEntry, InfusionSession, PatientLimit, VitalSigns
from sessions.models.alert import LEVELS
from sessions.rules.alert_escalation import STEP_WORDS
from sessions.rules.alert_limits import (
    is_looser,
    protocol_limits,
    replaced_by,
    usual_values,
)
from sessions.rules.alerts import (
    URGENT,
    alert_words,
    check_may_acknowledge,
    entry_words,
    is_open,
    is_unanswered,
    is_unresolved,
    limit_of_alert,
    no_escalation,
)
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of, in_force, limit_of, over_hold, references
from sessions.rules.plausibility import RANGES
from sessions.rules.protocol_words import PHASE_WORDS, limit_sentence
from sessions.rules.protocols import Limit
from sessions.states import ENDED, PRESENT

Kind = AlertEntry.Kind


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that became of an alert: ``Told(entry, "Passed on to another nurse: Sam Lee, RN")``."""

    entry: AlertEntry
    words: str


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as it reads.

    Attributes:
        words: what was beyond which limit.
        counted_from: what a change was counted from, where it is one.
        to_do: what the protocol asks for.
        is_urgent: something is to be done at the pump.
        is_unanswered: the patient has left, and nobody has said what was done.
        refusal: why this reader may not acknowledge it.
    """

    alert: Alert
    words: str
    counted_from: str
    to_do: str
    is_urgent: bool
    is_open: bool
    is_unanswered: bool
    is_unresolved: bool
    refusal: tuple[Problem, ...]
    told: list[Told]


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit of this patient with the protocol's that it stands for; ``looser`` where it lets more pass."""

    limit: PatientLimit
    words: str
    phase: Any
    level: Any
    protocol: list[str]
    looser: bool


@dataclass(frozen=True, slots=True)
class AlertsPanel:
    """The alerts of a session, for somebody who looks at it now.

    Attributes:
        elsewhere: open alerts of other patients that are this reader's or were passed on to them.
        unchecked: what no limit checks in this phase, in words.
    """

    lines: list[AlertLine]
    elsewhere: list[AlertLine]
    own: list[OwnLimit]
    unchecked: list[str]
    phase: Any
    may_set: bool
    no_escalation: Problem | None

    @property
    def open(self) -> list[AlertLine]:
        """Those that ask for an answer, the most urgent first; those for information come last."""
        order = [code for code, _label in LEVELS]
        asking = [line for line in self.lines if line.is_open]
        return sorted(asking, key=lambda line: order.index(line.alert.level), reverse=True)

    @property
    def unanswered(self) -> list[AlertLine]:
        """Those of a patient who has left that nobody has acknowledged."""
        return [line for line in self.lines if line.is_unanswered]

    @property
    def settled(self) -> list[AlertLine]:
        return [line for line in self.lines if not line.is_open and not line.is_unanswered]


def alerts_panel(session: InfusionSession, *, actor: Actor, now: datetime) -> AlertsPanel:
    """The panel of a session whose readings and protocol are loaded, in a fixed number of queries."""
    alerts = described(Alert.objects.for_user(actor).filter(session=session))
    own = list(PatientLimit.objects.filter(patient=session.patient_id).standing(now).select_related("set_by"))
    known = protocol_limits(session)
    is_watched = session.state in PRESENT
    return AlertsPanel(
        lines=[line_of(alert, actor) for alert in alerts],
        elsewhere=_elsewhere(session, actor, now),
        own=[_own(limit, known) for limit in own],
        unchecked=list(_unchecked(session, known, own, now)) if is_watched else [],
        phase=PHASE_WORDS[session.phase_at(now)],
        may_set=actor.can(Permission.ORDER_COURSE, session.site_id) and session.state not in ENDED,
        no_escalation=no_escalation(session.site) if is_watched else None,
    )


def described(alerts: Any) -> list[Alert]:
    """Alerts with everything their lines tell: the session, its place, the entries and their people."""
    rows = alerts.select_related("session__site", "session__chair", "session__patient", "reading")
    return list(rows.prefetch_related("entries__by", "entries__to").order_by("raised_at", "pk"))


def line_of(alert: Alert, actor: Actor) -> AlertLine:
    """How an alert reads to somebody."""
    limit = limit_of_alert(alert)
    asks, unanswered = is_open(alert), is_unanswered(alert)
    return AlertLine(
        alert=alert,
        words=alert_words(alert),
        counted_from=_counted_from(alert, limit),
        to_do=limit.required_action,
        is_urgent=alert.level in URGENT,
        is_open=asks,
        is_unanswered=unanswered,
        is_unresolved=is_unresolved(alert.entries.all()),
        refusal=problems_of(check_may_acknowledge, alert=alert, by=actor) if asks or unanswered else (),
        told=[Told(entry, _words_of(entry)) for entry in alert.entries.all() if entry.kind != Kind.SENDING],
    )


def _counted_from(alert: Alert, limit: Limit) -> str:
    if alert.before is None:
        return ""
    unit = RANGES[limit.parameter].unit
    return _("counted from %(before)s") % {"before": f"{alert.before:g} {unit}".strip()}


def _words_of(entry: AlertEntry) -> str:
    kind = str(entry.get_kind_display())
    if entry.kind in {Kind.ACKNOWLEDGED, Kind.RETRACTED, Kind.REOPENED}:
        found = entry_words(entry)
        return f"{found}. {entry.note}" if entry.note else found
    if entry.kind == Kind.ESCALATED:
        name = entry.to.printed_name if entry.to else _("nobody is named")
        return _("%(kind)s to %(step)s: %(name)s") % {
            "kind": kind,
            "step": STEP_WORDS[entry.step],
            "name": name,
        }
    if entry.channel:
        channel = CHANNEL_WORDS[entry.channel]
        found = _("%(kind)s %(channel)s: %(name)s") % {
            "kind": kind,
            "channel": channel,
            "name": entry.to.printed_name if entry.to else "",
        }
        return f"{found}. {entry.note}" if entry.note else found
    return kind


def _elsewhere(session: InfusionSession, actor: Actor, now: datetime) -> list[AlertLine]:
    here = InfusionSession.objects.present().filter(site=session.site_id).exclude(pk=session.pk)
    mine = here.looked_after_by(actor.user_id, now).order_by().values("pk")
    told = AlertEntry.objects.filter(kind=Kind.ESCALATED, to=actor.user_id).order_by().values("alert")
    waiting = Alert.objects.for_user(actor).open().filter(session__in=here.order_by().values("pk"))
    found = described(waiting.filter(Q(session__in=mine) | Q(pk__in=told)))
    return [line_of(alert, actor) for alert in found]


def _own(own: PatientLimit, known: Iterable[Limit]) -> OwnLimit:
    limit, places = limit_of(own), replaced_by(own, known)
    return OwnLimit(
        limit=own,
        words=limit_sentence(limit),
        phase=PHASE_WORDS[own.phase],
        level=dict(LEVELS)[own.level],
        protocol=[limit_sentence(place) for place in places],
        looser=any(is_looser(own, place) for place in places),
    )


def _unchecked(
    session: Any, known: Sequence[Limit], own: Sequence[PatientLimit], now: datetime
) -> Iterable[str]:
    """Parameters without a limit in this phase, and changes that can be counted from nothing."""
    phase = session.phase_at(now)
    limits = [limit for limit in in_force(known, own, now) if limit.phase == phase]
    checked = {limit.parameter for limit in limits}
    yield from (str(of.label) for name, of in RANGES.items() if name not in checked)
    readings: list[VitalSigns] = sorted(standing(session.vital_signs.all()), key=lambda row: row.taken_at)
    baseline = baseline_of(session, readings)
    held = over_hold(known, baseline)
    changes = [limit for limit in limits if limit.relative_to_baseline]
    masked = any(limit.in_percent and limit.parameter in held for limit in changes)
    before = references(known, baseline=baseline, usual=usual_values(session) if masked else {})
    for limit in changes:
        if before(limit) is None:
            why = (
                _("%(limit)s (the baseline was over the limit for starting, and no usual value is known)")
                if limit.in_percent and limit.parameter in held
                else _("%(limit)s (no baseline)")
            )
            yield why % {"limit": limit_sentence(limit)}
