"""A chair and a time, and the reasons for which a booked visit does not take place."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.common.forms import Day, LongText, SiteTime, WhichHour, asks_which, instant_on
from clinic.facilities.models import Chair
from sessions.models import CancelCode
from sessions.reports.seats import Seat

WIDE = {"class": "wide"}
"""Choices with room for all their words."""


class ChairForm(forms.Form):
    """One of the site's chairs."""

    chair = forms.ChoiceField(label=_("Chair"), widget=forms.RadioSelect(attrs=WIDE))

    def __init__(self, data: Any = None, *, chairs: Iterable[Chair], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.chairs = {str(chair.public_id): chair for chair in chairs}
        self.fields["chair"].choices = [(key, chair.name) for key, chair in self.chairs.items()]  # type: ignore[attr-defined]

    @property
    def chosen_chair(self) -> Chair:
        return self.chairs[self.cleaned_data["chair"]]


class SeatForm(ChairForm):
    """The chair of a session that has one by its time: each is named with what keeps it then."""

    def __init__(self, data: Any = None, *, seats: Iterable[Seat], zone: tzinfo, initial: Any = None) -> None:
        self.zone = zone
        seats = list(seats)
        super().__init__(data, chairs=[seat.chair for seat in seats], initial=initial)
        choices = [(str(seat.chair.public_id), self._words(seat)) for seat in seats]
        self.fields["chair"].choices = choices  # type: ignore[attr-defined]

    def _words(self, seat: Seat) -> str:
        if seat.taken:
            start, end = (at.astimezone(self.zone).strftime("%H:%M") for at in seat.taken)
            told = {"chair": seat.chair.name, "start": start, "end": end}
            return _("%(chair)s, taken from %(start)s to %(end)s") % told
        if seat.is_held:
            return _("%(chair)s, held for this visit") % {"chair": seat.chair.name}
        return seat.chair.name


OPEN_CHAIR = "open"


class BookingForm(ChairForm):
    """A chair or none yet, a day and a time on the site's clocks; and why, where it is booked against a rule."""

    day = Day(label=_("Day"))
    starts_at = SiteTime(label=_("Starts at"))
    fold = WhichHour()
    override_reason = LongText(label=_("Reason for booking anyway"), rows=2, max_length=2000, required=False)

    field_order = ("day", "chair", "starts_at")

    def __init__(self, data: Any = None, *, zone: str, chairs: Iterable[Chair], initial: Any = None) -> None:
        self.zone = zone
        super().__init__(data, chairs=chairs, initial=initial)
        # It is asked for only where nothing else will do, and is not optional there.
        self.fields["override_reason"].quiet = True  # type: ignore[attr-defined]
        self.fields["chair"].choices += [(OPEN_CHAIR, _("Decided at check-in"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["instant"] = instant_on(self, "starts_at", day=typed.get("day"), zone=self.zone, which="fold")
        return typed

    @property
    def asks_which_hour(self) -> bool:
        """Whether the clocks show the typed time twice that night."""
        return asks_which(self, "starts_at", which="fold")

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as the operations take it."""
        names = ("override_reason", "reason")
        told = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return {"chair": self.chosen_chair, "starts_at": self.instant, **told}

    @property
    def chosen_chair(self) -> Chair | None:  # type: ignore[override]
        return self.chairs.get(self.cleaned_data["chair"])

    @property
    def instant(self) -> datetime:
        found: datetime = self.cleaned_data["instant"]
        return found


class MoveForm(BookingForm):
    """The same for a session that is booked already."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = LongText(label=_("Reason, if there is one to note"), rows=2, max_length=2000, required=False)


class ReasonForm(forms.Form):
    """Why a booked visit does not take place."""

    reason = LongText(label=_("Reason"), rows=3, max_length=2000)


class CancelForm(ReasonForm):
    """Who called a visit off and why; and whether the later ones of the course go with it.

    Args:
        later: how many sessions of the course are booked after this one.
    """

    code = forms.ChoiceField(
        label=_("Who calls it off"), choices=CancelCode.choices, widget=forms.RadioSelect(attrs=WIDE)
    )
    reach = forms.ChoiceField(label=_("Which sessions"), widget=forms.RadioSelect, initial="one")

    field_order = ("reach", "code", "reason")

    def __init__(self, data: Any = None, *, later: int) -> None:
        super().__init__(data)
        if not later:
            del self.fields["reach"]
            return
        label = ngettext("This one and the later one", "This one and all %(count)s later ones", later)
        choices = [("one", _("This one only")), ("later", label % {"count": later})]
        self.fields["reach"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_for_later_ones(self) -> bool:
        return self.cleaned_data.get("reach") == "later"
