"""What a site decides for itself. Operational rules only: clinical limits belong to protocols."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """A site's rules; every value has a plain meaning and a unit in its name.

    Attributes:
        no_show_grace_minutes: how long after the booked time a no-show may be recorded.
        weight_valid_days: a weight older than this must be taken again before a dose is confirmed.
        chart_needs_two_signatures: author and reviewing prescriber must be two people.
        late_entry_hours: how far back a fact may be entered without a reason.
        patients_per_nurse: how many patients one nurse on duty may have at a time; 0 means that it is not checked.
        late_cancel_hours: a visit called off with less notice than this counts as cancelled late.
        calendar_shows_names: whether calendar feeds name patients; otherwise they say only when and where.
        wall_shows_numbers: whether screens on a wall show blood pressures; otherwise they say only who sits where.
    """

    no_show_grace_minutes: int = 15
    weight_valid_days: int = 7
    chart_needs_two_signatures: bool = True
    late_entry_hours: int = 24
    patients_per_nurse: int = 0
    late_cancel_hours: int = 24
    calendar_shows_names: bool = False
    wall_shows_numbers: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Unknown names are left alone: an older release may read a newer site."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})
