"""Every component of the house on one page, with made-up contents: to look at, in light and dark and on paper."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.charts.bars import BarChart, Spark, Value, bar_chart, spark
from clinic.common.charts.lines import LineChart, line_chart
from clinic.common.charts.plan import Band, ChartPlan, Event, PanelPlan, Point, Series, Span
from clinic.common.errors import Problem
from clinic.common.forms import Day, DecimalNumber, LongText, SiteTime, Text, Whole
from clinic.common.paging import Pages

NOBODY = UUID(int=0)
PILLS = (
    ("scheduled", _("Scheduled")),
    ("arrived", _("Checking")),
    ("ready", _("Ready")),
    ("infusing", _("Infusing")),
    ("paused", _("Paused")),
    ("recovering", _("Recovering")),
    ("discharged", _("Discharged")),
    ("cancelled", _("Cancelled")),
    ("no_show", _("No-show")),
    ("not_started", _("Not started")),
    ("left", _("Left")),
    ("transferred", _("Transferred")),
)
COLOURS = (
    "paper",
    "sheet",
    "accent",
    "accent-soft",
    "danger-soft",
    "warning-soft",
    "success-soft",
    "info-soft",
)
READINGS = ((0, 122, 76), (10, 128, 80), (20, 141, 88), (30, None, None), (40, 134, 84), (50, 126, 78))


class SampleForm(forms.Form):
    """Each kind of field once; the number with its unit, and one with an error."""

    name = Text(label=_("Text"), help_text=_("A line of help below."))
    systolic = Whole(label=_("Number with unit"), unit="mmHg")
    weight = DecimalNumber(label=_("Decimal"), unit="kg")
    day = Day(label=_("Day"))
    time = SiteTime(label=_("Time at the site"))
    kind = forms.ChoiceField(label=_("List"), choices=[("a", _("First")), ("b", _("Second"))])
    answer = forms.ChoiceField(
        label=_("Segmented choice"),
        choices=[("ok", _("OK")), ("advise", _("Advise")), ("stop", _("Stop"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=_("Yes or no"), required=False)
    note = LongText(label=_("Several lines"), required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    """The page itself. Nothing on it can be sent."""
    typed = {"name": "Family, Given", "systolic": "12/8", "weight": "72.5", "day": "2026-03-12"}
    form = SampleForm({**typed, "time": "14:05", "kind": "a", "answer": "advise", "note": "Calm"})
    form.is_valid()
    context = {
        "form": form,
        "pills": PILLS,
        "colours": COLOURS,
        "banner": _banner(),
        "problems": [
            Problem("sample.open", _("The check is open: weight. Record it.")),
            Problem("sample.link", _("The consent ends today."), link="#banner"),
        ],
        "due": clock.now() + timedelta(minutes=3),
        "late": clock.now() - timedelta(minutes=4),
        "pages": Pages(number=2, per=50, total=120, query=""),
        "conflict": [{"label": _("Phone"), "stored": "555 0100", "typed": "555 0199"}],
        "lines": _lines(),
        "bars": _bars(),
        "spark": _spark(),
        "steps": (
            (_("Arrived"), "done"),
            (_("Checked"), "done"),
            (_("Infusing"), "now"),
            (_("Recovery"), ""),
            (_("Discharge"), ""),
            (_("Signed"), ""),
        ),
    }
    return render(request, "gallery.html", context)


def _banner() -> Any:
    return SimpleNamespace(
        patient=SimpleNamespace(public_id=NOBODY),
        full_name="Family, Given",
        birth_date=date(1984, 3, 12),
        age=42,
        sex=_("female"),
        record_number="104233",
        deceased_on=None,
        is_minor=False,
        allergies=["latex"],
        allergy_status="listed",
    )


def _lines() -> LineChart:
    shown = ((1, "Systolic", "systolic"), (2, "Diastolic", "diastolic"))
    series = [
        Series(
            key,
            label,
            [Point(row[0], row[place], f"{row[0]} min: {row[place]}") for row in READINGS],
            "circle" if place == 1 else "square",
        )
        for place, label, key in shown
    ]
    return line_chart(
        ChartPlan(
            id="gallery-lines",
            title="Systolic rose by 19 mmHg",
            description="Blood pressure over 50 minutes; the reading at 30 minutes is missing.",
            panels=[PanelPlan("mmHg", series, low=60, high=160, bands=[Band("limit", "limit", 150, None)])],
            first=0,
            last=60,
            x_ticks=[(minute, str(minute)) for minute in range(0, 61, 10)],
            x_title="minutes",
            spans=[Span("infusion", "infusion", 5, 45)],
            events=[Event("pause", "Paused at 22 min", 22, name="pause")],
        )
    )


def _bars() -> BarChart:
    monday = date(2026, 3, 2)
    counts = (12, 15, None, 9, 14, 17)
    values = [
        Value(f"{monday + timedelta(weeks=week):%-d %b}", count, str(count))
        for week, count in enumerate(counts)
    ]
    return bar_chart(
        values, id="gallery-bars", title="Sessions a week", description="The third week has no figure."
    )


def _spark() -> Spark:
    return spark([21, 19, None, 15, 12, 9], label="PHQ-9 from 21 to 9")
