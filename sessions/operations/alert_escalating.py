"""Passing an alert on that nobody acknowledges: by a timer, and by whoever's board asks when a step is due.

A step is written down under the lock of its session and once only, whoever comes by first; a constraint of the
database holds the same. It is on the next person's screen from then on; :mod:`sessions.operations.alert_sending`
hands over what is told in another way.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.common import clock
from clinic.facilities.models import Site
from clinic.facilities.rules.channels import SCREEN
from clinic.facilities.rules.duty import duties, on_duty
from sessions.models import Alert, AlertEntry, InfusionSession, ResponsiblePrescriber
from sessions.rules.alert_escalation import Due, People, Step, steps_due
from sessions.rules.alerts import is_open, is_unresolved
from sessions.rules.responsible import on_call_clinician, responsible_prescriber

Kind = AlertEntry.Kind


def people_for(site: Site, now: datetime) -> People:
    """Who can be told at a site now; where nobody is named, the step is written down as *nobody*."""
    present = InfusionSession.objects.present().filter(site=site)
    load = present.count_by_carer(now)
    there = on_duty(duties(site, now, now + timedelta(minutes=1)), now) | set(load)
    reports = Membership.objects.filter(site=site).of_active_people().that_give(Permission.VIEW_REPORTS)
    records = Membership.objects.filter(site=site).that_give(Permission.RECORD_OBSERVATIONS)
    managers = reports.exclude(user__in=records.values("user")).order_by("user_id")
    return People(
        nurses=tuple(sorted(there, key=lambda user_id: (load.get(user_id, 0), user_id))),
        managers=tuple(managers.values_list("user_id", flat=True)),
        prescriber=_named(responsible_prescriber(site, now)),
        on_call=_named(on_call_clinician(site, now)),
    )


def _named(found: ResponsiblePrescriber | None) -> int | None:
    return found.user_id if found else None


def escalate_alerts(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Take the steps that are due at a site; how many were taken.

    Boards ask for it every few seconds: one query where nobody waits for a step, and no lock until one is due.
    """
    now = now or clock.now()
    minutes = site.rules.alert_escalation_minutes
    if not minutes:
        return 0
    by.require(Permission.RECORD_OBSERVATIONS, site.pk)
    waiting = (
        Alert.objects.open()
        .unresolved()
        .filter(session__site=site, is_live=True, raised_at__lte=now - timedelta(minutes=minutes))
    )
    # The manager is told last: whoever has been waits for no other step.
    told_last = AlertEntry.objects.filter(alert=OuterRef("pk"), kind=Kind.ESCALATED, step=Step.MANAGER.value)
    found = list(waiting.exclude(Exists(told_last)).order_by("raised_at", "pk").prefetch_related("entries"))
    if not found:
        return 0
    people, carers = people_for(site, now), _carers({alert.session_id for alert in found}, now)
    due = [alert for alert in found if _due(alert, people, carers[alert.session_id], site=site, now=now)]
    return sum(_passed_on(alert, people, site=site, by=by, now=now) for alert in due)


def _carers(session_ids: Collection[int], now: datetime) -> dict[int, int | None]:
    rows: Any = InfusionSession.objects.filter(pk__in=session_ids).with_carer(now)
    return dict(rows.values_list("pk", "carer_id"))


def _due(alert: Alert, people: People, carer: int | None, *, site: Site, now: datetime) -> list[Due]:
    done = {entry.step for entry in alert.entries.all() if entry.kind == Kind.ESCALATED}
    minutes, age = site.rules.alert_escalation_minutes, now - alert.raised_at
    return steps_due(age=age, done=done, people=people, carer=carer, minutes=minutes)


@transaction.atomic
def _passed_on(alert: Alert, people: People, *, site: Site, by: Actor, now: datetime) -> int:
    # Two that come by at once wait for each other here; the second finds the steps of the first.
    session = InfusionSession.objects.locked().get(pk=alert.session_id)
    alert = Alert.objects.prefetch_related("entries").get(pk=alert.pk)
    alert.session = session
    if not is_open(alert) or not is_unresolved(alert.entries.all()):
        return 0
    due = _due(alert, people, _carers([session.pk], now)[session.pk], site=site, now=now)
    for step in due:
        _take(alert, step, now=now)
    if due:
        told = {"steps": [step.step.value for step in due]}
        record(
            verb="alert.escalated",
            subject=alert,
            by=by,
            now=now,
            site=site,
            patient=session.patient,
            after=told,
        )
    return len(due)


def _take(alert: Alert, due: Due, *, now: datetime) -> None:
    told = {"alert": alert, "step": due.step.value, "to_id": due.to, "at": now}
    AlertEntry.objects.create(kind=Kind.ESCALATED, **told)
    if due.to is not None:
        AlertEntry.objects.create(kind=Kind.DELIVERED, channel=SCREEN, **told)
