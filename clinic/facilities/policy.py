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
        suicide_review_minutes: within how many minutes somebody confirms that they have a review of answers on suicide.
        suicide_escalation_minutes: how long each next person has to confirm such a review, once it is overdue, before
            it climbs on; 0: it climbs to nobody.
        recent_worsening_days: for how many days a total that is worse than the baseline makes a no-show a call; 0: not
            looked at.
        idle_minutes: a web session that rests longer than this ends; the shortest of a person's sites holds.
        pin_idle_minutes: the same for a session that a PIN has opened on a shared device.
        serious_review_hours: until a serious side effect is to be reviewed; 0 means that no clock is set.
        serious_report_hours: until it is to be reported outside, where that is required; 0: no clock.
        effect_follow_up_hours: until somebody asks again about a side effect that was not over when the patient left;
            0: no clock.
        cosign_hours: how long a prescriber has to co-sign an order that was given by word of mouth.
        calendar_shows_names: whether calendar feeds name patients; otherwise they say only when and where.
        alert_live_minutes: a reading older than this raises its alert for review; only a fresh one pages.
        alert_escalation_minutes: how long an alert may stand before the next person is told; 0: no escalation set.
        alert_by_sms, alert_by_email: whether the next person is also told so, besides on the screen; of a review of
            answers on suicide too.
        escort_alternatives: whether a patient may go home otherwise than with a named escort, on the site's terms.
        late_entry_mark_minutes: what is entered later than this after it happened is marked as a late entry.
        reading_grace_minutes: a planned reading taken within this of its time is not late.
        wall_shows_numbers: whether screens on a wall show blood pressures; otherwise they say only who sits where.
    """

    no_show_grace_minutes: int = 15
    weight_valid_days: int = 7
    chart_needs_two_signatures: bool = True
    late_entry_hours: int = 24
    patients_per_nurse: int = 0
    late_cancel_hours: int = 24
    idle_minutes: int = 30
    pin_idle_minutes: int = 10
    cosign_hours: int = 24
    calendar_shows_names: bool = False
    suicide_review_minutes: int = 60
    suicide_escalation_minutes: int = 0
    recent_worsening_days: int = 0
    serious_review_hours: int = 0
    serious_report_hours: int = 0
    effect_follow_up_hours: int = 0
    alert_live_minutes: int = 15
    alert_escalation_minutes: int = 0
    alert_by_sms: bool = False
    alert_by_email: bool = False
    escort_alternatives: bool = False
    late_entry_mark_minutes: int = 5
    reading_grace_minutes: int = 3
    wall_shows_numbers: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Unknown names are left alone: an older release may read a newer site."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})
