"""A chair and a time, and the reasons for which a booked visit does not take place."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, instant_on
from clinic.facilities.models import Chair


class ChairForm(forms.Form):
    """One of the site's chairs."""

    chair = forms.ChoiceField(label=_("Chair"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, chairs: Iterable[Chair], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.chairs = {str(chair.public_id): chair for chair in chairs}
        self.fields["chair"].choices = [(key, chair.name) for key, chair in self.chairs.items()]  # type: ignore[attr-defined]

    @property
    def chosen_chair(self) -> Chair:
        return self.chairs[self.cleaned_data["chair"]]


class BookingForm(ChairForm):
    """A chair, a day and a time on the site's clocks."""

    day = Day(label=_("Day"))
    starts_at = SiteTime(label=_("Starts at"))

    field_order = ("day", "chair", "starts_at")

    def __init__(self, data: Any = None, *, zone: str, chairs: Iterable[Chair], initial: Any = None) -> None:
        self.zone = zone
        super().__init__(data, chairs=chairs, initial=initial)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        day: date | None = typed.get("day")
        typed["instant"] = instant_on(self, "starts_at", day=day, zone=self.zone) if day else None
        return typed

    @property
    def instant(self) -> datetime:
        found: datetime = self.cleaned_data["instant"]
        return found


class MoveForm(BookingForm):
    """The same for a session that is booked already."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a booked visit does not take place."""

    reason = LongText(label=_("Reason"), rows=3, max_length=2000)
