"""Whether a board that was sent still stands: a text that changes with every write at the site, and with silence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from clinic.audit.recording import length_of_chain
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.reports.tablets import offline_since


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a site is, read before its board: a write in between shows again at the next refresh, never too late.

    Attributes:
        written: changes with every write at the site.
        silent: monitored sessions by inner key, and since when nothing was heard of their tablets; nobody writes that.
    """

    written: str
    silent: Mapping[int, datetime]

    @property
    def version(self) -> str:
        """Two equal versions show equal boards."""
        marks = (f"-{pk}.{int(seen.timestamp())}" for pk, seen in sorted(self.silent.items()))
        return f"{self.written}{''.join(marks)}"


def written_at(site: Site, *, day: date) -> str:
    """A text that changes with every write at the site."""
    return f"{day:%Y%m%d}-{length_of_chain(site)}"


def standing_at(site: Site, *, now: datetime) -> Standing:
    """How far a site is, in two queries."""
    written = written_at(site, day=clock.local_date(now, site.time_zone))
    return Standing(written, offline_since(Q(session__site=site), now))


def lasting(version: str, until: datetime | None) -> str:
    """A version that names the moment up to which its board stands by itself."""
    return f"{version}~{math.ceil(until.timestamp())}" if until else version


def stands(sent: str, present: str, *, now: datetime) -> bool:
    """Whether a version that was sent is the present one, and the moment up to which it stands not yet there."""
    written, _mark, until = sent.partition("~")
    # An instant of ours has ten digits; Python refuses to read thousands of them.
    is_instant = until.isascii() and until.isdigit() and len(until) < 20
    if until and not (is_instant and now.timestamp() < int(until)):
        return False
    return written == present
