"""Telling people of an alert by text message and e-mail, and trying whether that works.

As in :mod:`sessions.operations.reminding`, a message is noted and committed before its carrier gets it, so that nobody
is told twice; who is killed in between leaves a message of which nobody knows.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.common import clock
from clinic.facilities.models import Site
from clinic.facilities.operations.telling import tell
from clinic.facilities.rules.channels import SCREEN, channels_of
from sessions.models import Alert, AlertChannelTest, AlertEntry, InfusionSession
from sessions.rules.alerts import is_open
from sessions.rules.moments import person

LONGEST_AGO = timedelta(hours=1)
"""An older step is not told any more: it would only confuse."""

Kind = AlertEntry.Kind


def send_escalations(*, site: Site, by: Actor, now: datetime | None = None) -> dict[str, int]:
    """Hand over what the site wants told by text message or e-mail; how many were delivered, and how many not."""
    now = now or clock.now()
    by.require(Permission.RECORD_OBSERVATIONS, site.pk)
    counts = {Kind.DELIVERED.value: 0, Kind.FAILED.value: 0}
    for channel in channels_of(site.rules):
        for step in _unsent(site, channel, now):
            if outcome := _sent(step, channel, site=site, by=by, now=now):
                counts[outcome] += 1
    return counts


def _unsent(site: Site, channel: str, now: datetime) -> list[AlertEntry]:
    """Fresh steps that were told to somebody, and not by this channel yet."""
    steps = AlertEntry.objects.filter(
        kind=Kind.ESCALATED, alert__session__site=site, to__isnull=False, at__gt=now - LONGEST_AGO
    )
    sent = AlertEntry.objects.filter(kind=Kind.SENDING, channel=channel, alert__session__site=site)
    known = set(sent.values_list("alert", "step"))
    rows = steps.select_related("alert__session__chair", "alert__session__patient", "to")
    return [step for step in rows if (step.alert_id, step.step) not in known]


def _sent(step: AlertEntry, channel: str, *, site: Site, by: Actor, now: datetime) -> str:
    """Note it, commit, hand it over, note what became of it; "" where somebody else was quicker."""
    told = {"alert": step.alert, "step": step.step, "to": step.to, "channel": channel, "at": now}
    with transaction.atomic():
        session = InfusionSession.objects.locked().get(pk=step.alert.session_id)
        alert = Alert.objects.prefetch_related("entries").get(pk=step.alert_id)
        alert.session = session
        known = [one for one in alert.entries.all() if one.kind == Kind.SENDING and one.channel == channel]
        if not is_open(alert) or any(one.step == step.step for one in known):
            return ""
        AlertEntry.objects.create(kind=Kind.SENDING, **told)
    why = _handed_over(step, channel, site=site)
    kind = Kind.FAILED if why else Kind.DELIVERED
    with transaction.atomic():
        AlertEntry.objects.create(kind=kind, note=why, **told)
        session = step.alert.session
        record(
            verb=f"alert.{kind}",
            subject=step.alert,
            by=by,
            now=now,
            site=site,
            patient=session.patient,
            after={"channel": channel, "step": step.step},
        )
    return kind.value


def _handed_over(step: AlertEntry, channel: str, *, site: Site) -> str:
    """Why it was not taken by its carrier; "" where it was."""
    # No name and no value: it is read on a telephone that lies on a table.
    body = _("%(site)s, %(chair)s: an alert waits. Open the clinic's board.")
    told = {"site": site.name, "chair": step.alert.session.chair.name}
    assert step.to is not None
    return tell(channel, step.to, body % told, subject=_("Alert"), reference=str(step.public_id))


def test_channels(*, site: Site, by: Actor, now: datetime | None = None) -> list[AlertChannelTest]:
    """Try every channel of a site's alerts with a message to the person who asks; what came of each is kept.

    The screen is tried by asking: whoever reads the answer has it in front of them.

    Raises:
        Refused: without the right to record at the site.
    """
    now = now or clock.now()
    by.require(Permission.RECORD_OBSERVATIONS, site.pk)
    who = person(by)
    results: dict[str, str] = {SCREEN: ""}
    for channel in channels_of(site.rules):
        body = _("Test of the alerts of %(site)s. Nothing is wrong.") % {"site": site.name}
        reference = f"test-{now:%Y%m%d%H%M%S}-{who.pk}"
        results[channel] = tell(channel, who, body, subject=_("Test of alerts"), reference=reference)
    with transaction.atomic():
        rows = [
            AlertChannelTest.objects.create(
                site=site, channel=channel, is_ok=not why, why=why[:300], at=now, by=who
            )
            for channel, why in results.items()
        ]
        outcome = {row.channel: row.is_ok for row in rows}
        record(verb="alert_channels.tested", subject=rows[0], by=by, now=now, site=site, after=outcome)
    return rows
