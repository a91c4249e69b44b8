"""Where the opening and closing list gets what other rooms know."""

from datetime import datetime

from clinic.accounts.actor import Actor
from clinic.facilities.models import Site
from sessions.reports.day_list import DaySignals


def day_signals(site: Site, *, actor: Actor, now: datetime) -> DaySignals:
    """What the record knows of the site's day by itself."""
    return DaySignals()
