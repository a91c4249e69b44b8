"""The questions of a link as its page shows them, and what a patient typed there, read back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.models import OpeningHours, Site
from clinic.facilities.rules.hours import closing_words
from patients.models import LinkAnswer, OneTimeLink
from patients.models.one_time_link import SIDE_EFFECTS
from patients.rules.answer_cover import cover_out_of_hours
from patients.rules.one_time_links import asked_in, may_be_asked, questionnaire_of
from patients.scoring.instrument import Instrument, Item
from patients.scoring.mood import MOOD
from sessions.models import SideEffectEntry
from sessions.rules import answer_words as said
from sessions.rules.reminder_languages import spoken_day

OWN_WORDS = "words"
LONGEST_WORDS = 1000
NONE = "none"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``choices`` is empty where words are typed. ``is_scale`` numbers stand side by side.

    Attributes:
        calls_for_help: an answer may call for the words on where to find help; they then stand right below it.
    """

    name: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    is_scale: bool = False
    calls_for_help: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked on one page. ``language`` is that of the questions, which may not be the page's."""

    code: str
    title: str
    stem: str
    language: str
    questions: tuple[Question, ...]


def parts_of(link: OneTimeLink, language: str, *, now: datetime, posted: bool = False) -> tuple[Part, ...]:
    """The pages of a link, in order. The title of a questionnaire would tell what it is for, so it is left out.

    A questionnaire whose licence has ended since keeps its page, without questions and with a sentence.

    Args:
        posted: the answers to a page that was shown before are read: its questions are known, ended or not.
    """
    language = said.spoken(language)
    return tuple(_part(link, code, language, now=now, posted=posted) for code in link.parts)


def _part(link: OneTimeLink, code: str, language: str, *, now: datetime, posted: bool) -> Part:
    if code == SIDE_EFFECTS:
        return _effects(language)
    if code == MOOD.code:
        numbers = tuple((str(number), str(number)) for number in range(11))
        question = Question(MOOD.items[0].code, said.MOOD_QUESTION[language], numbers, is_scale=True)
        stem = said.MOOD_STEM[language]
        return Part(code, said.MOOD_TITLE[language], stem, language, (question,))
    words = asked_in(link, code, language=language, now=now)
    if words is None:
        return _questionnaire(may_be_asked()[code], language, spoken=said.ENGLISH)
    wording = words.answered if posted else words.shown
    if wording is None:
        return Part(code, said.QUESTIONS_TITLE[language], said.NOT_ASKED[language], language, ())
    return _questionnaire(wording.instrument, language, spoken=wording.language)


def _questionnaire(one: Instrument, language: str, *, spoken: str) -> Part:
    """A page of a published questionnaire, whose words may be in another language than the page."""
    first = next((item.code for item in one.items if item.code in one.suicide_items), "")
    questions = tuple(_question(item, calls_for_help=item.code == first) for item in one.items)
    return Part(one.code, said.QUESTIONS_TITLE[language], one.stem, spoken, questions)


def _question(item: Item, *, calls_for_help: bool) -> Question:
    choices = tuple((str(one.value), one.text) for one in item.choices)
    return Question(item.code, item.text, choices, calls_for_help=calls_for_help)


def _effects(language: str) -> Part:
    choices = said.SEVERITIES[language]
    asked = [Question(code, text, choices) for code, text in said.EFFECTS[language].items()]
    words = Question(OWN_WORDS, said.EFFECTS_WORDS[language])
    title, stem = said.EFFECTS_TITLE[language], said.EFFECTS_STEM[language]
    return Part(SIDE_EFFECTS, title, stem, language, (*asked, words))


def read_posted(part: Part, posted: Mapping[str, Any]) -> dict[str, str]:
    """What was typed into a part; what was left alone is left out.

    Raises:
        Invalid: words that are too long (``link.words``), or a choice that is none (``link.answer``).
    """
    found = {}
    for question in part.questions:
        typed = str(posted.get(question.name, "")).strip()
        if question.choices and typed and typed not in dict(question.choices):
            raise Invalid({question.name: Problem("link.answer", _("Choose one of the answers."))})
        if len(storable(typed, field=question.name)) > LONGEST_WORDS:
            message = _("At most %(longest)s characters; shorten it.")
            raise Invalid({question.name: Problem("link.words", message, {"longest": LONGEST_WORDS})})
        # Words can be taken back; a choice cannot, so an empty one says nothing.
        if typed or (not question.choices and question.name in posted):
            found[question.name] = typed
    return found


def effects_told(answer: LinkAnswer) -> list[tuple[str, str]]:
    """Side effects that a patient told of, each with its severity, in the order in which they are asked."""
    severities = set(SideEffectEntry.Severity.values)
    asked = said.EFFECTS[said.ENGLISH]
    return [(code, answer.answers[code]) for code in asked if answer.answers.get(code) in severities]


def tells_of_suicide(answers: Iterable[LinkAnswer]) -> bool:
    """Whether an answer calls for the words on where to find help."""
    asked = [(questionnaire_of(row), row.answers) for row in answers if row.answers]
    return any(bool(one.score(given).flags) for one, given in asked if one is not None)


def hours_told(site: Site, language: str) -> list[str]:
    """``Monday to Friday 08:00-17:00``, a line for each run of days with the same hours, in the site's order."""
    language = said.spoken(language)
    by_day: dict[int, list[tuple[time, time]]] = {}
    for hours in OpeningHours.objects.filter(site=site).order_by("weekday", "opens_at"):
        by_day.setdefault(hours.weekday, []).append((hours.opens_at, hours.closes_at))
    runs = groupby(enumerate(sorted(by_day)), key=lambda pair: (pair[1] - pair[0], by_day[pair[1]]))
    lines = []
    for _key, group in runs:
        days = [day for _position, day in group]
        stretches = ", ".join(f"{opens:%H:%M}–{closing_words(closes)}" for opens, closes in by_day[days[0]])
        lines.append(f"{_days(days, language)} {stretches}")
    return lines


def _days(days: list[int], language: str) -> str:
    names = said.WEEKDAYS[language]
    if len(days) == 1:
        return names[days[0]]
    return f"{names[days[0]]} {said.WORDS[language]['to']} {names[days[-1]]}"


def cover_told(site: Site, language: str, *, now: datetime) -> list[str]:
    """That somebody reads the answers now though the site is closed, and until when; nothing where nobody does."""
    cover = cover_out_of_hours(site, now)
    if cover is None:
        return []
    until = until_told(cover.ends_at, site, language)
    return [said.WORDS[said.spoken(language)]["read_also"].format(until=until)]


def until_told(at: datetime, site: Site, language: str) -> str:
    """``Tuesday 24 November, 14:05`` on the site's clocks."""
    there = at.astimezone(site.zone)
    with translation.override(said.spoken(language)):
        return f"{spoken_day(there.date(), said.spoken(language))}, {dateformat.format(there, 'H:i')}"


def dialled(number: str) -> str:
    """A telephone number for a link that calls it: digits, and a plus before them."""
    digits = "".join(char for char in number if char.isascii() and (char.isdigit() or char in "*#"))
    return f"+{digits}" if number.strip().startswith("+") else digits
