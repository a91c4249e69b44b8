"""A site's details and rules."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text, Whole
from clinic.facilities.models import Site
from clinic.facilities.operations.sites import DETAILS
from clinic.facilities.policy import SitePolicy
from clinic.facilities.rules.sites import LABELS, RANGES

PREFIX = "policy."
"""Before the names of rules: the operation names its refusals so."""

UNITS = {
    "no_show_grace_minutes": _("min"),
    "weight_valid_days": _("days"),
    "late_entry_hours": _("hours"),
    "patients_per_nurse": _("patients"),
    "late_cancel_hours": _("hours"),
    "suicide_review_minutes": _("min"),
    "suicide_escalation_minutes": _("min"),
    "recent_worsening_days": _("days"),
    "idle_minutes": _("min"),
    "pin_idle_minutes": _("min"),
    "serious_review_hours": _("hours"),
    "serious_report_hours": _("hours"),
    "effect_follow_up_hours": _("hours"),
    "alert_live_minutes": _("min"),
    "alert_escalation_minutes": _("min"),
    "late_entry_mark_minutes": _("minutes"),
    "reading_grace_minutes": _("minutes"),
    "cosign_hours": _("hours"),
}


class SiteForm(forms.Form):
    """Filled from the site as it is; ``changes`` is what the operation takes."""

    name = Text(label=_("Name"), max_length=120)
    phone = Text(label=_("Phone"), max_length=40, required=False)
    address = Text(
        label=_("Address"), max_length=200, required=False, help_text=_("Where an ambulance is sent to.")
    )
    emergency_number = Text(
        label=_("Emergency number"),
        max_length=40,
        required=False,
        help_text=_("Whom to call in an emergency, as dialled at this site."),
    )
    crisis_line = Text(
        label=_("Crisis line"),
        max_length=40,
        required=False,
        help_text=_("Whom a patient can call at any hour, as dialled from outside."),
    )
    crisis_line_name = Text(label=_("Name of the crisis line"), max_length=80, required=False)
    time_zone = Text(
        label=_("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Such as Europe/Lisbon or America/Chicago. Days that are stored keep theirs."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            self.fields[PREFIX + name] = _rule_field(name, label)
        self.fields["reason"] = LongText(label=_("Reason"), required=False, max_length=1000, rows=2)

    @classmethod
    def initial_of(cls, site: Site) -> dict[str, Any]:
        rules: SitePolicy = site.rules
        shown = {name: getattr(site, name) for name in DETAILS}
        return shown | {PREFIX + name: getattr(rules, name) for name in LABELS}

    @property
    def changes(self) -> dict[str, Any]:
        typed = self.cleaned_data
        policy = {name: typed[PREFIX + name] for name in LABELS}
        return {name: typed[name] for name in DETAILS} | {"policy": policy}


def _rule_field(name: str, label: Any) -> forms.Field:
    if name not in RANGES:
        return forms.BooleanField(label=label, required=False)
    lowest, highest = RANGES[name]
    told = _("%(lowest)s to %(highest)s") % {"lowest": lowest, "highest": highest}
    return Whole(label=label, unit=UNITS[name], help_text=told)


def time_zones() -> list[str]:
    """Names to choose from, in alphabetical order."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
