"""What templates share: hidden fields that make a form safe, and how times and quantities read."""

import uuid
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, FileInput, NumberInput, Textarea
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.common import clock
from clinic.common.kept import kept_text
from clinic.common.submitting import KEY_FIELD, PATIENT_FIELD, TYPED_BY_FIELD
from clinic.common.templating import do_translate

register = template.Library()
# It takes the place of Django's where `ui` is loaded after `i18n`; the house test on templates holds them to it.
register.tag("translate", do_translate)
NOBODY = uuid.UUID(int=0)


@register.simple_tag(takes_context=True)
def form_key(context: dict[str, Any]) -> SafeString:
    """The key under which this form is stored once, however often it is sent.

    Kept when the form comes back, unless something else is stored under it already.
    """
    request = context.get("request")
    given = ""
    if request is not None and not getattr(request, "form_key_is_spent", False):
        given = request.POST.get(KEY_FIELD, "")
    try:
        key = uuid.UUID(given)
    except ValueError:
        key = uuid.uuid4()
    return _hidden(KEY_FIELD, key) + _made_for(request)


@register.simple_tag(takes_context=True)
def fresh_key(context: dict[str, Any]) -> SafeString:
    """A key of its own for each of several forms on one page."""
    return _hidden(KEY_FIELD, uuid.uuid4()) + _made_for(context.get("request"))


def _made_for(request: Any) -> SafeString:
    """Names the person for whom the page is made; nobody else can send its forms."""
    user = getattr(request, "user", None)
    return _hidden(TYPED_BY_FIELD, user.public_id) if user and user.is_authenticated else SafeString("")


def _hidden(name: str, value: Any) -> SafeString:
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


@register.simple_tag
def patient_guard(patient: Any) -> SafeString:
    """Names the patient whom this form is about; the server compares it with the address."""
    return format_html('<input type="hidden" name="{}" value="{}">', PATIENT_FIELD, patient.public_id)


@register.simple_tag
def address(name: str, public_id: uuid.UUID, *more: str) -> str:
    """As ``{% url name public_id … %}``, worked out once for a page that names many of the same kind."""
    before, after = _around(name, *more)
    return f"{before}{public_id}{after}"


@cache
def _around(name: str, *more: str) -> tuple[str, str]:
    before, _id, after = reverse(name, args=[NOBODY, *more]).partition(str(NOBODY))
    return before, after


@register.simple_tag
def kept(template: str, **shown: Any) -> SafeString:
    """``{% kept "sessions/courses/_vitals.html" lines=picture.infusions %}``: as ``include … only``, written once for
    equal values (:func:`clinic.common.kept.kept_text`)."""
    return kept_text(template, **shown)


@register.filter
def iso(value: datetime) -> str:
    """An instant for a machine: what Django's ``date:"c"`` writes, without a look at every letter of a format."""
    return value.isoformat()


@register.filter
def initials(person: Any) -> str:
    """``G.F.`` of somebody with a given and a family name."""
    return "".join(f"{name[:1]}." for name in (person.given_name, person.family_name) if name)


@register.filter
def local(value: datetime | None, site: Any) -> datetime | None:
    """An instant on the clocks of a site."""
    return None if value is None else value.astimezone(site.zone).replace(tzinfo=None)


@register.filter
def at(value: datetime | None, site: Any) -> str:
    """``14:05`` on the clocks of a site."""
    return "" if value is None else value.astimezone(site.zone).strftime("%H:%M")


@register.filter
def wall(value: datetime | None) -> str:
    """``14:05`` of an instant that a report has already put on its site's clocks; Django's own filter undoes that."""
    return "" if value is None else value.strftime("%H:%M")


@register.filter
def day_at(value: datetime | None, site: Any) -> str:
    """``Tue 24 Nov 14:05`` on the clocks of a site."""
    return (
        ""
        if value is None
        else _day(value.astimezone(site.zone)) + value.astimezone(site.zone).strftime(" %H:%M")
    )


@register.filter
def day(value: Any) -> str:
    """``Tue 24 Nov``; the year where it is not this one."""
    return "" if value is None else _day(value)


@register.filter
def begins_on(value: datetime, site: Any) -> str:
    """The start of a range on the clocks of a site: the day alone where it begins with it."""
    local = value.astimezone(site.zone)
    return _day(local) + ("" if local.time() == time.min else local.strftime(" %H:%M"))


@register.filter
def ends_on(value: datetime, site: Any) -> str:
    """The end of a half-open range: the last day alone where it ends with it."""
    local = value.astimezone(site.zone)
    return (
        _day(local - timedelta(days=1))
        if local.time() == time.min
        else _day(local) + local.strftime(" %H:%M")
    )


@register.filter
def hours(value: timedelta) -> str:
    """A sum of working time: ``37 h 30``."""
    minutes = clock.whole_minutes(value)
    return _("%(hours)d h %(minutes)02d") % {"hours": minutes // 60, "minutes": minutes % 60}


def _day(value: Any) -> str:
    year = "" if value.year == clock.now().year else f" {value.year}"
    return f"{value:%a} {value.day} {value:%b}{year}"


@register.filter
def duration(value: timedelta | int | None) -> str:
    """A span in words: ``38 min``, ``2 h 05``, ``6 days``. Whole minutes when a number is given."""
    if value is None:
        return ""
    minutes = clock.whole_minutes(value) if isinstance(value, timedelta) else int(value)
    if minutes < 120:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes < 48 * 60:
        return _("%(hours)d h %(minutes)02d") % {"hours": minutes // 60, "minutes": minutes % 60}
    days = minutes // (24 * 60)
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


@register.filter
def thousandths(value: int | None) -> str:
    """A whole number of thousandths in the unit itself: 38500 micrograms read ``38.5``."""
    if value is None:
        return ""
    return f"{(Decimal(value) / 1000).normalize():f}"


@register.filter
def rounded(value: Any) -> int | None:
    """An exact fraction to whole units, for a filter that reads thousandths."""
    return None if value is None else round(value)


@register.filter
def tenths(value: int | None) -> str:
    """As :func:`thousandths`, to one decimal: for what is only known by the clock."""
    return "" if value is None else f"{Decimal(value) / 1000:.1f}"


@register.filter
def signed(value: float | None) -> str:
    """A change with its sign; a true minus."""
    if value is None:
        return ""
    return f"+{value:g}" if value > 0 else f"−{-value:g}" if value < 0 else "±0"


@register.filter
def percent(value: float | None) -> str:
    """A share of one as whole per cent: 0.4286 reads ``43``."""
    return "" if value is None else str(round(100 * value))


@register.filter
def minus(value: int, other: int) -> int:
    """What is left, never below zero."""
    return max(0, value - other)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """One entry of a mapping by a key that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def field_class(field: BoundField) -> str:
    """How a field is laid out, from its widget."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "field--check"
    if isinstance(widget, NumberInput) or widget.attrs.get("inputmode") in {"decimal", "numeric"}:
        return "field--number"
    if isinstance(widget, Textarea | FileInput) or widget.attrs.get("class") == "wide":
        return "wide"
    return ""


@register.filter
def optional_word(field: BoundField) -> str:
    return "" if getattr(field.field, "quiet", False) else _("(optional)")


@register.filter(is_safe=True)
def plain_errors(text: str) -> str:
    """Django's ``* one * two`` as sentences."""
    return " ".join(line.removeprefix("* ") for line in text.splitlines())
