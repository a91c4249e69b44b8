"""Form fields that this house repeats: numbers read off a device, decimals with a unit, instants at a site."""

from datetime import MAXYEAR, MINYEAR, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.text import is_storable

# What reading a form puts in the place of bytes that are no text.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Text(forms.CharField):
    """A text that both databases can store, and that arrived whole."""

    default_error_messages = {
        "unreadable": _(
            "This text holds an unreadable character, often left behind by copying. Delete it and type it again."
        )
    }

    def to_python(self, value: Any) -> Any:
        text: str = super().to_python(value) or ""
        if REPLACEMENT in text or not is_storable(text):
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


class Thousandths(DecimalNumber):
    """A decimal outside, the whole number of its thousandths inside: mg and µg, mL and µL."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 2_000_000)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        return None if number is None else int(number * 1000)

    def prepare_value(self, value: Any) -> Any:
        return format((Decimal(value) / 1000).normalize(), "f") if isinstance(value, int) else value


class Day(forms.DateField):
    """A calendar day by the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        # The day after it, or its midnight in another zone, would be none that can be computed with.
        if value is not None and value.year in {MINYEAR, MAXYEAR}:
            message = _("This day is at the end of the calendar. Choose another one.")
            raise forms.ValidationError(message, code="calendar")


class SiteTime(forms.TimeField):
    """A time of day on the site's clocks, ``14:05``; :func:`instant_on` makes it an instant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)


class WhichHour(forms.ChoiceField):
    """Which of two is meant where the clocks show a time twice; a page asks only where :func:`asks_which`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Which of the two"))
        which = [("0", _("The first, before the clocks go back")), ("1", _("The second, after it"))]
        super().__init__(choices=which, widget=forms.RadioSelect, required=False, **kwargs)


def asks_which(form: forms.BaseForm, field: str, *, which: str) -> bool:
    """Whether the clocks show the time in ``field`` twice that night; once answered, the answer stays in sight."""
    return form.has_error(field, "time.ambiguous") or bool(form[which].value())


def instant_on(
    form: forms.BaseForm, field: str, *, day: date | None, zone: str, which: str = ""
) -> datetime | None:
    """The instant a form's time of day means; None while the form does not say.

    A time that the clocks skip, or show twice while the field ``which`` does not say which is meant, becomes the
    field's error under the code of :func:`clinic.common.clock.from_local`.
    """
    time, answer = form.cleaned_data.get(field), form.cleaned_data.get(which)
    if day is None or time is None:
        return None
    fold = int(answer) if answer else None
    try:
        return clock.from_local(datetime.combine(day, time), zone, field=field, fold=fold)
    except Invalid as error:
        form.add_error(field, forms.ValidationError(str(error.problem), code=error.code))
        return None
