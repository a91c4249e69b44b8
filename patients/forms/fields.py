"""Form fields that take their label, length and choices from the model's column: said once, in the model."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, SiteTime, Text, Whole, instant_on


def _said(model: type[models.Model], name: str, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    column: Any = model._meta.get_field(name)
    known = {
        "label": capfirst(column.verbose_name),
        "required": not column.blank,
        "help_text": column.help_text,
    }
    return column, known | given


def text_of(model: type[models.Model], name: str, **given: Any) -> Text:
    column, known = _said(model, name, given)
    return Text(max_length=column.max_length, **known)


def day_of(model: type[models.Model], name: str, **given: Any) -> Day:
    _column, known = _said(model, name, given)
    return Day(**known)


def whole_of(model: type[models.Model], name: str, **given: Any) -> Whole:
    _column, known = _said(model, name, given)
    return Whole(**known)


def check_of(model: type[models.Model], name: str, **given: Any) -> forms.BooleanField:
    _column, known = _said(model, name, given)
    return forms.BooleanField(**known | {"required": False})


def choice_of(model: type[models.Model], name: str, *, wide: bool = False, **given: Any) -> forms.ChoiceField:
    """All choices side by side, none of them chosen beforehand; ``wide`` gives them a line of their own."""
    column, known = _said(model, name, given)
    widget = forms.RadioSelect(attrs={"class": "wide"} if wide else {})
    return forms.ChoiceField(widget=widget, **{"choices": column.choices} | known)


class RevisionForm(forms.Form):
    """A form that edits a row: it says which version was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """What was typed, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}


class TakenForm(forms.Form):
    """A form about something that may have happened earlier; both fields empty mean now."""

    taken_on = Day(label=_("Day"), required=False, help_text=_("Empty: now"))
    taken_time = SiteTime(label=_("Time"), required=False)

    def __init__(self, *args: Any, site: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("taken_on") and not cleaned.get("taken_time") and not self.errors.get("taken_time"):
            self.add_error("taken_time", _("Give the time too, as closely as it is known."))
        elif cleaned.get("taken_time"):
            day = cleaned.get("taken_on") or self.today
            cleaned["taken_at"] = instant_on(self, "taken_time", day=day, zone=self.site.time_zone)
        return cleaned

    @property
    def taken_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data.get("taken_at")
        return moment
