"""What a site may decide for itself, and within which limits."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Chair
from clinic.facilities.policy import SitePolicy

RANGES: dict[str, tuple[int, int]] = {
    "no_show_grace_minutes": (0, 240),
    "weight_valid_days": (1, 90),
    "late_entry_hours": (1, 168),
    "patients_per_nurse": (0, 12),
    "late_cancel_hours": (0, 336),
    "suicide_review_minutes": (5, 1440),
    "suicide_escalation_minutes": (0, 720),
    "recent_worsening_days": (0, 90),
    "idle_minutes": (5, 480),
    "pin_idle_minutes": (2, 60),
    "serious_review_hours": (0, 720),
    "serious_report_hours": (0, 720),
    "effect_follow_up_hours": (0, 168),
    "alert_live_minutes": (1, 120),
    "alert_escalation_minutes": (0, 60),
    "late_entry_mark_minutes": (0, 240),
    "reading_grace_minutes": (0, 60),
    "cosign_hours": (1, 168),
}
"""Lowest and highest value of each number of the policy, both allowed."""

LABELS = {
    "no_show_grace_minutes": _("Minutes after the booked time until a no-show may be recorded"),
    "weight_valid_days": _("Days for which a weight counts"),
    "chart_needs_two_signatures": _("Author and reviewing prescriber must be two people"),
    "late_entry_hours": _("Hours for which a fact may be entered late without a reason"),
    "patients_per_nurse": _("Patients that one nurse on duty may have at a time (0: not checked)"),
    "late_cancel_hours": _("Hours of notice below which a cancellation counts as late"),
    "suicide_review_minutes": _("Minutes within which a review of answers on suicide is confirmed"),
    "suicide_escalation_minutes": _(
        "Minutes after which an unconfirmed review climbs to the next person (0: not set)"
    ),
    "recent_worsening_days": _("Days for which a worse score makes a no-show a call (0: not set)"),
    "idle_minutes": _("Minutes of rest after which somebody is signed out"),
    "pin_idle_minutes": _("The same after a sign-in with a PIN, where that is shorter"),
    "cosign_hours": _("Hours within which a verbal order is co-signed"),
    "calendar_shows_names": _("Calendar feeds show patients' names"),
    "serious_review_hours": _("Hours until a serious side effect is reviewed (0: no clock)"),
    "serious_report_hours": _("Hours until a serious side effect is reported outside (0: no clock)"),
    "effect_follow_up_hours": _("Hours after leaving until an open side effect is asked about (0: no clock)"),
    "alert_live_minutes": _("Minutes for which a reading is fresh; an older one raises its alert for review"),
    "alert_escalation_minutes": _(
        "Minutes until an alert is passed on to the next person (0: no escalation)"
    ),
    "alert_by_sms": _("Alerts and unconfirmed reviews are passed on by text message too, without names"),
    "alert_by_email": _("Alerts and unconfirmed reviews are passed on by e-mail too, without names"),
    "escort_alternatives": _("Patients may go home otherwise than with a named escort"),
    "late_entry_mark_minutes": _("Minutes after which an entry is marked as late"),
    "reading_grace_minutes": _("Minutes within which a planned reading is not late"),
    "wall_shows_numbers": _("Screens on a wall show blood pressures"),
}


def check_policy(changes: Mapping[str, Any]) -> None:
    """Refuse values that no site may have.

    Raises:
        Invalid: an unknown rule (``policy.unknown``), a number out of its range (``policy.range``), or anything but
            yes or no where one of them is asked for (``policy.yes_or_no``). The fields are ``policy.<rule>``.
    """
    found = {f"policy.{name}": _problem_of(name, value) for name, value in changes.items()}
    problems = {name: problem for name, problem in found.items() if problem is not None}
    if problems:
        raise Invalid(problems)


def _problem_of(name: str, value: Any) -> Problem | None:
    if name not in {field.name for field in fields(SitePolicy)}:
        return Problem("policy.unknown", _("A site has no rule called %(name)s."), {"name": name})
    # True is an int to Python and would pass for 1.
    if name not in RANGES:
        if isinstance(value, bool):
            return None
        return Problem("policy.yes_or_no", _("%(label)s: answer yes or no."), {"label": LABELS[name]})
    lowest, highest = RANGES[name]
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return None
    message = _("%(label)s: a whole number from %(lowest)s to %(highest)s.")
    return Problem("policy.range", message, {"label": LABELS[name], "lowest": lowest, "highest": highest})


LAST_POSITION = 999


def check_chair(chair: Chair) -> None:
    """A place in the order that both databases can hold, and a name that no other chair of the site has.

    Raises:
        Invalid: ``chair.position``.
        Conflict: ``chair.name_taken``, whatever the case of its letters.
    """
    if not 0 <= chair.position <= LAST_POSITION:
        message = _("A chair's place in the order is a number from 0 to %(last)s.")
        raise Invalid({"position": Problem("chair.position", message, {"last": LAST_POSITION})})
    others = Chair.objects.filter(site_id=chair.site_id).exclude(pk=chair.pk)
    if chair.name.casefold() in {name.casefold() for name in others.values_list("name", flat=True)}:
        message = _("This site already has a chair called %(name)s. Give this one another name.")
        raise Conflict(Problem("chair.name_taken", message, {"name": chair.name}))
