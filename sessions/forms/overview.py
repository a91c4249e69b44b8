"""What the overview and the lists behind it can be asked for. They stay in the address; the reports read them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid
from sessions.models import SideEffect
from sessions.models.choices import CANCEL_CHOICES, END_CHOICES, STATUS_CHOICES
from sessions.reports.session_filter import SESSIONS, SIDE_EFFECTS

ONLY = {
    "started": _("Infusion started"),
    "due": _("Due by now"),
    "ended": _("Visit over"),
    "with_side_effects": _("With side effects"),
    "unsigned": _("Chart unsigned"),
    "against_rules": _("Booked against the rules"),
    "late_cancel": _("Cancelled late"),
}
KINDS = {SESSIONS: _("Sessions"), SIDE_EFFECTS: _("Side effects")}
SEVERITIES = {"": _("Any"), "1": _("Mild"), "2": _("Moderate"), "3": _("Severe")}
GRADES = {"1": _("Any"), "2": _("2 or more"), "3": _("3 or more"), "4": _("4")}


def asked_of(query: Any) -> dict[str, Any]:
    """The parameters of an address without the empty ones, which a form sends for what was not filled in."""
    lists = {name: [value for value in query.getlist(name) if value.strip()] for name in query}
    filled = {name: values for name, values in lists.items() if values}
    return {name: values if name == "status" else values[-1] for name, values in filled.items()}


class PeriodForm(forms.Form):
    """Days and a site. The report says what is wrong with them; :meth:`refuse` shows it."""

    def __init__(self, asked: Mapping[str, Any], *, sites: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(dict(asked), **kwargs)
        # "from" is a word of Python's own, so these cannot be attributes of the class.
        self.fields["from"] = _day(_("From"))
        self.fields["to"] = _day(_("To"))
        offered = [(str(site.public_id), site.name) for site in sites]
        if len(offered) > 1:
            choices: list[Any] = [("", _("All sites")), *offered]
            self.fields["site"] = forms.ChoiceField(label=_("Site"), required=False, choices=choices)
        _without_optional(self.fields)

    def refuse(self, error: Invalid) -> None:
        """Write what the report refused beside its field."""
        for name, problems in error.fields.items():
            seen = name in self.fields and not self.fields[name].widget.is_hidden
            for problem in problems:
                self.add_error(name if seen else None, str(problem))


class ListForm(PeriodForm):
    """Everything that a list can be asked for."""

    def __init__(self, asked: Mapping[str, Any], *, sites: Iterable[Any], **kwargs: Any) -> None:
        chosen = [name for name in ONLY if asked.get(name)]
        super().__init__({**asked, "only": chosen}, sites=sites, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            required=False, choices=list(KINDS.items()), widget=forms.HiddenInput
        )
        self.fields["outcome"] = forms.ChoiceField(
            label=_("Infusion"), required=False, choices=[("", _("However it ended")), *END_CHOICES]
        )
        self.fields["cancel_code"] = forms.ChoiceField(
            label=_("Cancelled by"), required=False, choices=[("", _("Anybody")), *CANCEL_CHOICES]
        )
        if asked.get("kind") == SIDE_EFFECTS:
            self.fields["min_grade"] = forms.ChoiceField(
                label=_("Worst grade"), required=False, choices=list(GRADES.items())
            )
            self.fields["term"] = forms.ChoiceField(
                label=_("Side effect"),
                required=False,
                choices=[("", _("Any")), *SideEffect._meta.get_field("term").flatchoices],
            )
            self.fields["worst"] = forms.ChoiceField(
                label=_("At worst"), required=False, choices=list(SEVERITIES.items())
            )
            self.fields["serious"] = forms.ChoiceField(
                label=_("Serious"), required=False, choices=[("", _("Any")), ("1", _("Only serious ones"))]
            )
        self.fields["status"] = forms.MultipleChoiceField(
            label=_("Status"), required=False, choices=STATUS_CHOICES, widget=forms.CheckboxSelectMultiple
        )
        _without_optional(self.fields)
        self.only = [(name, label, name in chosen) for name, label in ONLY.items()]


def _day(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"type": "date"}), max_length=40
    )


def _without_optional(fields: Mapping[str, Any]) -> None:
    """Everything in a filter is optional, so that no label says it."""
    for field in fields.values():
        field.quiet = True
