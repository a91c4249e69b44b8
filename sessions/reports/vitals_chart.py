"""Vital signs of one session over its minutes: pressures and heart rate above, oxygen saturation below."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, islice, pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.common.charts.lines import LineChart, line_chart
from clinic.common.charts.plan import Band, ChartPlan, Event, Level, PanelPlan, Point, Series, Span
from clinic.common.charts.scale import minute_ticks
from sessions.models import InfusionSession, PatientLimit, VitalSigns
from sessions.rules.alert_limits import protocol_limits
from sessions.rules.corrections import standing
from sessions.rules.limits import SIGNS, baseline_of, in_force, value_of
from sessions.rules.protocols import Limit
from sessions.rules.quantities import plain, thousandths
from sessions.rules.timeline import Timeline, derive

WIDTH = 560
"""It stands in the middle column of the chairside, on a tablet in half of the screen."""
SMALL_HEIGHT = 56
SMALL: tuple[tuple[Any, float | None, float | None, tuple[tuple[str, Any, str], ...]], ...] = (
    (gettext_lazy("Breaths per minute"), None, None, (("respiratory_rate", "RR", "circle"),)),
    (
        gettext_lazy("%(which)s, 0 to 10"),
        0,
        10,
        (
            ("sedation", "MOAA/S", "down"),
            ("dissociation", gettext_lazy("dissociation"), "diamond"),
            ("pain", gettext_lazy("pain"), "circle"),
        ),
    ),
    (gettext_lazy("RASS"), -5, 4, (("rass", "RASS", "circle"),)),
    (gettext_lazy("Temperature in °C"), None, None, (("temperature", "°C", "circle"),)),
)
"""What is drawn below the circulation, each group in a panel of its own: title, scale, kinds with their marks."""
SILENCE = 3
"""A line breaks where so many intervals of the protocol passed without a reading."""


def vitals_chart(
    session: InfusionSession, *, now: datetime, own: Iterable[PatientLimit] = (), id: str = "vitals"
) -> LineChart | None:
    """The chart's geometry from a session whose chart was loaded; None before the first reading.

    The limits drawn are those in force at the last reading, ``own`` ones of the patient among them.

    Asks for nothing when ``vital_signs``, ``infusion_events``, ``side_effects`` and the protocol are loaded.
    """
    readings: list[VitalSigns] = sorted(
        standing(session.vital_signs.all()), key=lambda reading: reading.taken_at
    )
    zero = session.infusion_started_at or session.arrived_at
    if not readings or zero is None:
        return None
    clock = _Minutes(zero, session)
    baseline = baseline_of(session, readings)
    timeline = derive(standing(session.infusion_events.all()))
    version: Any = session.protocol_version
    known = in_force(protocol_limits(session), own, readings[-1].taken_at)
    moments = [clock(reading.taken_at) for reading in readings]
    if timeline.started_at:
        moments += [0.0, clock(timeline.ended_at or now)]
    first, last = min(moments), max(*moments, min(moments) + 30)
    since = _("minutes since the start") if session.infusion_started_at else _("minutes since arrival")
    return line_chart(
        ChartPlan(
            id=id,
            title=_finding(readings, session, baseline, clock),
            description=_data(readings, clock),
            panels=list(_panels(readings, known, baseline, clock)),
            first=first,
            last=last,
            x_ticks=[(minute, str(minute)) for minute in minute_ticks(first, last)],
            x_title=since,
            spans=list(_spans(timeline, clock, now)),
            events=list(_events(session, clock)),
            gap_after=SILENCE
            * max(version.vitals_interval_minutes, version.recovery_vitals_interval_minutes),
            width=WIDTH,
        )
    )


class _Minutes:
    """Minutes since a moment, and the wall clock at the site for labels."""

    def __init__(self, zero: datetime, session: InfusionSession) -> None:
        self.zero, self.zone = zero, session.site.zone

    def __call__(self, at: datetime) -> float:
        return round((at - self.zero).total_seconds() / 60, 1)

    def shown(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%H:%M")


def _panels(
    readings: Sequence[VitalSigns], found: Sequence[Limit], baseline: VitalSigns | None, clock: _Minutes
) -> Iterable[PanelPlan]:
    above, below = _limits(found, "systolic", baseline)
    # Diastolic and heart rate run where systolic is too low: a band there would look like theirs.
    levels = [
        Level("limit", _("systolic %(limit)s") % {"limit": text}, value) for value, text in below.items()
    ]
    if baseline and baseline.systolic:
        levels.append(
            Level("baseline", _("before %(value)s") % {"value": baseline.systolic}, baseline.systolic)
        )
    kinds = (("systolic", _("Systolic"), "down"), ("diastolic", _("Diastolic"), "up"))
    pressures = [_series(readings, name, label, shape, clock) for name, label, shape in kinds]
    upper = [*pressures, _series(readings, "heart_rate", _("Heart rate"), "circle", clock)]
    yield PanelPlan(
        title=_("Blood pressure in mmHg, heart rate per minute"),
        series=[series for series in upper if _has_values(series)],
        bands=list(_bands(above, _("systolic %(limit)s"))),
        levels=levels,
        height=230,
    )
    oxygen = _series(readings, "oxygen_saturation", "SpO2", "diamond", clock)
    if _has_values(oxygen):
        lowest = min(point.y for point in oxygen.points if point.y is not None)
        _above, below = _limits(found, "oxygen_saturation", baseline)
        yield PanelPlan(
            title=_("SpO2 in %"),
            series=[oxygen],
            low=min(90, lowest // 5 * 5),
            high=100,
            bands=list(_bands(below, _("limit %(limit)s"), below=True)),
            height=70,
            tick_count=2,
        )
    yield from _small_panels(readings, clock)


def _small_panels(readings: Sequence[VitalSigns], clock: _Minutes) -> Iterable[PanelPlan]:
    """One low panel for each group of which anything was measured; a score of nought is a value."""
    for title, low, high, kinds in SMALL:
        found = [_series(readings, name, label, shape, clock) for name, label, shape in kinds]
        series = [one for one in found if _has_values(one)]
        if series:
            yield PanelPlan(
                title=title % {"which": ", ".join(str(one.label) for one in series)},
                series=series,
                low=low,
                high=high,
                height=SMALL_HEIGHT,
                tick_count=2,
            )


def _series(readings: Sequence[VitalSigns], name: str, label: str, shape: str, clock: _Minutes) -> Series:
    points = [
        Point(clock(reading.taken_at), value, f"{clock.shown(reading.taken_at)}: {label} {value}")
        for reading in readings
        for value in [value_of(reading, name)]
    ]
    return Series(name.replace("_", "-"), label, points, shape)


def _has_values(series: Series) -> bool:
    return any(point.y is not None for point in series.points)


def _limits(
    found: Iterable[Limit], parameter: str, baseline: VitalSigns | None
) -> tuple[dict[float, str], dict[float, str]]:
    """The protocol's limits during the infusion, above and below: value and words. Nothing stands for no limit."""
    before = getattr(baseline, parameter, None) if baseline else None
    above: dict[float, str] = {}
    below: dict[float, str] = {}
    for limit in found:
        if limit.parameter != parameter or limit.phase != "infusion":
            continue
        reached = limit.edge(before)
        if reached is None:
            continue
        value = round(reached, 1)
        (above if limit.comparator.startswith(">") else below)[value] = f"{SIGNS[limit.comparator]} {value:g}"
    return dict(sorted(above.items())), dict(sorted(below.items(), reverse=True))


def _bands(found: dict[float, str], words: str, *, below: bool = False) -> Iterable[Band]:
    """A band from each limit outward to the next one, the last one open."""
    following = chain(islice(found, 1, None), [None])
    for (value, text), outer in zip(found.items(), following, strict=False):
        low, high = (outer, value) if below else (value, outer)
        yield Band("limit", words % {"limit": text}, low, high)


def _spans(timeline: Timeline, clock: _Minutes, now: datetime) -> Iterable[Span]:
    """The infusion from start to end, and the pauses in it."""
    if timeline.started_at is None:
        return
    end = timeline.ended_at or now
    yield Span("infusion", _("Infusion"), 0, clock(end))
    for (_start, stopped), (resumed, _end) in pairwise(timeline.stretches):
        if stopped is not None:
            yield Span("pause", _("Pause"), clock(stopped), clock(resumed), hatched=True)
    last = timeline.stretches[-1][1]
    if last is not None and last < end:
        yield Span("pause", _("Pause"), clock(last), clock(end), hatched=True)


def _events(session: InfusionSession, clock: _Minutes) -> Iterable[Event]:
    for effect in session.side_effects.all():
        label = f"{clock.shown(effect.onset_at)}: {effect.get_term_display()}"
        name = str(effect.get_term_display()).partition(",")[0]
        yield Event("side-effect", label, clock(effect.onset_at), name=name)
    for row in standing(session.infusion_events.all()):
        if row.rate_microlitres_per_hour:
            rate = f"{plain(thousandths(row.rate_microlitres_per_hour))} mL/h"
            yield Event("rate", f"{clock.shown(row.taken_at)}: {rate}", clock(row.taken_at), name=rate)


def _finding(
    readings: Sequence[VitalSigns], session: InfusionSession, baseline: VitalSigns | None, clock: _Minutes
) -> str:
    """``Blood pressure up to 158/92 at 34 min, +40 from before``"""
    after = [
        reading for reading in readings if reading.systolic and session.phase_at(reading.taken_at) != "pre"
    ]
    highest = max(after, key=lambda reading: reading.systolic or 0, default=None)
    if highest is None:
        return _("Vital signs before the infusion")
    told = {
        "pressure": f"{highest.systolic}/{highest.diastolic}",
        "minute": f"{clock(highest.taken_at):.0f}",
    }
    found = _("Blood pressure up to %(pressure)s at %(minute)s min") % told
    if baseline and baseline.systolic and highest.systolic:
        found += _(", %(change)+d from before") % {"change": highest.systolic - baseline.systolic}
    return found


def _data(readings: Sequence[VitalSigns], clock: _Minutes) -> str:
    """One part a reading: ``09:40 112/70, 76 /min, 98 %``"""
    parts = []
    for reading in readings:
        values = [
            f"{reading.systolic}/{reading.diastolic}" if reading.systolic else "",
            f"{reading.heart_rate} /min" if reading.heart_rate else "",
            f"{reading.oxygen_saturation} %" if reading.oxygen_saturation else "",
        ]
        if any(values):
            parts.append(f"{clock.shown(reading.taken_at)} {', '.join(filter(None, values))}")
    return "; ".join(parts)
