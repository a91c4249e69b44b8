"""What suits the patient, and the rows of a series as they stand on the page: a day, a time and a chair each."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, WhichHour, Whole, asks_which, instant_on
from clinic.facilities.models import Chair, Weekday
from sessions.rules.proposing import Spacing
from sessions.rules.wishes import LONGEST_SPACING, OPEN, stored

MOST_ROWS = 60
AT_CHECK_IN = (OPEN, _("Assigned at check-in"))


class WishesForm(forms.Form):
    """Weekdays, times and chair that suit the patient. Names are those of the refusals."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=[(value, str(label)[:3]) for value, label in Weekday.choices],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any day."),
    )
    starts_from = SiteTime(label=_("Starts from"), required=False)
    starts_until = SiteTime(label=_("Starts until"), required=False)
    chair = forms.ChoiceField(label=_("Chair"), required=False)
    first_day = Day(label=_("Not before"), required=False)
    spacing = Whole(
        label=_("Days between, aimed at"),
        unit=_("days"),
        required=False,
        min_value=1,
        max_value=LONGEST_SPACING,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, chairs: Iterable[Chair], spacing: Spacing, initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial=dict(initial))
        named = [(str(chair.public_id), chair.name) for chair in chairs]
        self.fields["chair"].choices = [("", _("Any chair")), *named, AT_CHECK_IN]  # type: ignore[attr-defined]
        for field in self.fields.values():
            # Nothing here has to be said, which need not be said of each.
            field.quiet = True  # type: ignore[attr-defined]
        told = {"days": spacing.target}
        self.fields["spacing"].help_text = _("Empty: %(days)s, as in the protocol.") % told

    @property
    def wishes(self) -> dict[str, Any]:
        """What was typed, as a course keeps it."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        return stored(**typed)


class RowForm(forms.Form):
    """One visit of a series."""

    day = Day(label=_("Day"))
    starts_at = SiteTime(label=_("Starts at"))
    fold = WhichHour()
    chair = forms.ChoiceField(label=_("Chair"))
    session = forms.UUIDField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any], *, zone: str, choices: list[tuple[str, Any]], prefix: str
    ) -> None:
        self.zone = zone
        super().__init__(data, prefix=prefix)
        self.fields["chair"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["instant"] = instant_on(self, "starts_at", day=typed.get("day"), zone=self.zone, which="fold")
        return typed

    @property
    def asks_which_hour(self) -> bool:
        """Whether the clocks show the typed time twice that night."""
        self.is_valid()
        return asks_which(self, "starts_at", which="fold")

    @property
    def instant(self) -> datetime | None:
        """When it begins; None while the row does not say so."""
        return self.cleaned_data.get("instant") if self.is_valid() else None


class SeriesForm(forms.Form):
    """All rows of a series at once: ``row-<n>-day`` and so on, counted from 0."""

    reason = LongText(label=_("Reason"), required=False, rows=2, max_length=2000)
    override_reason = LongText(
        label=_("Book against this all the same, because"), required=False, rows=2, max_length=2000
    )

    def __init__(
        self, data: Mapping[str, Any], *, zone: str, chairs: Iterable[Chair], needs_reason: bool = False
    ) -> None:
        super().__init__(data)
        self.fields["reason"].required = needs_reason
        self.chairs = {str(chair.public_id): chair for chair in chairs}
        choices = [*((key, chair.name) for key, chair in self.chairs.items()), AT_CHECK_IN]
        sent = [n for n in range(MOST_ROWS) if f"row-{n}-day" in data]
        self.rows = [RowForm(data, zone=zone, choices=choices, prefix=f"row-{n}") for n in sent]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.rows]
        return super().is_valid() and bool(rows) and all(rows)

    def chair_of(self, row: RowForm) -> Chair | None:
        """The chair that a valid row names; None: assigned at check-in."""
        return self.chairs.get(row.cleaned_data["chair"])
