"""A shift with its breaks, a week to copy, and leave."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.common.forms import Day, SiteTime, Text
from clinic.facilities.forms.spans import ClockForm, SpanForm
from clinic.facilities.models import Site, StaffLeave
from clinic.facilities.rules.copying import MOST_WEEKS
from clinic.facilities.rules.opening import Range
from clinic.facilities.rules.roster import MOST_BREAKS

FEWEST_BREAKS = 2


class PersonField(forms.ChoiceField):
    """Somebody of the site, by public id; ``people`` are set once they are known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.people: dict[str, User] = {}

    def offer(self, people: Iterable[User]) -> None:
        self.people = {str(person.public_id): person for person in people}
        self.choices = [("", "–"), *((key, person.printed_name) for key, person in self.people.items())]


class ShiftForm(ClockForm):
    """A person, a day and two times; an end that is not after the start is on the next day."""

    user = PersonField(label=_("Person"))
    day = Day(label=_("Day"))
    begins = SiteTime(label=_("From"))
    until = SiteTime(label=_("Until"), help_text=_("Not later than the start: on the next day."))

    def __init__(
        self, *args: Any, people: Iterable[User], breaks: int = FEWEST_BREAKS, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.breaks = min(max(breaks, FEWEST_BREAKS), MOST_BREAKS)
        self.fields["user"].offer(people)  # type: ignore[attr-defined]
        for number in range(1, self.breaks + 1):
            shown = {"number": number}
            self.fields[f"break{number}_from"] = SiteTime(
                label=_("Break %(number)s from") % shown, required=False
            )
            self.fields[f"break{number}_until"] = SiteTime(
                label=_("Break %(number)s until") % shown, required=False
            )
        self.order_fields([*(name for name in self.fields if name != "which"), "which"])

    @staticmethod
    def initial_of(site: Site, stored: Mapping[str, Any], breaks: Iterable[Range]) -> dict[str, Any]:
        """The fields of a stored shift; ``user`` is filled in by whoever knows the person."""
        start, end = (stored[name].astimezone(site.zone) for name in ("starts_at", "ends_at"))
        found = {
            "day": start.date(),
            "begins": start.time(),
            "until": end.time(),
            "which": str(start.fold or end.fold),
        }
        for number, (begins, ends) in enumerate(breaks, 1):
            found[f"break{number}_from"] = begins.astimezone(site.zone).time()
            found[f"break{number}_until"] = ends.astimezone(site.zone).time()
        return found

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        day, begins, until = typed["day"], typed["begins"], typed["until"]
        typed["starts_at"] = self.instant("begins", day, begins)
        last = day + timedelta(days=1) if until <= begins else day
        typed["ends_at"] = self.instant("until", last, until)
        typed["breaks"] = [pause for number in range(1, self.breaks + 1) if (pause := self._break(number))]
        return typed

    def _break(self, number: int) -> Range | None:
        names = (f"break{number}_from", f"break{number}_until")
        times = [self.cleaned_data.get(name) for name in names]
        if times == [None, None]:
            return None
        if None in times:
            self.add_error(names[times.index(None)], _("Give both times, or neither."))
            return None
        begins, ends = (self._within(name, at) for name, at in zip(names, times, strict=True) if at)
        return (begins, ends) if begins and ends else None

    def _within(self, name: str, at: time) -> datetime | None:
        """A time of the shift: before its start on the clock, it is that of the next day."""
        day: date = self.cleaned_data["day"]
        return self.instant(name, day + timedelta(days=1) if at < self.cleaned_data["begins"] else day, at)

    @property
    def person(self) -> User:
        field: Any = self.fields["user"]
        found: User = field.people[self.cleaned_data["user"]]
        return found

    @property
    def details(self) -> dict[str, Any]:
        times = {name: self.cleaned_data[name] for name in ("starts_at", "ends_at", "breaks")}
        return {"user": self.person, **times}


class CopyForm(forms.Form):
    """To how many of the weeks after it a week is copied."""

    weeks = forms.TypedChoiceField(
        label=_("Copy it to"),
        coerce=int,
        choices=[
            (number, _("the next week") if number == 1 else _("the next %(weeks)s weeks") % {"weeks": number})
            for number in range(1, MOST_WEEKS + 1)
        ],
    )


class LeaveForm(SpanForm):
    """Somebody's leave. Without the right to plan it is one's own sickness, and nothing is to be chosen."""

    user = PersonField(label=_("Person"))
    kind = forms.ChoiceField(label=_("Kind"), choices=StaffLeave.Kind.choices, widget=forms.RadioSelect)
    note = Text(
        label=_("Note"), required=False, max_length=200, widget=forms.TextInput(attrs={"class": "wide"})
    )

    field_order = ("user", "kind", "first", "last", "begins", "until", "which", "note")

    def __init__(self, *args: Any, people: Iterable[User] | None, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people is None:
            del self.fields["kind"]
        if people is None or fixed:
            del self.fields["user"]
        else:
            self.fields["user"].offer(people)  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, site: Site, stored: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": stored["kind"], "note": stored["note"], **cls.span_of(site, stored)}

    def person(self, otherwise: User) -> User:
        field: Any = self.fields.get("user")
        return field.people[self.cleaned_data["user"]] if field else otherwise

    @property
    def details(self) -> dict[str, Any]:
        kind = self.cleaned_data.get("kind", StaffLeave.Kind.SICK)
        return {"kind": kind, "note": self.cleaned_data["note"], **self.span}


class LeaveFilterForm(forms.Form):
    """Which leave is listed: whose, and of which days."""

    user = PersonField(label=_("Person"), required=False)
    first = Day(label=_("From"), required=False)
    last = Day(label=_("To"), required=False)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].offer(people)  # type: ignore[attr-defined]
        self.fields["user"].choices = [("", _("Everybody")), *self.fields["user"].choices[1:]]  # type: ignore[attr-defined]
