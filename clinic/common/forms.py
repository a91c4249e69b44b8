"""Form fields that this house repeats: numbers read off a device, decimals with a unit, instants at a site."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.text import is_storable


class Text(forms.CharField):
    """A text that both databases can store."""

    default_error_messages = {
        "unreadable": _(
            "This text holds an unreadable character, often left behind by copying. Delete it and type it again."
        )
    }

    def to_python(self, value: Any) -> Any:
        text: str = super().to_python(value) or ""
        if not is_storable(text):
            raise forms.ValidationError(self.error_messages["unreadable"], code="text.unreadable")
        return text


class LongText(Text):
    """Several lines; line ends as the browser sent them are made single."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), strip=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value).replace("\r\n", "\n")


class Whole(forms.IntegerField):
    """A whole number with its unit behind it and a number pad. What is plausible is judged by the rules."""

    def __init__(self, *, unit: Any = "", **kwargs: Any) -> None:
        self.unit = unit
        self.quiet = True
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 99_999)
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)
        self.error_messages["invalid"] = _("Enter a whole number, digits only.")


class DecimalNumber(forms.DecimalField):
    """A decimal with its unit; a comma is read as the point."""

    def __init__(self, *, unit: Any = "", **kwargs: Any) -> None:
        self.unit = unit
        self.quiet = True
        kwargs.setdefault("max_digits", 10)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs
        )
        self.error_messages["invalid"] = _("Enter a number, such as 72.5.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace(",", ".")
        return super().to_python(value)


class Day(forms.DateField):
    """A calendar day by the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class SiteTime(forms.TimeField):
    """A time of day on the site's clocks, ``14:05``; :func:`instant_on` makes it an instant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)


def instant_on(
    form: forms.BaseForm, field: str, *, day: date, zone: str, fold: int | None = None
) -> datetime | None:
    """The instant a form's time of day means; a time that the clocks skip, or repeat while ``fold`` does not say
    which is meant, becomes the field's error under the code of :func:`clinic.common.clock.from_local`."""
    time = form.cleaned_data.get(field)
    if time is None:
        return None
    try:
        return clock.from_local(datetime.combine(day, time), zone, field=field, fold=fold)
    except Invalid as error:
        form.add_error(field, forms.ValidationError(str(error.problem), code=error.code))
        return None
