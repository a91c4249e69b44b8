"""The course in one picture: a panel a questionnaire, infusions on the axis, and below it what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dateformat import format as day_format
from django.utils.translation import gettext as _

from clinic.common.charts.lines import LineChart, line_chart
from clinic.common.charts.plan import (
    Band,
    ChartPlan,
    Event,
    LaneMark,
    LanePlan,
    Level,
    PanelPlan,
    Point,
    Series,
)
from clinic.common.charts.scale import date_ticks
from clinic.common.kept import kept
from patients.scoring.registry import CURRENT
from sessions.models import Reevaluation
from sessions.reports.course_picture import CoursePicture, EpisodeInfusion
from sessions.reports.course_scores import ScoreTable
from sessions.reports.course_session import SessionLine
from sessions.rules.outcome_definitions import Concept, Measure, definitions_of
from sessions.states import EndKind, Status

AIR = timedelta(days=4)
SIGNS = {"<=": "≤", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """All that the chart shows.

    Attributes:
        parts: of an episode of several courses, each by the inner key with its name.
        looks: the re-evaluations, each by its day with what was decided.
    """

    tables: tuple[ScoreTable, ...]
    infusions: tuple[EpisodeInfusion, ...]
    sessions: tuple[SessionLine, ...]
    parts: tuple[tuple[int, str], ...]
    looks: tuple[tuple[date, str], ...]

    @property
    def days(self) -> list[date]:
        """The days of all infusions of the episode."""
        return [one.day for one in self.infusions]


def score_chart(
    picture: CoursePicture, *, looks: Sequence[Reevaluation] = (), id: str = "scores"
) -> LineChart | None:
    """The chart's geometry; None while there is no score to draw. ``looks`` are the re-evaluations."""
    tables = tuple(table for table in picture.scores if table.totals and table.code in CURRENT)
    if not tables:
        return None
    parts, zone = picture.episode.parts, picture.course.site.zone
    drawn = _Drawn(
        tables,
        picture.all_infusions,
        picture.sessions,
        tuple((part.course.pk, str(part.label)) for part in parts) if len(parts) > 1 else (),
        tuple((look.taken_at.astimezone(zone).date(), look.get_decision_display()) for look in looks),
    )
    return _chart(drawn, id)


@kept(256)
def _chart(drawn: _Drawn, id: str) -> LineChart:
    days = [score.day for table in drawn.tables for score in table.totals] + drawn.days
    first, last = min(days) - AIR, max(days) + AIR
    ticks, infusions = date_ticks(first, last), drawn.infusions
    return line_chart(
        ChartPlan(
            id=id,
            title=_finding(drawn.tables),
            description=_data(drawn),
            panels=[_panel(table) for table in drawn.tables],
            first=first.toordinal(),
            last=last.toordinal(),
            x_ticks=[(day.toordinal(), shown(day)) for day in ticks],
            events=[*_marks(infusions), *_dividers(drawn)],
            marks_title=_("Infusions, by dose"),
            lanes=[lane for lane in (_effects(infusions), _happened(drawn)) if lane.marks],
        )
    )


@kept(4096)
def shown(day: date) -> str:
    """``24 Mar``: every mark says its day, and a page has hundreds."""
    return day_format(day, "j M")


def _panel(table: ScoreTable) -> PanelPlan:
    questionnaire = CURRENT[table.code]
    recall, several = questionnaire.recall_days, len(questionnaire.bands) > 1
    points = [
        Point(
            x=score.day.toordinal(),
            y=score.total,
            label=f"{table.name}, {shown(score.day)}: {score.total}"
            + (f", {score.band_label}" if several else ""),
            hollow=score.is_own,
            since=score.day.toordinal() - recall,
        )
        for score in table.totals
    ]
    bands = [
        # Totals are whole numbers, so that one band ends where the next begins.
        Band(str(place), band.label, band.low, None if band is questionnaire.bands[-1] else band.high + 1)
        for place, band in enumerate(questionnaire.bands, 1)
        if several
    ]
    return PanelPlan(
        title=table.name,
        series=[Series(table.code, table.name, points, "circle")],
        low=0,
        high=questionnaire.highest_total,
        bands=bands,
        levels=list(_levels(table)),
        height=170 if several else 90,
        tick_count=4 if several else 2,
    )


def _levels(table: ScoreTable) -> Iterable[Level]:
    """The baseline, and where response and remission begin; none where they are undefined."""
    start = table.baseline
    if start is None:
        return
    yield Level("baseline", _("baseline %(total)s") % {"total": start.total}, start.total)
    for rule in definitions_of(table.code):
        sign = SIGNS.get(rule.operator, rule.operator)
        if rule.concept is Concept.RESPONSE and rule.measure is Measure.PERCENT and start.total:
            limit = start.total * (1 + rule.value / 100)
            yield Level("response", _("response %(sign)s %(at)g") % {"sign": sign, "at": limit}, limit)
        if rule.concept is Concept.REMISSION and rule.measure is Measure.TOTAL:
            told = {"sign": sign, "at": rule.value}
            yield Level("remission", _("remission %(sign)s %(at)g") % told, rule.value)


def dose_words(micrograms: int | None) -> str:
    """``38.5 mg``"""
    return f"{micrograms / 1000:g} mg" if micrograms is not None else _("dose unknown")


def _marks(infusions: Sequence[EpisodeInfusion]) -> Iterable[Event]:
    """A mark for each infusion: hollow where no dose is known, hatched where it was given elsewhere."""
    most = max((one.micrograms or 0 for one in infusions), default=0)
    for one in infusions:
        given = one.micrograms
        told = {"number": one.number, "day": shown(one.day), "dose": dose_words(given), "place": one.place}
        label = _("Infusion %(number)s, %(day)s: %(dose)s") % told
        key = "infusion" if one.is_own else "earlier"
        if one.is_outside:
            key, label = "outside", label + _(", given elsewhere: %(place)s") % told
        size = given / most if given and most else 0
        day = one.day.toordinal()
        yield Event(key, label, day, size=size, hollow=given is None, hatched=one.is_outside)


def _dividers(drawn: _Drawn) -> Iterable[Event]:
    """Where each course of the episode begins; none where there is only one."""
    for course, name in drawn.parts:
        days = [one.day for one in drawn.infusions if one.line and one.line.course_id == course]
        if days:
            label = _("%(part)s begins, %(day)s") % {"part": name, "day": shown(min(days))}
            yield Event("phase", label, min(days).toordinal(), name=name)


def _effects(infusions: Iterable[EpisodeInfusion]) -> LanePlan:
    """The worst side effect of each infusion: larger and darker with the grade."""
    marks = []
    for one in infusions:
        if one.line and (worst := one.line.worst):
            grade = min(worst.worst, 3)
            words = ", ".join(f"{cell.label}: {str(cell.word).lower()}" for cell in one.line.side_effects)
            label = f"{shown(one.day)}: {words}"
            key = f"effect-{grade}"
            marks.append(LaneMark(key, label, one.day.toordinal(), "triangle", grade / 3, hollow=grade == 1))
    return LanePlan(_("Side effects"), marks)


def _happened(drawn: _Drawn) -> LanePlan:
    """Stopped early, missed, serious, looked at again."""
    marks = [mark for line in drawn.sessions if (mark := _event_of(line))]
    for day, decision in drawn.looks:
        told = {"day": shown(day), "decision": decision.lower()}
        label = _("%(day)s: re-evaluated, %(decision)s") % told
        marks.append(LaneMark("look", label, day.toordinal(), "diamond", 0.6))
    return LanePlan(_("Events"), marks)


def _event_of(line: SessionLine) -> LaneMark | None:
    day = line.day.toordinal()
    if line.has_serious:
        told = {"day": shown(line.day)}
        return LaneMark("effect-3", _("%(day)s: serious side effect") % told, day, "square", 0.8)
    if line.end_kind == EndKind.STOPPED_EARLY:
        words = line.stop_reason or _("no reason recorded")
        label = _("%(day)s: stopped early: %(why)s") % {"day": shown(line.day), "why": words}
        return LaneMark("stopped", label, day, "cross", 0.6)
    if line.status == Status.NO_SHOW:
        return LaneMark("missed", _("%(day)s: missed") % {"day": shown(line.day)}, day, "square", 0.6)
    return None


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


def _data(drawn: _Drawn) -> str:
    parts = []
    for table in drawn.tables:
        values = ", ".join(f"{shown(score.day)} {score.total}" for score in table.totals)
        parts.append(f"{table.name}: {values}.")
    days = ", ".join(shown(day) for day in drawn.days) or _("none")
    parts.append(_("Infusions: %(days)s.") % {"days": days})
    elsewhere = ", ".join(shown(one.day) for one in drawn.infusions if one.is_outside)
    if elsewhere:
        parts.append(_("Of these, given elsewhere: %(days)s.") % {"days": elsewhere})
    return " ".join(parts)
