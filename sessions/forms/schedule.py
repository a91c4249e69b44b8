"""What the schedule can be asked for. It stays in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.dateparse import parse_date

from clinic.facilities.models import Site
from sessions.reports.schedule import CHAIR, NURSE

DAY, WEEK = "day", "week"
YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Asked:
    """A site, a day, one day or its week, and whose rows."""

    site: Site
    day: date
    view: str = DAY
    by: str = CHAIR

    def address(self, **changes: Any) -> str:
        """The query of the same schedule with something changed."""
        other = replace(self, **changes)
        return "?" + urlencode(
            {
                "site": other.site.public_id,
                "day": other.day.isoformat(),
                "view": other.view,
                "by": other.by,
            }
        )

    @property
    def step(self) -> timedelta:
        return timedelta(days=7 if self.view == WEEK else 1)

    @property
    def before(self) -> date:
        return self.day - self.step

    @property
    def after(self) -> date:
        return self.day + self.step

    @property
    def monday(self) -> date:
        return self.day - timedelta(days=self.day.weekday())

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> list[date]:
        """The days that are printed."""
        count = 7 if self.view == WEEK else 1
        first = self.monday if self.view == WEEK else self.day
        return [first + timedelta(days=number) for number in range(count)]


def asked_of(query: Any, *, sites: Sequence[Site], working_at: Site, today: Any) -> Asked:
    """Read an address; what it does not say, or says wrongly, is the day and the site one works at.

    Args:
        sites: those whose schedule the reader may see.
        today: the calendar day at a site.

    Raises:
        Http404: a site out of reach.
    """
    site = _site(query.get("site", ""), sites, working_at)
    return Asked(
        site=site,
        day=day_of(query.get("day", "")) or today(site),
        view=WEEK if query.get("view") == WEEK else DAY,
        by=NURSE if query.get("by") == NURSE else CHAIR,
    )


def _site(key: str, sites: Sequence[Site], working_at: Site) -> Site:
    if not key:
        return working_at if working_at in sites else sites[0]
    found = next((site for site in sites if str(site.public_id) == key), None)
    if found is None:
        raise Http404
    return found


def day_of(text: str) -> date | None:
    """The day that an address names, if it is one that can be shown."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # The neighbours of the calendar's first and last day could not be shown.
    return found if found and found.year in YEARS else None
