"""What are a site's hours, weekday by weekday?"""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.facilities.models import OpeningHours, Site, Weekday
from clinic.facilities.rules.hours import Stretch, closing_words


@dataclass(frozen=True, slots=True)
class DayHours:
    """``DayHours("Monday", ("08:00–12:00", "13:00–17:00"))``; closed without any."""

    label: str
    stretches: tuple[str, ...]


def week_of(site: Site) -> list[Stretch]:
    """The stretches of a site's week, in order; none where hours are not set."""
    rows = OpeningHours.objects.filter(site=site).order_by("weekday", "opens_at")
    return list(rows.values_list("weekday", "opens_at", "closes_at"))


def sites_with_hours(sites: Iterable[Site]) -> frozenset[int]:
    """Those that have set their hours, by inner key."""
    rows = OpeningHours.objects.filter(site__in=[site.pk for site in sites])
    return frozenset(rows.values_list("site_id", flat=True))


def in_words(week: list[Stretch]) -> tuple[DayHours, ...]:
    """The seven days of a week; nothing where hours are not set."""
    if not week:
        return ()
    found: dict[int, list[str]] = {weekday: [] for weekday in Weekday.values}
    for weekday, opens, closes in week:
        found[weekday].append(f"{opens:%H:%M}–{closing_words(closes)}")
    return tuple(DayHours(str(Weekday(key).label), tuple(stretches)) for key, stretches in found.items())
