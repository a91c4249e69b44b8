"""Two versions of one row, side by side, when two people have edited it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Side:
    """A value as the form sends it and as a person reads it."""

    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One field in both versions.

    Attributes:
        keep_mine: what is chosen beforehand: mine where I have changed it, theirs where only they have.
    """

    name: str
    label: str
    mine: Side
    theirs: Side
    keep_mine: bool

    @property
    def differs(self) -> bool:
        return self.mine.raw != self.theirs.raw


def compare(form: forms.BaseForm, *, stored: Mapping[str, Any], read: Mapping[str, Any]) -> list[Compared]:
    """The fields of a form that was refused as stale.

    Args:
        stored: the values that somebody else has saved.
        read: the values that this person had before them; empty where they are not known any more.
    """
    compared = []
    for name, field in form.fields.items():
        if field.widget.is_hidden:
            continue
        mine, theirs = (_side(field, values.get(name)) for values in (form.cleaned_data, stored))
        keep = name not in read or mine != _side(field, read[name])
        compared.append(Compared(name, str(field.label), mine, theirs, keep))
    return compared


def _side(field: forms.Field, value: Any) -> Side:
    if isinstance(field, forms.BooleanField):
        return Side("on", _("Yes")) if value else Side("", _("No"))
    if isinstance(value, date):
        return Side(value.isoformat(), date_format(value, "j M Y"))
    raw = "" if value is None else str(value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = {str(key): str(label) for key, label in choices}
        return Side(raw, labels.get(raw, raw))
    return Side(raw, raw)
