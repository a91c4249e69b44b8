"""Times on a site's clocks as they are typed: whole days or hours of them, and the hour that comes twice."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.forms import Day, SiteTime
from clinic.facilities.models import Site

WHICH = [("0", _("the first")), ("1", _("the second"))]


class ClockForm(forms.Form):
    """A form with times on a site's clocks. Which of two equal times is meant is asked only where there are two."""

    which = forms.ChoiceField(
        label=_("The clocks go back then, and this time comes twice. You mean"),
        choices=WHICH,
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def instant(self, field: str, day: date, at: time) -> datetime | None:
        """The moment meant; a time that the clocks skip, or show twice, becomes the field's error."""
        chosen = self.cleaned_data.get("which") or self.data.get("which")
        fold = int(chosen) if chosen in {"0", "1"} else None
        try:
            return clock.from_local(datetime.combine(day, at), self.site.time_zone, field=field, fold=fold)
        except Invalid as error:
            self.add_error(field, str(error.problem))
            if error.code == "time.ambiguous":
                self.fields["which"].widget = forms.RadioSelect(choices=WHICH)
                self.fields["which"].quiet = True  # type: ignore[attr-defined]
            return None


class SpanForm(ClockForm):
    """From one day to another, both included; with times, part of the first and of the last one."""

    first = Day(label=_("First day"))
    last = Day(label=_("Last day"), required=False, help_text=_("Leave it empty for one day."))
    begins = SiteTime(label=_("From"), required=False, help_text=_("Empty: the whole first day."))
    until = SiteTime(label=_("Until"), required=False, help_text=_("Empty: the whole last day."))

    @staticmethod
    def span_of(site: Site, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a stored range."""
        start, end = (stored[name].astimezone(site.zone) for name in ("starts_at", "ends_at"))
        whole_end = end.time() == time.min
        return {
            "first": start.date(),
            "last": end.date() - timedelta(days=1) if whole_end else end.date(),
            "begins": None if start.time() == time.min else start.time(),
            "until": None if whole_end else end.time(),
            "which": str(start.fold or end.fold),
        }

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        first = typed.get("first")
        if first is not None and not self.errors:
            last = typed["last"] = typed.get("last") or first
            typed["starts_at"], typed["ends_at"] = self._start(first), self._end(last)
        return typed

    def _start(self, first: date) -> datetime | None:
        begins = self.cleaned_data.get("begins")
        zone = self.site.time_zone
        return clock.day_range(first, zone)[0] if begins is None else self.instant("begins", first, begins)

    def _end(self, last: date) -> datetime | None:
        until = self.cleaned_data.get("until")
        zone = self.site.time_zone
        return clock.day_range(last, zone)[1] if until is None else self.instant("until", last, until)

    @property
    def span(self) -> dict[str, datetime]:
        return {name: self.cleaned_data[name] for name in ("starts_at", "ends_at")}
