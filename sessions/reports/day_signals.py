"""Where the opening and closing list gets what other rooms know."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.models import InfusionSession
from sessions.reports.alert_channels import channel_states
from sessions.reports.day_list import DaySignals
from sessions.reports.preparation import unwitnessed_waste
from sessions.reports.tablets import offline_since
from sessions.rules.responsible import responsible_prescriber


def day_signals(site: Site, *, actor: Actor, now: datetime) -> DaySignals:
    """What the record knows of the site's day by itself.

    What a tablet holds unsent only the tablet knows; counted are tablets that have not been heard of, whose entries
    may not have come.
    """
    day = clock.local_date(now, site.time_zone)
    here = InfusionSession.objects.for_user(actor).filter(site=site).present().values("pk")
    channels, are_ok = _channels(site, now)
    return DaySignals(
        prescriber=_prescriber(site, now),
        channels=channels,
        channels_ok=are_ok,
        unwitnessed=len(unwitnessed_waste(site, day)),
        unsent=len(offline_since(Q(session__in=here), now)),
    )


def _prescriber(site: Site, now: datetime) -> str | None:
    found = responsible_prescriber(site, now)
    if found is None:
        return None
    return ", ".join(filter(None, [found.user.printed_name, str(found.get_presence_display()), found.phone]))


def _channels(site: Site, now: datetime) -> tuple[str | None, bool]:
    """How the channels' tests of today went, in words, and whether each has passed."""
    today, states = clock.local_date(now, site.time_zone), channel_states(site)
    tested = [
        state for state in states if state.last and clock.local_date(state.last.at, site.time_zone) == today
    ]
    if not tested:
        return None, False
    words = [
        f"{state.words}: {_('works') if state.last.is_ok else state.last.why or _('failed')}"
        for state in tested
        if state.last
    ]
    return "; ".join(words), len(tested) == len(states) and all(s.last and s.last.is_ok for s in tested)
