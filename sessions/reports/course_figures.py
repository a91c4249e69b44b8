"""How much was given, how far apart, and how long did relief last? Figures of a course beside its picture.

One query more than the picture where the patient has courses outside the episode: what was given there in a year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.actor import Actor
from clinic.common.kept import kept
from sessions.models import CoursePhase, InfusionSession
from sessions.reports.course_picture import CoursePicture, EpisodeInfusion
from sessions.reports.course_scores import ScoreTable
from sessions.reports.course_session import SessionLine
from sessions.rules.relief import BEFORE_DAYS, SILENCE_DAYS, Ending, Relief, relief_after
from sessions.rules.spacing import Spacing, spacing_of

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Given:
    """Infusions and what they came to; ``unknown`` of them are without a dose and not in the sum.

    Example: ``Given(infusions=7, micrograms=245_000, unknown=1)``
    """

    infusions: int
    micrograms: int
    unknown: int


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One infusion of the dose history; ``change`` of the dose in µg against the infusion before it, None at first."""

    line: SessionLine
    number: int
    change: int | None
    gap: int | None

    @property
    def is_whole(self) -> bool:
        return self.line.given_micrograms == self.line.dose_micrograms


@dataclass(frozen=True, slots=True)
class ReliefLine:
    """How long relief lasted after one infusion, and the sentence that says on what it rests."""

    number: int
    relief: Relief
    sentence: str


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """The answer.

    Attributes:
        year: of the patient, in the 365 days up to today, whatever the course; those given elsewhere counted.
        shrinks: the course is maintenance, and the last gaps became shorter and shorter.
        moods: how many daily moods the figures on relief rest on.
        median_relief: in days, of the infusions after which relief was seen to end; None below two of them.
    """

    course: Given
    episode: Given
    year: Given
    doses: tuple[DoseLine, ...]
    spacing: Spacing
    shrinks: bool
    relief: tuple[ReliefLine, ...]
    moods: int
    ended: int
    median_relief: float | None


def course_figures(picture: CoursePicture, *, actor: Actor) -> CourseFigures:
    """From a picture that was made for the same reader."""
    own = tuple(one for one in picture.all_infusions if one.is_own)
    spacing = spacing_of([one.day for one in own])
    moods = next((table for table in picture.scores if table.code == "mood"), None)
    relief = _relief(own, moods, picture.all_infusions)
    ended = [one.relief.days for one in relief if one.relief.is_over and one.relief.days is not None]
    return CourseFigures(
        course=_given(one.micrograms for one in own),
        episode=_given(one.micrograms for one in picture.all_infusions),
        year=_year(picture, actor),
        doses=_doses(own),
        spacing=spacing,
        shrinks=spacing.is_shrinking and picture.episode.own.phase != CoursePhase.Phase.INDUCTION,
        relief=relief,
        moods=len(moods.totals) if moods else 0,
        ended=len(ended),
        median_relief=median(ended) if len(ended) > 1 else None,
    )


def _given(amounts: Iterable[int | None]) -> Given:
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    return Given(len(every), sum(known), len(every) - len(known))


def _year(picture: CoursePicture, actor: Actor) -> Given:
    since, until = picture.today - YEAR, picture.today
    episode = picture.episode
    found = [(one.day, one.micrograms) for one in picture.all_infusions]
    found += [(infusion.given_on, infusion.micrograms) for infusion in episode.outside_others]
    if episode.others:
        here = InfusionSession.objects.for_user(actor).delivered().filter(course__in=episode.others)
        here = here.filter(local_date__gt=since, local_date__lte=until)
        found += here.order_by().values_list("local_date", "given_micrograms")
    return _given(micrograms for day, micrograms in found if since < day <= until)


@kept(512)
def _doses(own: tuple[EpisodeInfusion, ...]) -> tuple[DoseLine, ...]:
    found: list[DoseLine] = []
    before: SessionLine | None = None
    for one in own:
        line = one.line
        assert line is not None
        change = gap = None
        if before is not None:
            gap = (line.day - before.day).days
            if line.dose_micrograms is not None and before.dose_micrograms is not None:
                change = line.dose_micrograms - before.dose_micrograms
        found.append(DoseLine(line, one.number, change, gap))
        before = line
    return tuple(found)


@kept(512)
def _relief(
    own: tuple[EpisodeInfusion, ...], table: ScoreTable | None, every: tuple[EpisodeInfusion, ...]
) -> tuple[ReliefLine, ...]:
    moods = table.ratings if table else []
    found: list[ReliefLine] = []
    for one in own if moods else ():
        following: date | None = next((other.day for other in every if other.number > one.number), None)
        since, until = one.day - timedelta(days=BEFORE_DAYS), following or date.max
        near = [mood for mood in moods if since <= mood.day <= until]
        relief = relief_after(one.day, moods=near, next_infusion=following)
        found.append(ReliefLine(one.number, relief, sentence_of(relief)))
    return tuple(found)


def sentence_of(found: Relief) -> str:
    """``3 days, then 4 again (before: 4; 5 moods)``"""
    told: dict[str, Any] = {"before": found.before, "days": BEFORE_DAYS, "n": found.ratings}
    if found.ending is Ending.NO_BASELINE:
        return _("Not known: no mood in the %(days)s days before.") % told
    if found.ending is Ending.NO_RATING:
        return _("Not known: no mood afterwards.")
    assert found.days is not None
    lasted = ngettext("%(n)s day", "%(n)s days", found.days) % {"n": found.days}
    rests = ngettext("%(n)s mood, %(before)s before", "%(n)s moods, %(before)s before", found.ratings) % told
    ends = {
        Ending.LOST: _("%(lasted)s until the mood was no better than before (%(rests)s)."),
        Ending.NEXT_INFUSION: _("At least %(lasted)s: it still held at the next infusion (%(rests)s)."),
        Ending.LAST_RATING: _("At least %(lasted)s: it still held at the last mood (%(rests)s)."),
        Ending.SILENCE: _("At least %(lasted)s: then no mood for more than %(silence)s days (%(rests)s)."),
    }
    return ends[found.ending] % {"lasted": lasted, "rests": rests, "silence": SILENCE_DAYS}
