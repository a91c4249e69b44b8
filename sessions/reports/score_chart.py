"""Scores of a course over time: one panel a questionnaire, severity behind, infusions on the axis sized by dose."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.dateformat import format as day_format
from django.utils.translation import gettext as _

from clinic.common.charts.lines import LineChart, line_chart
from clinic.common.charts.plan import Band, ChartPlan, Event, Level, PanelPlan, Point, Series
from clinic.common.charts.scale import date_ticks
from patients.scoring.registry import CURRENT
from sessions.reports.course_picture import CoursePicture, SessionLine
from sessions.reports.course_scores import ScoreTable

AIR = timedelta(days=4)


def score_chart(picture: CoursePicture, *, id: str = "scores") -> LineChart | None:
    """The chart's geometry; None while there is no score to draw."""
    tables = [table for table in picture.scores if table.totals and table.code in CURRENT]
    if not tables:
        return None
    infusions = picture.infusions
    days = [score.day for table in tables for score in table.totals] + [line.day for line in infusions]
    first, last = min(days) - AIR, max(days) + AIR
    ticks = date_ticks(first, last)
    return line_chart(
        ChartPlan(
            id=id,
            title=_finding(tables),
            description=_data(tables, infusions),
            panels=[_panel(table) for table in tables],
            first=first.toordinal(),
            last=last.toordinal(),
            x_ticks=[(day.toordinal(), shown(day)) for day in ticks],
            events=list(_marks(infusions)),
        )
    )


def shown(day: date) -> str:
    """``24 Mar``"""
    return day_format(day, "j M")


def _panel(table: ScoreTable) -> PanelPlan:
    questionnaire = CURRENT[table.code]
    recall = questionnaire.recall_days
    points = [
        Point(
            x=score.day.toordinal(),
            y=score.total,
            label=f"{shown(score.day)}: {score.total}, {score.band_label}",
            since=score.day.toordinal() - recall,
        )
        for score in table.totals
    ]
    bands = [
        # Totals are whole numbers, so that one band ends where the next begins.
        Band(str(place), band.label, band.low, None if band is questionnaire.bands[-1] else band.high + 1)
        for place, band in enumerate(questionnaire.bands, 1)
    ]
    first = table.first
    half = first.total / 2 if first and first.total else None
    return PanelPlan(
        title=table.name,
        series=[Series(table.code, table.name, points, "circle")],
        low=0,
        high=questionnaire.highest_total,
        bands=bands,
        levels=[Level("response", _("half the first score"), half)] if half and len(points) > 1 else [],
        height=170,
    )


def _marks(infusions: Iterable[SessionLine]) -> Iterable[Event]:
    """A mark for each infusion; hollow where no dose is known."""
    lines = list(infusions)
    most = max((line.given_micrograms or 0 for line in lines), default=0)
    for line in lines:
        given = line.given_micrograms
        dose = f"{given / 1000:g} mg" if given is not None else _("dose unknown")
        label = _("Infusion %(number)s, %(day)s: %(dose)s") % {
            "number": line.number,
            "day": shown(line.day),
            "dose": dose,
        }
        size = given / most if given and most else 0
        yield Event("infusion", label, line.day.toordinal(), size=size, hollow=given is None)


def _finding(tables: Iterable[ScoreTable]) -> str:
    """``PHQ-9 from 21 to 9 (-57 %); GAD-7 15``"""
    parts = []
    for table in tables:
        first, latest = table.first, table.latest
        if first is None or latest is None or first is latest:
            parts.append(f"{table.name} {first.total if first else ''}".strip())
            continue
        change = f" ({latest.percent:+d} %)" if latest.percent is not None else ""
        told = {"name": table.name, "first": first.total, "latest": latest.total}
        parts.append(_("%(name)s from %(first)s to %(latest)s") % told + change)
    return "; ".join(parts)


def _data(tables: Iterable[ScoreTable], infusions: tuple[SessionLine, ...]) -> str:
    parts = []
    for table in tables:
        values = ", ".join(f"{shown(score.day)} {score.total}" for score in table.totals)
        parts.append(f"{table.name}: {values}.")
    days = ", ".join(shown(line.day) for line in infusions) or _("none")
    parts.append(_("Infusions: %(days)s.") % {"days": days})
    return " ".join(parts)
