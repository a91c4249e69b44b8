"""What a patient is asked to answer themselves."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Whole
from clinic.facilities.models import Site
from patients.rules.one_time_links import LONGEST_LIFE, askable


class AskForm(forms.Form):
    """Which questionnaires, and for how long a link that is passed on stays open."""

    parts = forms.MultipleChoiceField(
        label=_("What is asked"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what is asked.")},
    )
    days = Whole(
        label=_("A link stays open for"),
        unit=_("days"),
        min_value=1,
        max_value=LONGEST_LIFE.days,
        required=False,
        help_text=_("A tablet that is handed over: two hours."),
    )

    def __init__(self, *args: Any, site: Site, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = askable(site, now=now)
        self.fields["parts"].choices = [(code, one.name) for code, one in offered.items()]  # type: ignore[attr-defined]
        self.fields["days"].initial = 2
