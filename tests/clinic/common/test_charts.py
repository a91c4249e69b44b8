"""Geometry of charts: nothing invented, nothing outside the drawing, and markup that a browser can read."""

from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.common.charts.bars import Value, bar_chart, spark
from clinic.common.charts.lines import LineChart, line_chart, stretches
from clinic.common.charts.marks import LABEL_HEIGHT, SHAPES, Label, marker, spread
from clinic.common.charts.plan import Band, ChartPlan, Event, Level, PanelPlan, Point, Series, Span
from clinic.common.charts.scale import Scale, date_ticks, minute_ticks, nice_step, nice_ticks

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
maybe = st.none() | st.integers(0, 300)
SVG = "{http://www.w3.org/2000/svg}"


@given(numbers, numbers, st.integers(1, 10))
def test_ticks_are_round_cover_the_values_and_are_few(one, other, count):
    low, high = min(one, other), max(one, other)
    ticks = nice_ticks(low, high, count)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert ticks[0] <= low + slack and ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= count + 3
    steps = [later - earlier for earlier, later in pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0, 27, 4, (0, 10, 20, 30)),
        (92, 99, 2, (90, 95, 100)),
        (5, 5, 4, (4, 6, 8, 10)),
        (0, 0, 2, (0, 0.5, 1)),
        (-0.2, 0.9, 3, (-0.5, 0, 0.5, 1)),
    ],
)
def test_ticks_of_ordinary_charts(low, high, count, expected):
    assert nice_ticks(low, high, count) == expected


def test_steps_are_round():
    assert [nice_step(span, 5) for span in (1, 7, 12, 13, 60, 99)] == [0.2, 2, 2.5, 5, 20, 20]


@given(st.integers(-300, 300), st.integers(0, 2000), st.integers(2, 12))
def test_minutes_are_inside_and_few(low, span, count):
    ticks = minute_ticks(low, low + span, count)
    assert all(low <= tick <= low + span for tick in ticks)
    assert len(ticks) <= count + 1
    if ticks and low <= 0 <= low + span:
        assert 0 in ticks


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 1500), st.integers(3, 10))
def test_days_are_inside_in_order_and_few(first, days, count):
    last = first + timedelta(days=days)
    ticks = date_ticks(first, last, count)
    assert ticks and list(ticks) == sorted(set(ticks))
    assert all(first <= tick <= last for tick in ticks)
    assert len(ticks) <= count + 1


@given(numbers, numbers, st.floats(0, 1))
def test_a_scale_is_straight_and_keeps_its_ends(low, high, share):
    assume(high - low > 1)
    scale = Scale(low, high, 200, 20)
    assert (scale(low), scale(high)) == (200, 20)
    assert scale(low + share * (high - low)) == pytest.approx(200 - share * 180, abs=0.06)
    assert scale.within(high + 10) == 20 and scale.within(low - 10) == 200


@given(st.lists(st.tuples(st.integers(0, 500), maybe), max_size=20), st.none() | st.integers(1, 60))
def test_a_line_joins_neighbours_only(pairs, gap):
    """Naively: two values are joined when nothing is missing between them and the silence is short enough."""
    points = [Point(x, y) for x, y in sorted(pairs, key=lambda pair: pair[0])]
    joined = {(id(a), id(b)) for stretch in stretches(points, gap_after=gap) for a, b in pairwise(stretch)}
    expected = {
        (id(a), id(b))
        for a, b in pairwise(points)
        if a.y is not None and b.y is not None and not (gap is not None and b.x - a.x > gap)
    }
    assert joined == expected
    drawn = [point for stretch in stretches(points, gap_after=gap) for point in stretch]
    assert drawn == [point for point in points if point.y is not None]


@given(st.lists(st.integers(-50, 400), max_size=12))
def test_labels_do_not_cover_one_another(heights):
    labels = [Label(0, y, str(number), "x") for number, y in enumerate(heights)]
    placed = spread(labels, low=0, high=300)
    assert sorted(label.text for label in placed) == sorted(label.text for label in labels)
    assert all(b.y - a.y >= LABEL_HEIGHT - 0.01 for a, b in pairwise(placed))
    assert all(label.y >= 0 and label.y <= 300 for label in placed)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_mark_is_an_outline_of_its_own_around_its_place(shape):
    mark = marker(shape, 10, 20, key="x")
    assert mark.path.startswith("M")
    assert [other for other in SHAPES if marker(other, 10, 20, key="x").path == mark.path] == [shape]


def chart(points=((0, 120), (10, 134), (20, None), (30, 128)), **changes) -> LineChart:
    series = Series("systolic", "Systolic", [Point(x, y, f"{x} min: {y}") for x, y in points], "down")
    panel = PanelPlan(
        "mmHg",
        [series],
        bands=[Band("limit", "Over 180 & more", 180, None)],
        levels=[Level("baseline", "before 118", 118)],
    )
    plan = {
        "id": "c1",
        "title": "Pressure rose by 16",
        "description": "Four readings <in> 30 minutes.",
        "panels": [panel],
        "first": -10,
        "last": 60,
        "x_ticks": [(0, "0"), (30, "30")],
        "x_title": "minutes",
        "spans": [Span("infusion", "Infusion", 0, 40), Span("pause", "Pause", 12, 18, hatched=True)],
        "events": [Event("pause", "Paused", 12)],
    }
    return line_chart(ChartPlan(**{**plan, **changes}))


def test_a_missing_value_is_a_gap_and_no_mark():
    (curve,) = chart().panels[0].curves
    assert len(curve.marks) == 3
    assert len(curve.paths) == 1, "the value after the gap stands alone"


@given(
    st.lists(st.tuples(st.integers(-10, 60), maybe), max_size=12),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(150, 300),
)
def test_everything_is_drawn_inside_the_drawing(points, low, high):
    series = Series("a", "A", [Point(x, y) for x, y in sorted(points, key=lambda pair: pair[0])])
    plan = PanelPlan("A", [series], low=low, high=high, bands=[Band("1", "Low", None, 50)])
    drawn = chart(panels=[plan, plan], events=[Event("infusion", "30 mg", 5, size=0.5)])
    inside = [mark for panel in drawn.panels for curve in panel.curves for mark in curve.marks]
    assert all(drawn.left <= m.x <= drawn.right and drawn.top <= m.y <= drawn.bottom for m in inside)
    assert all(band.height >= 0 for panel in drawn.panels for band in panel.bands)
    assert drawn.panels[1].y > drawn.panels[0].y + drawn.panels[0].height
    assert drawn.bottom < drawn.words_below < drawn.height


def test_values_are_named_directly_at_the_end_of_the_line():
    labels = {label.key: label.text for label in chart().panels[0].labels}
    assert labels == {"systolic": "Systolic 128", "baseline": "before 118"}


def test_marks_on_the_axis_are_sized():
    events = [Event("infusion", "20 mg", 0, size=0.2), Event("infusion", "40 mg", 30, size=1)]
    small, large = chart(events=events).marks
    assert marker("circle", large.x, large.y, key="x", radius=8).path == large.path
    assert small.path != large.path


@given(st.lists(st.integers(-10, 60), max_size=8))
def test_names_of_events_do_not_run_into_one_another(moments):
    drawn = chart(events=[Event("effect", "all of it", x, name="Nausea") for x in moments])
    assert len(drawn.events) == len(moments)
    places = [name.x for name in drawn.event_names]
    assert bool(places) == bool(moments)
    assert all(later - earlier >= 7 * len("Nausea") for earlier, later in pairwise(places))


def parsed(template: str, **context) -> ElementTree.Element:
    with translation.override("de"):
        markup = render_to_string(f"_components/charts/{template}.svg.html", context)
    assert "style=" not in markup
    return ElementTree.fromstring(markup.strip().replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


@pytest.mark.parametrize("template", ["vitals", "scores"])
def test_the_drawing_of_lines(template):
    svg = parsed(template, chart=chart())
    names = {node.get("id"): (node.text or "").strip() for node in svg if node.get("id")}
    assert svg.get("role") == "img"
    assert [names[name] for name in svg.get("aria-labelledby").split()] == [
        "Pressure rose by 16",
        "Four readings <in> 30 minutes.",
    ]
    paths = [node.get("class") for node in svg.iter(f"{SVG}path")]
    assert "chart__line chart__line--systolic" in paths
    assert [node.text for node in svg.iter(f"{SVG}text")][-1] == "minutes"
    assert "url(#c1-hatch)" in [node.get("fill") for node in svg.iter(f"{SVG}rect")]
    coordinates = [node.get(name) for node in svg.iter() for name in ("x", "y", "x1", "y2") if node.get(name)]
    assert coordinates and not [text for text in coordinates if "," in text], (
        "a decimal comma is no number here"
    )


def test_the_drawing_of_bars():
    values = [Value("2 Mar", 3, "3 of 40"), Value("9 Mar", None, "none due"), Value("16 Mar", 0, "0 of 38")]
    drawn = bar_chart(values, id="b", title="No-shows", description="By week.")
    assert [bar.height is None for bar in drawn.bars] == [False, True, False]
    assert drawn.bars[2].height == 0
    svg = parsed("bars", chart=drawn)
    assert len(svg.findall(f".//{SVG}rect")) == 2
    assert len(svg.findall(f".//{SVG}line[@class='chart__missing']")) == 1
    assert "3 of 40" in [node.text for node in svg.iter(f"{SVG}title")]


@given(st.lists(st.none() | st.integers(0, 500), max_size=60))
def test_bars_stand_on_zero_inside_the_drawing(values):
    drawn = bar_chart([Value(str(n), v) for n, v in enumerate(values)], id="b", title="", description="")
    known = [(bar, value) for bar, value in zip(drawn.bars, values, strict=True) if value is not None]
    assert all(bar.y + bar.height == pytest.approx(drawn.bottom) and bar.y >= 0 for bar, _v in known)
    assert all(drawn.left <= bar.x and bar.x2 <= drawn.right + 0.1 for bar in drawn.bars)
    assert len(drawn.names) <= 6
    heights = sorted((value, bar.height) for bar, value in known)
    assert [height for _v, height in heights] == sorted(height for _v, height in heights)


@given(st.lists(st.none() | st.integers(0, 27), max_size=30))
def test_a_spark_stays_inside_and_marks_the_last_value(values):
    drawn = spark(values, label="PHQ-9")
    known = [value for value in values if value is not None]
    assert [mark.key for mark in drawn.marks].count("last") == bool(known)
    for mark in drawn.marks:
        assert 0 <= mark.x <= drawn.width and 0 <= mark.y <= drawn.height
    lonely = sum(1 for stretch in stretches([Point(n, v) for n, v in enumerate(values)]) if len(stretch) == 1)
    assert len(drawn.marks) == lonely + bool(known)


def test_the_drawing_of_a_spark():
    svg = parsed("spark", spark=spark([21, 18, None, 12, 9], label="PHQ-9 from 21 to 9"))
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "PHQ-9 from 21 to 9")
    assert len(svg.findall(f".//{SVG}path[@class='chart__line']")) == 2
