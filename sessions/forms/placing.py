"""A place on the schedule: which chair, from when to when. And who looks after the patient there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, Text, WhichHour, asks_which, instant_on
from clinic.facilities.models import Chair
from sessions.models import Booking

KINDS = [
    (kind.value, kind.label)
    for kind in (Booking.Kind.CONSULTATION, Booking.Kind.OTHER_TREATMENT, Booking.Kind.MAINTENANCE)
]


class PlaceForm(forms.Form):
    """Another place for a session. Without a chair it gets one at check-in."""

    day = Day(label=_("Day"))
    starts_at = SiteTime(label=_("Starts at"))
    fold = WhichHour()
    chair = forms.ChoiceField(label=_("Chair"), required=False)
    # Asked for once the rules have refused, and then of those only who may book against them.
    override_reason = LongText(
        label=_("Reason for booking it all the same"), rows=2, max_length=2000, required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    may_be_open = True

    def __init__(self, data: Any = None, *, zone: str, chairs: Iterable[Chair], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.zone = zone
        self.chairs = {str(chair.public_id): chair for chair in chairs}
        named = [(key, chair.name) for key, chair in self.chairs.items()]
        field: Any = self.fields["chair"]
        field.choices = [("", _("At check-in")), *named] if self.may_be_open else named
        for each in self.fields.values():
            each.quiet = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["instant"] = instant_on(self, "starts_at", day=typed.get("day"), zone=self.zone, which="fold")
        return typed

    @property
    def asks_which_start(self) -> bool:
        return asks_which(self, "starts_at", which="fold")

    @property
    def chosen_chair(self) -> Chair | None:
        return self.chairs.get(self.cleaned_data["chair"])

    @property
    def instant(self) -> datetime:
        found: datetime = self.cleaned_data["instant"]
        return found


class BlockPlaceForm(PlaceForm):
    """Another place for a chair's other use, which also says how long."""

    ends_at = SiteTime(label=_("Ends at"))
    end_fold = WhichHour(label=_("Which of the two for the end"))
    last_day = Day(label=_("Last day"), required=False)

    may_be_open = False
    field_order: Sequence[str] = ("day", "starts_at", "ends_at", "last_day", "chair", "override_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].required = True

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        last = typed.get("last_day") or typed.get("day")
        typed["until"] = instant_on(self, "ends_at", day=last, zone=self.zone, which="end_fold")
        return typed

    @property
    def asks_which_end(self) -> bool:
        return asks_which(self, "ends_at", which="end_fold")

    @property
    def place(self) -> dict[str, Any]:
        return {"chair": self.chosen_chair, "starts_at": self.instant, "ends_at": self.cleaned_data["until"]}


class NewBlockForm(BlockPlaceForm):
    """Keep a chair for a consultation, another treatment, or its own maintenance."""

    kind = forms.ChoiceField(label=_("Kept for"), choices=KINDS, widget=forms.RadioSelect)
    title = Text(label=_("In a few words"), max_length=120)
    record_number = Text(
        label=_("Patient's record number"),
        required=False,
        max_length=40,
        help_text=_("Empty where it is about no patient."),
    )

    revision = None  # type: ignore[assignment]
    field_order = (
        "kind",
        "title",
        "record_number",
        "day",
        "starts_at",
        "ends_at",
        "last_day",
        "chair",
        "override_reason",
    )


class ReleaseForm(forms.Form):
    """Why a chair is not needed any more."""

    reason = LongText(label=_("Reason"), rows=2, max_length=2000)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class NurseForm(forms.Form):
    """One of those who may run infusions at the site, or nobody yet."""

    nurse = forms.ChoiceField(label=_("Nurse"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any = None, *, nurses: Iterable[Any], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.nurses = {str(nurse.public_id): nurse for nurse in nurses}
        field: Any = self.fields["nurse"]
        field.choices = [("", _("Nobody yet")), *((key, n.printed_name) for key, n in self.nurses.items())]
        field.quiet = True

    @property
    def chosen_nurse(self) -> Any:
        return self.nurses.get(self.cleaned_data["nurse"])
