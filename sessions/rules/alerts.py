"""What an alert says, who may acknowledge it, and what counts as having done something."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.facilities.models import Site
from sessions.models import Alert, AlertEntry
from sessions.rules.limits import Breach
from sessions.rules.protocol_words import limit_sentence
from sessions.rules.protocols import ACKNOWLEDGERS, NEVER_WAITS, Limit, LimitLevel, limits
from sessions.states import ENDED, PRESENT

Kind, ActionTaken, Cause = AlertEntry.Kind, AlertEntry.ActionTaken, AlertEntry.Cause
COMPARATOR_CODES = {">": "gt", ">=": "ge", "<": "lt", "<=": "le"}
URGENT = frozenset(NEVER_WAITS | {LimitLevel.PAUSE})
"""Levels that ask for something to be done at the pump; they are drawn as danger."""


def job_at(sites: Iterable[Site]) -> Actor:
    """The house itself, which passes alerts on whoever's request it was that came by."""
    ids = [site.pk for site in sites]
    return Actor.job("escalate_alerts", site_ids=ids, permissions=[Permission.RECORD_OBSERVATIONS])


def no_escalation(site: Site) -> Problem | None:
    """Said openly where a site has set no escalation."""
    if site.rules.alert_escalation_minutes:
        return None
    message = _("No escalation is set at %(site)s: an alert that nobody acknowledges is passed on to nobody.")
    return Problem("alert.no_escalation", message, {"site": site.name})


def rule_key(limit: Limit) -> str:
    """``infusion.systolic.ge.180.pause``: the rule in an address and in counts."""
    change = ("percent" if limit.in_percent else "change") if limit.relative_to_baseline else ""
    waits = f"{limit.persist_readings}x{limit.persist_minutes}" if limit.waits else ""
    parts = (
        "own" if limit.patient_limit else "",
        limit.phase,
        limit.parameter,
        change,
        COMPARATOR_CODES[limit.comparator],
        f"{limit.value:g}",
        limit.level.value,
        waits,
    )
    return ".".join(part for part in parts if part)


def limit_of_alert(alert: Alert) -> Limit:
    """The limit as it stood when the alert was raised."""
    return limits([alert.rule])[0]


def alert_words(alert: Alert) -> str:
    """``Systolic pressure 186 mmHg, limit ≥ 180``"""
    return str(Breach(limit_of_alert(alert), alert.value))


def rule_words(rule: dict[str, Any]) -> str:
    """``Systolic pressure at or above 180 mmHg``"""
    return limit_sentence(limits([rule])[0])


def is_open(alert: Alert) -> bool:
    """As :meth:`sessions.models.alert.AlertQuerySet.open` says in SQL, from entries that were loaded."""
    return alert.session.state in PRESENT and not _is_settled(alert)


def is_unanswered(alert: Alert) -> bool:
    """The patient has left, and nobody has said what was done: it asks nobody, and stays in the record so."""
    return alert.session.state in ENDED and not _is_settled(alert)


def _is_settled(alert: Alert) -> bool:
    settled = {Kind.ACKNOWLEDGED, Kind.WORSENED, Kind.RETRACTED}
    return alert.level == "info" or any(entry.kind in settled for entry in alert.entries.all())


def is_unresolved(entries: Iterable[AlertEntry]) -> bool:
    """Whether the value is still beyond the limit as far as is known."""
    told = [entry.kind for entry in entries if entry.kind in {Kind.ENDED, Kind.REOPENED, Kind.RETRACTED}]
    return not told or told[-1] == Kind.REOPENED


def check_may_acknowledge(alert: Alert, *, by: Actor) -> None:
    """Raises Refused without the right to record; ``alert.prescriber`` or ``alert.nurse`` where the rule names one."""
    site_id = alert.session.site_id
    by.require(Permission.RECORD_OBSERVATIONS, site_id)
    wanted = alert.rule.get("acknowledged_by", "")
    rights = {"prescriber": Permission.REVIEW_CHART, "nurse": Permission.RUN_INFUSION}
    if wanted in rights and not by.can(rights[wanted], site_id):
        message = _("The protocol asks for %(who)s to acknowledge this one. Call them.")
        raise Refused(Problem(f"alert.{wanted}", message, {"who": ACKNOWLEDGERS[wanted]}))


def check_can_acknowledge(alert: Alert) -> None:
    """Raises Conflict ``alert.acknowledged``, naming who was first, or ``alert.retracted``."""
    for entry in alert.entries.all():
        if entry.kind == Kind.ACKNOWLEDGED:
            message = _("%(name)s has acknowledged this alert already.")
            name = entry.by.printed_name if entry.by else ""
            raise Conflict(Problem("alert.acknowledged", message, {"name": name}))
        if entry.kind == Kind.RETRACTED:
            message = _("This alert was taken back. There is nothing to acknowledge.")
            raise Conflict(Problem("alert.retracted", message))


def check_actions(actions: Collection[str]) -> None:
    """Raises Invalid at ``actions``: nothing said, something unknown, or "no action" beside one."""
    if not actions:
        message = _("Say what was done, or that no action was needed.")
        raise Invalid({"actions": Problem("alert.no_action_named", message)})
    if not set(actions) <= set(ActionTaken.values):
        raise Invalid({"actions": Problem("alert.action", _("Choose what was done from the list."))})
    if ActionTaken.NONE in actions and len(set(actions)) > 1:
        message = _("It cannot be that something was done and nothing. Choose one or the other.")
        raise Invalid({"actions": Problem("alert.none_and_more", message)})


def entry_words(entry: AlertEntry) -> str:
    """``Acknowledged: Paused at the pump``, ``Taken back: the reading was corrected``; otherwise the kind alone."""
    kind = str(entry.get_kind_display())
    if entry.kind == Kind.ACKNOWLEDGED:
        return _now("%(kind)s: %(actions)s") % {"kind": kind, "actions": actions_words(entry.actions)}
    if entry.kind == Kind.RETRACTED or entry.cause:
        why = Cause(entry.cause).label if entry.cause else _now("the reading was corrected")
        return _now("%(kind)s: %(why)s") % {"kind": kind, "why": why}
    return kind


def actions_words(actions: Iterable[str]) -> str:
    """``Paused at the pump, measured again``"""
    known = dict(ActionTaken.choices)
    return _now(", ").join(str(known.get(code, code)) for code in actions)
