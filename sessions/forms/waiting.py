"""What somebody who waits would like, and the free time that they are given."""

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, Text, Whole
from clinic.facilities.models import Chair, Weekday
from sessions.models import WaitingEntry
from sessions.rules.waiting import WISHES


class WishesForm(forms.Form):
    """When a patient could come, and with how much notice."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days that suit"),
        choices=Weekday.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any day."),
    )
    not_before = SiteTime(label=_("Not before"), required=False)
    not_after = SiteTime(label=_("Over by"), required=False)
    from_day = Day(label=_("From"), required=False)
    until_day = Day(label=_("Until"), required=False)
    notice_hours = Whole(
        label=_("Notice"),
        unit=_("hours"),
        initial=24,
        help_text=_("How long before a session the patient must know of it."),
    )
    is_starred = forms.BooleanField(label=_("Greater need: show a star"), required=False)
    note = Text(
        label=_("Note"), required=False, max_length=300, help_text=_("Why, and how to reach the patient.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs["class"] = "wide"
        for field in self.fields.values():
            field.quiet = True  # type: ignore[attr-defined]

    @property
    def wishes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in WISHES}


class EditWishesForm(WishesForm):
    """The same for an entry that stands already."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def initial_of(entry: WaitingEntry) -> dict[str, Any]:
        return {name: getattr(entry, name) for name in WISHES} | {"revision": entry.revision}


class WithdrawForm(forms.Form):
    """Why a patient does not wait any more."""

    reason = LongText(label=_("Reason"), rows=3, max_length=2000)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class FreeTimeForm(forms.Form):
    """The free time that was chosen with one click."""

    chair = forms.UUIDField(widget=forms.HiddenInput)
    starts_at = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None, *, chairs: Iterable[Chair]) -> None:
        super().__init__(data)
        self.chairs = {chair.public_id: chair for chair in chairs}

    def clean_chair(self) -> Chair:
        found = self.chairs.get(self.cleaned_data["chair"])
        if found is None:
            raise forms.ValidationError(_("This chair is out of service. Choose another free time."))
        return found

    def clean_starts_at(self) -> datetime:
        try:
            found = datetime.fromisoformat(self.cleaned_data["starts_at"])
        except ValueError:
            found = None
        # At the ends of the calendar no other zone's clocks can be read.
        if found is None or found.tzinfo is None or not MINYEAR < found.year < MAXYEAR:
            raise forms.ValidationError(_("This is no time. Open the list again."))
        return found
