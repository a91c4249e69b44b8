"""A site's week of opening hours, and one closure."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, SiteTime, Text
from clinic.facilities.forms.spans import SpanForm
from clinic.facilities.models import Closure, Site, Weekday
from clinic.facilities.rules.hours import MIDNIGHT, Stretch, closing_words

FEWEST = 2


def _name(weekday: int, place: int, side: str) -> str:
    return f"day{weekday}_{place}_{side}"


class HoursForm(forms.Form):
    """Several stretches for each weekday; a day without any is closed."""

    reason = Text(label=_("Reason"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, stretches: int = FEWEST, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.stretches = stretches
        for weekday in Weekday:
            for place in range(stretches):
                self.fields[_name(weekday, place, "opens")] = _time(_("%s opens"), weekday, place)
                self.fields[_name(weekday, place, "closes")] = _time(_("%s closes"), weekday, place)

    @classmethod
    def of_week(cls, hours: Iterable[Stretch], data: Any = None) -> "HoursForm":
        """Filled from what stands, with room for one stretch more than the fullest day has."""
        initial, counts = {}, dict.fromkeys(range(7), 0)
        for weekday, opens, closes in hours:
            place = counts[weekday]
            initial[_name(weekday, place, "opens")] = opens
            initial[_name(weekday, place, "closes")] = time.min if closes == MIDNIGHT else closes
            counts[weekday] = place + 1
        return cls(data, stretches=max(FEWEST, max(counts.values()) + 1), initial=initial)

    @classmethod
    def copied(
        cls, stretches: int, posted: Mapping[str, Any], source: str, targets: Iterable[str]
    ) -> "HoursForm":
        """What was typed, with one day's times put onto others. Nothing is stored."""
        typed = {name: posted.get(name, "") for name in posted}
        for target in targets:
            for place in range(stretches):
                for side in ("opens", "closes"):
                    typed[f"day{target}_{place}_{side}"] = typed.get(f"day{source}_{place}_{side}", "")
        return cls(stretches=stretches, initial=typed)

    def days(self) -> list[dict[str, Any]]:
        """For the table: each weekday with its pairs of fields."""
        return [
            {
                "key": weekday.value,
                "label": weekday.label,
                "pairs": [
                    (self[_name(weekday, place, "opens")], self[_name(weekday, place, "closes")])
                    for place in range(self.stretches)
                ],
            }
            for weekday in Weekday
        ]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for weekday in Weekday:
            for place in range(self.stretches):
                opens, closes = (typed.get(_name(weekday, place, side)) for side in ("opens", "closes"))
                if (opens is None) != (closes is None) and not self.errors:
                    empty = _name(weekday, place, "opens" if opens is None else "closes")
                    self.add_error(empty, _("Give both times, or neither."))
        return typed

    @property
    def week(self) -> list[Stretch]:
        typed = self.cleaned_data
        return [
            (weekday.value, typed[_name(weekday, place, "opens")], typed[_name(weekday, place, "closes")])
            for weekday in Weekday
            for place in range(self.stretches)
            if typed[_name(weekday, place, "opens")] is not None
        ]

    def in_words(self) -> str:
        """What was typed, as the audit would write it; for the comparison after an edit conflict."""
        return ", ".join(
            f"{Weekday(day).label} {opens:%H:%M}-{closing_words(MIDNIGHT if closes == time.min else closes)}"
            for day, opens, closes in self.week
        )


def _time(label: Any, weekday: Weekday, place: int) -> SiteTime:
    field = SiteTime(label=label % weekday.label, required=False)
    field.widget.attrs["aria-label"] = f"{label % weekday.label}, {place + 1}"
    return field


class ClosureForm(SpanForm):
    """A holiday or another closure; whole days unless times are given."""

    kind = forms.ChoiceField(label=_("What it is"), choices=Closure.Kind.choices, widget=forms.RadioSelect)
    reason = Text(
        label=_("Name or reason"),
        max_length=120,
        help_text=_("Shown to whoever tries to book then, such as Christmas Day."),
        widget=forms.TextInput(attrs={"class": "wide"}),
    )

    field_order = ("kind", "reason", "first", "last", "begins", "until", "which")

    @classmethod
    def initial_of(cls, site: Site, stored: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": stored["kind"], "reason": stored["reason"], **cls.span_of(site, stored)}

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "reason")} | self.span


class WithdrawForm(forms.Form):
    """Why something that was planned does not hold any more."""

    reason = LongText(label=_("Reason"), max_length=1000, rows=2, required=False)
