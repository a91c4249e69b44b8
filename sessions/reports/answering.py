"""What does a patient's page show for a link, and whom can somebody call whose link does not open?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.facilities.models import Site
from patients.models import OneTimeLink
from sessions.rules.answer_words import ENGLISH, SPANISH, WORDS, spoken
from sessions.rules.answering import (
    Part,
    Question,
    cover_told,
    dialled,
    hours_told,
    parts_of,
    tells_of_suicide,
    until_told,
)
from sessions.rules.reminding import first_name_of


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call. ``Call("Crisis line", "555 0188", "5550188")``"""

    name: str
    number: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was chosen or typed so far."""

    question: Question
    answer: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a page of a link shows; never a total, a band or the name of a questionnaire.

    Attributes:
        part: None on the first and the last page, and for a step that there is not.
        shows_help: an answer calls for the words on where to find help.
    """

    language: str
    other_language: str
    words: Mapping[str, str]
    first_name: str
    hours: tuple[str, ...]
    until: str
    clinic: Call
    crisis: Call
    emergency: Call | None
    questions: int
    number: int
    count: int
    part: Part | None
    asked: tuple[Asked, ...]
    was_begun: bool
    shows_help: bool
    on_tablet: bool

    @property
    def is_last(self) -> bool:
        return self.number == self.count

    @property
    def help_first(self) -> bool:
        """Whether the words on help stand on top: no question of this page has them below it."""
        return self.shows_help and not any(one.question.calls_for_help for one in self.asked)

    @property
    def hello(self) -> str:
        return self.words["hello"].format(first_name=self.first_name)

    @property
    def intro(self) -> str:
        return self.words["intro"].format(count=self.questions)

    @property
    def kept_until(self) -> str:
        return self.words["kept"].format(until=self.until)

    @property
    def progress(self) -> str:
        return self.words["part"].format(number=self.number, count=self.count)


def part_at(parts: Sequence[Part], step: str) -> Part | None:
    """The part of a step, from ``1``; None for a step that there is not."""
    number = _number(step)
    return parts[number - 1] if 0 < number <= len(parts) else None


def _number(step: str) -> int:
    return int(step) if step.isascii() and step.isdigit() and len(step) < 3 else 0


def page_of(
    link: OneTimeLink,
    *,
    language: str,
    now: datetime,
    step: str = "",
    posted: Mapping[str, Any] | None = None,
) -> Page:
    """The page of a link at a step, from ``1``; answers that were just posted stand before those that are kept."""
    language, site = spoken(language), link.site
    parts = parts_of(link, language, now=now)
    part = part_at(parts, step)
    rows = list(link.answers.select_related("wording"))
    kept: dict[str, Any] = next((row.answers for row in rows if part and row.part == part.code), {})
    typed = kept | dict((posted or {}).items())
    words = WORDS[language]
    return Page(
        language=language,
        other_language=SPANISH if language == ENGLISH else ENGLISH,
        words=words,
        first_name=first_name_of(link.patient),
        hours=(*hours_told(site, language), *cover_told(site, language, now=now)),
        until=until_told(link.expires_at, site, language),
        clinic=Call("", site.phone, dialled(site.phone)),
        crisis=Call(site.crisis_line_name or words["crisis"], site.crisis_line, dialled(site.crisis_line)),
        emergency=_emergency(site, words),
        questions=sum(len(one.questions) for one in parts),
        number=_number(step),
        count=len(parts),
        part=part,
        asked=tuple(Asked(one, str(typed.get(one.name, ""))) for one in part.questions) if part else (),
        was_begun=bool(rows),
        shows_help=tells_of_suicide(rows),
        on_tablet=link.purpose == OneTimeLink.Purpose.TABLET,
    )


def _emergency(site: Site, words: Mapping[str, str]) -> Call | None:
    number = site.emergency_number
    return Call(words["emergency"], number, dialled(number)) if number else None


def clinics_to_call() -> tuple[Call, ...]:
    """Every site's telephone: an address that opens nothing does not say whose it was."""
    sites = Site.objects.exclude(phone="").order_by("name", "pk")
    numbers = {site.phone: Call("", site.phone, dialled(site.phone)) for site in sites}
    return tuple(numbers.values())
