"""What the lists of work can be asked for. It stays in the address."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText
from clinic.facilities.models import Site
from sessions.models import Reevaluation


class SiteForm(forms.Form):
    """One of several sites; nothing is asked where there is one."""

    def __init__(self, data: Mapping[str, Any], *, sites: Iterable[Site], all_of_them: bool = False) -> None:
        super().__init__(dict(data))
        offered = [(str(site.public_id), site.name) for site in sites]
        if len(offered) > 1:
            choices = [("", _("All sites")), *offered] if all_of_them else offered
            self.fields["site"] = forms.ChoiceField(label=_("Site"), required=False, choices=choices)
            self.fields["site"].quiet = True  # type: ignore[attr-defined]


class DayForm(SiteForm):
    """A site and the first of two days."""

    def __init__(self, *, sites: Iterable[Site], site: Site, day: date) -> None:
        super().__init__({"site": str(site.public_id), "day": day.isoformat()}, sites=sites)
        self.fields["day"] = Day(label=_("From"), required=False)
        self.fields["day"].quiet = True  # type: ignore[attr-defined]


class ReevaluationForm(forms.Form):
    """How a course goes on."""

    decision = forms.ChoiceField(
        label=_("How does it go on?"),
        choices=Reevaluation.Decision.choices,
        widget=forms.RadioSelect(attrs={"class": "wide"}),
    )
    note = LongText(
        label=_("Why, and what changes"),
        required=False,
        rows=4,
        max_length=4000,
        help_text=_("Needed for a change or a stop."),
    )
