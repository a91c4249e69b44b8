"""What is typed to hand patients over, to decline, and to take one over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.common import clock
from clinic.common.forms import LongText, SiteTime, Text, instant_on
from clinic.facilities.models import Site
from sessions.models import InfusionSession

WIDE = {"class": "wide"}


class HandoverForm(forms.Form):
    """To whom, which of my patients, until when, and what to look out for."""

    to_nurse = forms.ChoiceField(label=_("To"))
    until = SiteTime(
        label=_("Back to me at"),
        required=False,
        help_text=_("For a break. Leave it empty to hand over for the rest of the visit."),
    )
    note = LongText(label=_("What to look out for"), required=False, max_length=4000)
    sessions = forms.MultipleChoiceField(label=_("Patients"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        site: Site,
        mine: Sequence[InfusionSession],
        people: Sequence[tuple[User, str]],
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.site, self.mine, self.people, self.now = site, mine, people, now
        choices = [(str(user.public_id), label) for user, label in people]
        self.fields["to_nurse"].choices = [("", _("Choose a colleague")), *choices]  # type: ignore[attr-defined]
        rows = [(str(row.public_id), row.chair.name) for row in mine]
        self.fields["sessions"].choices = rows  # type: ignore[attr-defined]
        self.fields["sessions"].initial = [key for key, _name in rows]
        self.fields["sessions"].error_messages["invalid_choice"] = _(
            "One of these patients is not with you any more. Look at the list again."
        )

    def clean(self) -> dict[str, Any]:
        today = clock.local_date(self.now, self.site.time_zone)
        self.back_at = instant_on(self, "until", day=today, zone=self.site.time_zone)
        return self.cleaned_data

    @property
    def colleague(self) -> User:
        return next(
            user for user, _label in self.people if str(user.public_id) == self.cleaned_data["to_nurse"]
        )

    @property
    def chosen(self) -> list[InfusionSession]:
        wanted = set(self.cleaned_data["sessions"])
        return [row for row in self.mine if str(row.public_id) in wanted]


class AcceptForm(forms.Form):
    """One tap: nothing is typed."""


class DeclineForm(forms.Form):
    """Why not."""

    reason = Text(label=_("Why not"), max_length=2000, widget=forms.TextInput(attrs=WIDE))


class TakeOverForm(forms.Form):
    """Why the patient is taken over."""

    reason = Text(
        label=_("Reason"),
        max_length=2000,
        widget=forms.TextInput(attrs=WIDE),
        help_text=_("Such as: back from the break; nobody was there; called away."),
    )
