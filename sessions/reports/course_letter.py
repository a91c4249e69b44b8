"""What does the clinician who sent the patient need to know of a course? One letter, as a page and as a PDF."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateformat import format as day_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.actor import Actor
from clinic.common.charts.lines import LineChart
from patients.models import Patient, ReferringClinician
from patients.reports.banner import Banner, banner_of
from sessions.models import Course
from sessions.reports.course_outcomes import InstrumentOutcome, course_outcomes
from sessions.reports.course_picture import CoursePicture, course_picture
from sessions.reports.course_session import SessionLine
from sessions.reports.reevaluations import Looks, looks_at
from sessions.reports.score_chart import dose_words, score_chart


@dataclass(frozen=True, slots=True)
class LetterTable:
    """A table in plain words: ``numbers`` says which columns are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class CourseLetter:
    """The letter, everything in words. It is made from the record as it stands and signed by nobody.

    Attributes:
        to: the lines of the addressee; whoever it may concern, where ``is_addressed`` is False.

    Example: ``CourseLetter("Summary of a course of treatment", "Lakeside clinic", …)``
    """

    title: str
    site: str
    address: tuple[str, ...]
    day: str
    to: tuple[str, ...]
    is_addressed: bool
    patient: str
    born: str
    record_number: str
    course: tuple[str, ...]
    is_example: bool
    outcome: tuple[str, ...]
    scores: tuple[LetterTable, ...]
    infusions: LetterTable | None
    effects: LetterTable | None
    plan: tuple[str, ...]
    foot: str
    chart: LineChart | None


def course_letter(course: Course, *, actor: Actor, now: datetime) -> CourseLetter:
    """``course`` was loaded through the scope, with its site, patient and protocol."""
    picture = course_picture(course, actor=actor, now=now)
    looks = looks_at(picture, actor=actor)
    patient: Any = course.patient
    site: Any = course.site
    version: Any = course.protocol_version
    who = banner_of(patient, actor=actor, today=picture.today, site=site)
    sender = sender_of(patient, actor=actor)
    made = {"who": actor.label, "at": day_format(now.astimezone(site.zone), "j M Y, H:i")}
    return CourseLetter(
        title=_("Summary of a course of treatment"),
        site=site.name,
        address=tuple(line for line in (site.address, site.phone) if line),
        day=_written(picture.today),
        to=sender.addressed if sender else (_("To whom it may concern"),),
        is_addressed=sender is not None,
        patient=who.full_name,
        born=_born(who),
        record_number=who.record_number,
        course=tuple(_course(picture)),
        is_example=version.is_example,
        outcome=tuple(_outcome(course_outcomes(picture))),
        scores=tuple(_scores(picture)),
        infusions=_infusions(picture),
        effects=_effects(picture),
        plan=tuple(_plan(picture, looks)),
        foot=_("Made from the record by %(who)s on %(at)s. It shows what was entered by then.") % made,
        chart=score_chart(picture, looks=looks.rows, id="letter-scores"),
    )


def sender_of(patient: Patient, *, actor: Actor) -> ReferringClinician | None:
    """Who sent a patient, and gets the letters: of several on the record the one that was recorded last."""
    rows: Any = ReferringClinician.objects.for_user(actor).filter(patient=patient)
    found: ReferringClinician | None = rows.active().first()
    return found


def _written(day: date) -> str:
    return day_format(day, "j M Y")


def _born(who: Banner) -> str:
    return _("born %(day)s (%(age)s), %(sex)s") % {
        "day": _written(who.birth_date),
        "age": who.age,
        "sex": who.sex.lower(),
    }


def _course(picture: CoursePicture) -> Iterable[str]:
    course: Any = picture.course
    told = {
        "protocol": course.protocol_version.protocol.name,
        "number": course.protocol_version.number,
        "code": course.diagnosis_code,
        "phase": str(picture.episode.own.label).lower(),
        "day": _written(course.ordered_at.astimezone(course.site.zone).date()),
    }
    yield _("%(protocol)s, version %(number)s, for %(code)s; %(phase)s, ordered on %(day)s.") % told
    counted = _(
        "%(given)s of %(planned)s planned infusions were given: %(whole)s completed, %(early)s stopped early"
    )
    numbers = {
        "given": picture.given,
        "planned": picture.planned,
        "whole": picture.completed,
        "early": picture.stopped_early,
    }
    missed = ngettext("%(n)s visit was missed", "%(n)s visits were missed", picture.missed)
    yield counted % numbers + (f"; {missed % {'n': picture.missed}}." if picture.missed else ".")
    elsewhere = [one for one in picture.all_infusions if one.is_outside]
    if elsewhere:
        days = ", ".join(
            f"{_written(one.day)} ({dose_words(one.micrograms)}, {one.place})" for one in elsewhere
        )
        yield _("Given elsewhere within the same episode: %(days)s.") % {"days": days}


def _outcome(outcomes: Sequence[InstrumentOutcome]) -> Iterable[str]:
    for outcome in outcomes:
        if outcome.measured and outcome.baseline:
            told = {"name": outcome.name, "total": outcome.baseline.total, "what": outcome.measured}
            yield _("%(name)s baseline %(total)s: %(what)s.") % told
        for line in outcome.lines:
            yield f"{line.label}: {line.state_label}. {line.sentence}"
        if outcome.came:
            yield outcome.came
        if outcome.lasted:
            yield outcome.lasted
    if not outcomes:
        yield _("No questionnaire by which an outcome is defined has been recorded.")


def _scores(picture: CoursePicture) -> Iterable[LetterTable]:
    for table in picture.scores:
        if table.is_daily:
            # A page of numbers: they stand in the chart.
            continue
        rows = []
        for score in table.scores:
            change = "" if score.change is None else _signed(score.change)
            if score.percent is not None:
                change += f" ({_signed(score.percent)} %)"
            total = _("not complete") if score.total is None else str(score.total)
            words = score.band_label + (_(", flagged answer") if score.is_flagged else "")
            start = _(" (baseline)") if table.baseline and score == table.first else ""
            rows.append((_written(score.day) + start, total, change, words.removeprefix(", ")))
        head = (_("Day"), _("Total"), _("Change"), _("Severity"))
        yield LetterTable(table.name, head, tuple(rows), (False, True, True, False))


def _signed(value: int) -> str:
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "±0"


def _infusions(picture: CoursePicture) -> LetterTable | None:
    rows = tuple(_infusion(line) for line in picture.infusions)
    head = (_("No."), _("Day"), _("Given"), _("Highest blood pressure"), _("Side effects"))
    return LetterTable(_("Infusions"), head, rows, (True, False, True, True, False)) if rows else None


def _infusion(line: SessionLine) -> tuple[str, ...]:
    highest = ""
    if line.highest:
        rise = f" ({_signed(line.rise)})" if line.rise is not None else ""
        highest = f"{line.highest[0]}/{line.highest[1]} mmHg{rise}"
    asked = _("none") if line.asked else _("not asked")
    effects = "; ".join(f"{cell.label}, {str(cell.word).lower()}" for cell in line.side_effects)
    stopped = _("; stopped early: %(why)s") % {"why": line.stop_reason} if line.stop_reason else ""
    return (
        str(line.number),
        _written(line.day),
        _tenths(line.given_micrograms),
        highest,
        (effects or asked) + stopped,
    )


def _tenths(micrograms: int | None) -> str:
    """What ran in is known by the clock: no more than a tenth of a milligram is said."""
    return dose_words(None if micrograms is None else round(micrograms, -2))


def _effects(picture: CoursePicture) -> LetterTable | None:
    rows = []
    given = len(picture.infusions)
    for row in picture.effects:
        cells = [cell for cell in row.cells if cell is not None]
        worst = max(cells, key=lambda cell: cell.worst)
        told = {"n": len(cells), "all": given, "percent": round(100 * len(cells) / given)}
        share = (
            ngettext(
                "%(n)s of %(all)s infusion (%(percent)s %%)",
                "%(n)s of %(all)s infusions (%(percent)s %%)",
                given,
            )
            % told
        )
        serious = _("yes") if any(cell.is_serious for cell in cells) else _("no")
        rows.append((row.label, share, str(worst.word), serious))
    head = (_("Side effect"), _("Reported in"), _("At worst"), _("Serious"))
    return LetterTable(_("Side effects"), head, tuple(rows), (False, True, False, False)) if rows else None


def _plan(picture: CoursePicture, looks: Looks) -> Iterable[str]:
    course = picture.course
    if course.state != Course.State.ACTIVE:
        closed = _written(course.closed_at.astimezone(course.site.zone).date()) if course.closed_at else ""
        why = f": {course.close_reason}" if course.close_reason else ""
        yield f"{course.get_state_display()}, {closed}{why}."
    elif picture.next_booked:
        yield _("The next infusion is booked for %(day)s.") % {"day": _written(picture.next_booked.day)}
    elif picture.next_due:
        told = {"first": _written(picture.next_due.earliest), "last": _written(picture.next_due.until)}
        yield _("The next infusion is due between %(first)s and %(last)s; it is not booked.") % told
    else:
        yield _("No further infusion is booked.")
    if looks.rows:
        look = looks.rows[0]
        told = {
            "day": _written(look.taken_at.astimezone(course.site.zone).date()),
            "what": look.get_decision_display(),
            "n": str(look.delivered),
        }
        note = f" {look.note}" if look.note else ""
        message = ngettext(
            "Re-evaluated on %(day)s after %(n)s infusion: %(what)s.",
            "Re-evaluated on %(day)s after %(n)s infusions: %(what)s.",
            look.delivered,
        )
        yield message % told + note
    if looks.is_due:
        yield _("A re-evaluation is due.")
