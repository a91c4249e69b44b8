"""Who answers for a site's patients, from when until when."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.common import clock
from clinic.common.forms import Day, SiteTime, Text, instant_on
from sessions.models import ResponsiblePrescriber
from sessions.rules.responsible import MAY_ANSWER, people_for


class ResponsibleForm(forms.Form):
    """Times are on the site's clocks; an end before the start is one of the next day."""

    kind = forms.ChoiceField(
        label=_("For what"),
        choices=ResponsiblePrescriber.Kind.choices,
        widget=forms.RadioSelect(attrs={"class": "wide"}),
    )
    user = forms.ChoiceField(label=_("Who"))
    presence = forms.ChoiceField(
        label=_("Where"), choices=ResponsiblePrescriber.Presence.choices, widget=forms.RadioSelect
    )
    phone = Text(label=_("Phone"), max_length=40, required=False, help_text=_("Needed by phone."))
    day = Day(label=_("Day"))
    starts = SiteTime(label=_("From"))
    ends = SiteTime(label=_("Until"))

    def __init__(self, *args: Any, site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        found = {user.pk: user for kind in MAY_ANSWER for user in people_for(site, kind)}
        self.people = {str(user.public_id): user for user in found.values()}
        chosen: Any = self.fields["user"]
        chosen.choices = [
            ("", _("Choose")),
            *((key, user.printed_name) for key, user in self.people.items()),
        ]

    def clean(self) -> dict[str, Any]:
        typed, zone = self.cleaned_data, self.site.time_zone
        day = typed.get("day")
        self.starts_at = instant_on(self, "starts", day=day, zone=zone)
        if day and typed.get("starts") and typed.get("ends") and typed["ends"] <= typed["starts"]:
            day += timedelta(days=1)
        self.ends_at = instant_on(self, "ends", day=day, zone=zone)
        return typed

    @property
    def person(self) -> User:
        return self.people[self.cleaned_data["user"]]

    def details(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        typed = self.cleaned_data
        return {
            "kind": typed["kind"],
            "user": self.person,
            "presence": typed["presence"],
            "phone": typed["phone"],
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
        }


def today_at(site: Any, now: datetime) -> dict[str, Any]:
    """The day that the form starts from: today at the site; nothing else is filled in."""
    return {"day": clock.local_date(now, site.time_zone)}
