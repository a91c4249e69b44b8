"""Which questionnaires may a site show in its own licensed words, since when and until when, and what was before?"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import Assessment, LicensedWording, WordingStep
from patients.rules.wordings import (
    LANGUAGES,
    STANDING_LABELS,
    Standing,
    best_of,
    in_force,
    may_be_shown,
    standing_of,
)
from patients.scoring.instrument import Instrument
from patients.scoring.registry import CURRENT, LICENSABLE

DATE = "%-d %b %Y"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version and how it stands.

    Example: ``VersionLine(wording, "English", Standing.IN_FORCE, "In use", (approved,))``
    """

    wording: LicensedWording
    language: str
    standing: Standing
    label: Any
    steps: tuple[WordingStep, ...]

    @property
    def can_be_approved(self) -> bool:
        return self.standing is Standing.DRAFT

    @property
    def can_be_withdrawn(self) -> bool:
        return self.standing is not Standing.WITHDRAWN


@dataclass(frozen=True, slots=True)
class QuestionnaireLine:
    """A questionnaire with the versions of its words at a site, the newest first of each language.

    Example: ``QuestionnaireLine(QIDS, (VersionLine(...),))``
    """

    instrument: Instrument
    versions: tuple[VersionLine, ...]

    @property
    def used(self) -> tuple[VersionLine, ...]:
        """Those that are shown today."""
        return tuple(one for one in self.versions if one.standing is Standing.IN_FORCE)


def questionnaires_at(site: Site, *, now: datetime) -> tuple[QuestionnaireLine, ...]:
    """Every questionnaire whose words a site enters itself; three queries."""
    lines = version_lines(LicensedWording.objects.filter(site=site), site, now=now)
    return tuple(
        QuestionnaireLine(one, tuple(line for line in lines if line.wording.instrument_code == code))
        for code, one in LICENSABLE.items()
    )


def version_line(wording: LicensedWording, *, now: datetime) -> VersionLine:
    """One version as it stands."""
    (found,) = version_lines(LicensedWording.objects.filter(pk=wording.pk), wording.site, now=now)
    return found


def version_lines(rows: Any, site: Site, *, now: datetime) -> list[VersionLine]:
    """Versions of one site as they stand; three queries, however many there are."""
    day = clock.local_date(now, site.time_zone)
    standing = set(LicensedWording.objects.standing(now).filter(site=site).values_list("pk", flat=True))
    found = rows.select_related("site", "entered_by").prefetch_related("steps__taken_by")
    return [_line(one, stands=one.pk in standing, day=day) for one in found]


def _line(wording: LicensedWording, *, stands: bool, day: date) -> VersionLine:
    steps = tuple(wording.steps.all())
    standing = standing_of(wording, steps, stands=stands, day=day)
    language = LANGUAGES.get(wording.language, wording.language)
    return VersionLine(wording, language, standing, STANDING_LABELS[standing], steps)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a questionnaire is asked at a site now.

    Attributes:
        wording: the licensed words in which it is shown; None: in this software's words, or by number.
        others: the words in other languages that may be chosen instead.
        why_not: a sentence where licensed words were shown once and may not be any more; else "".
    """

    instrument: Instrument
    wording: LicensedWording | None
    others: tuple[tuple[str, str], ...]
    why_not: str


def asked_at(site: Site, code: str, *, language: str, now: datetime) -> Asked:
    """A questionnaire in its current version, in licensed words where the site may show them.

    Args:
        language: in which it is shown if there are several.
    """
    plain = CURRENT[code]
    if plain.ships_wording:
        return Asked(plain, None, (), "")
    wordings = [one for one in in_force(site, now=now) if one.instrument_code == code]
    best = best_of(wordings, code, language=language)
    if best is None:
        return Asked(plain, None, (), _why_not(site, code, now=now))
    others = tuple((one.language, LANGUAGES[one.language]) for one in wordings if one.pk != best.pk)
    return Asked(best.instrument, best, others, "")


def _why_not(site: Site, code: str, *, now: datetime) -> str:
    """Why words that stood approved are not shown today."""
    day = clock.local_date(now, site.time_zone)
    stood = LicensedWording.objects.standing(now).filter(site=site, instrument_code=code)
    ended = stood.filter(licensed_until__lt=day).order_by("-licensed_until").first()
    if ended is None or ended.licensed_until is None:
        return ""
    return _("The site's licence ended on %(day)s: numbers only, until another one is stated.") % {
        "day": ended.licensed_until.strftime(DATE)
    }


def as_answered(assessment: Assessment, *, site: Site, now: datetime) -> Instrument:
    """The questionnaire in the words in which it was answered, as long as the site may show them; else by number."""
    wording = assessment.wording
    if wording is None or wording.site_id != site.pk or not may_be_shown(wording, now=now):
        return assessment.instrument
    return wording.instrument


def licensed_codes(site: Site, *, now: datetime) -> frozenset[str]:
    """Codes of the questionnaires that the site shows in licensed words now. One query."""
    return frozenset(one.instrument_code for one in in_force(site, now=now))
