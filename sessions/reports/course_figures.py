"""How much was given, how far apart, and how long did relief last? Figures of a course beside its picture.

Two queries more than the picture where the patient has courses outside the episode: what was given there in a year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.actor import Actor
from sessions.models import CoursePhase, InfusionSession, OutsideInfusion
from sessions.reports.course_picture import CoursePicture, EpisodeInfusion
from sessions.reports.course_session import SessionLine
from sessions.rules.outcomes import Rating
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
    own = [one for one in picture.all_infusions if one.is_own]
    spacing = spacing_of([one.day for one in own])
    moods = next((table.ratings for table in picture.scores if table.code == "mood"), [])
    relief = tuple(_relief(own, moods, picture.all_infusions))
    ended = [one.relief.days for one in relief if one.relief.is_over and one.relief.days is not None]
    return CourseFigures(
        course=_given(one.micrograms for one in own),
        episode=_given(one.micrograms for one in picture.all_infusions),
        year=_year(picture, actor),
        doses=tuple(_doses(own)),
        spacing=spacing,
        shrinks=spacing.is_shrinking and picture.episode.own.phase != CoursePhase.Phase.INDUCTION,
        relief=relief,
        moods=len(moods),
        ended=len(ended),
        median_relief=median(ended) if len(ended) > 1 else None,
    )


def _given(amounts: Iterable[int | None]) -> Given:
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    return Given(len(every), sum(known), len(every) - len(known))


def _year(picture: CoursePicture, actor: Actor) -> Given:
    since, until = picture.today - YEAR, picture.today
    inside = [one.micrograms for one in picture.all_infusions if since < one.day <= until]
    if not picture.episode.has_others:
        return _given(inside)
    parts = [part.course.pk for part in picture.episode.parts]
    patient = picture.course.patient_id
    here = InfusionSession.objects.for_user(actor).delivered().filter(patient=patient)
    here = here.filter(local_date__gt=since, local_date__lte=until).exclude(course__in=parts)
    there = OutsideInfusion.objects.for_user(actor).current().filter(course__patient=patient)
    there = there.filter(given_on__gt=since, given_on__lte=until).exclude(course__in=parts)
    more = [
        *here.order_by().values_list("given_micrograms", flat=True),
        *there.order_by().values_list("micrograms", flat=True),
    ]
    return _given([*inside, *more])


def _doses(own: Sequence[EpisodeInfusion]) -> Iterable[DoseLine]:
    before: SessionLine | None = None
    for one in own:
        line = one.line
        assert line is not None
        change = gap = None
        if before is not None:
            gap = (line.day - before.day).days
            if line.dose_micrograms is not None and before.dose_micrograms is not None:
                change = line.dose_micrograms - before.dose_micrograms
        yield DoseLine(line, one.number, change, gap)
        before = line


def _relief(
    own: Iterable[EpisodeInfusion], moods: Sequence[Rating], every: Sequence[EpisodeInfusion]
) -> Iterable[ReliefLine]:
    if not moods:
        return
    for one in own:
        following: date | None = next((other.day for other in every if other.number > one.number), None)
        since, until = one.day - timedelta(days=BEFORE_DAYS), following or date.max
        near = [mood for mood in moods if since <= mood.day <= until]
        found = relief_after(one.day, moods=near, next_infusion=following)
        yield ReliefLine(one.number, found, sentence_of(found))


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
