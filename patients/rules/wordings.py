"""Which words of a questionnaire a site may show on a day, how a version stands, and what makes one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import is_storable
from clinic.facilities.models import Site
from patients.models import LicensedWording, Patient, WordingStep
from patients.scoring.instrument import Instrument, Item
from patients.scoring.registry import LICENSABLE

LONGEST_TEXT = 2000
LANGUAGES = {code: info["name_local"] for code, info in sorted(LANG_INFO.items()) if "name_local" in info}
"""The languages that a wording can be in, each by its own name."""
ENGLISH = "en"
NO_WORDS = _("Enter the words of this item as they stand on the licensed form.")
Kind = WordingStep.Kind


class Standing(StrEnum):
    """How a version stands on a day."""

    DRAFT = "draft"
    LATER = "later"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


STANDING_LABELS: dict[Standing, Any] = {
    Standing.DRAFT: _("Not approved yet"),
    Standing.LATER: _("Approved, licence not yet valid"),
    Standing.IN_FORCE: _("In use"),
    Standing.EXPIRED: _("Licence has ended"),
    Standing.REPLACED: _("Replaced by a later version"),
    Standing.WITHDRAWN: _("Withdrawn"),
}


def standing_of(
    wording: LicensedWording, steps: Iterable[WordingStep], *, stands: bool, day: date
) -> Standing:
    """How a version stands on a day of its site.

    Args:
        steps: its own. stands: it is the one approved last in its language, and not withdrawn since.
    """
    kinds = {step.kind for step in steps}
    if Kind.WITHDRAWN in kinds:
        return Standing.WITHDRAWN
    if Kind.APPROVED not in kinds:
        return Standing.DRAFT
    if not stands:
        return Standing.REPLACED
    if wording.is_licensed_on(day):
        return Standing.IN_FORCE
    return Standing.LATER if day < wording.licensed_from else Standing.EXPIRED


def in_force(site: Site, *, now: datetime) -> list[LicensedWording]:
    """What the site may show at a moment, one of each questionnaire and language. One query."""
    day = clock.local_date(now, site.time_zone)
    found = LicensedWording.objects.standing(now).filter(site=site).select_related("site")
    return [one for one in found if one.is_licensed_on(day) and _fits(one)]


def _fits(wording: LicensedWording) -> bool:
    """The words belong to the version of the questionnaire that is asked today."""
    known = LICENSABLE.get(wording.instrument_code)
    return known is not None and known.version == wording.instrument_version


def best_of(wordings: Iterable[LicensedWording], code: str, *, language: str) -> LicensedWording | None:
    """Of those in force, a questionnaire's words in a language; else the English ones, else any there are."""
    mine = {one.language: one for one in wordings if one.instrument_code == code}
    return mine.get(language) or mine.get(ENGLISH) or next(iter(mine.values()), None)


def may_be_shown(wording: LicensedWording, *, now: datetime) -> bool:
    """Whether words in which something was asked may still be shown: in date, and not withdrawn."""
    day = clock.local_date(now, wording.site.time_zone)
    return wording.is_licensed_on(day) and not wording.steps.filter(kind=Kind.WITHDRAWN).exists()


def find_licensable(code: str) -> Instrument:
    """A questionnaire whose words a site enters itself.

    Raises:
        Invalid: there is none (``wording.instrument``): unknown, or its words stand in this software.
    """
    try:
        return LICENSABLE[code]
    except KeyError:
        known = ", ".join(sorted(LICENSABLE))
        message = _("The wording of this questionnaire is not entered by a site. Those that are: %(known)s.")
        raise Invalid({"instrument": Problem("wording.instrument", message, {"known": known})}) from None


def check_licence(*, language: str, licensed_from: date, licensed_until: date | None) -> None:
    """Refuse a licence that ends before it begins, or words in no known language.

    Raises:
        Invalid: ``wording.licence_days``, ``wording.language``.
    """
    if language not in LANGUAGES:
        message = _("Choose the language of the words.")
        raise Invalid({"language": Problem("wording.language", message)})
    if licensed_until is not None and licensed_until < licensed_from:
        message = _("The licence ends before it begins. Correct one of the two days.")
        raise Invalid({"licensed_until": Problem("wording.licence_days", message)})


def read_items(items: Mapping[str, Any], questionnaire: Instrument) -> dict[str, dict[str, Any]]:
    """The words of every item as they are stored; each item has its text, an answer may keep its number.

    Raises:
        Invalid: under ``items.<item>.text`` or ``items.<item>.answers.<value>``: words missing or too long, an item
            or an answer that there is not (``wording.item``, ``wording.text``, ``wording.answer``, ``wording.long``).
    """
    problems = {
        f"items.{code}": Problem("wording.item", _("This questionnaire has no such item."))
        for code in items
        if questionnaire.item(code) is None
    }
    found = {}
    for item in questionnaire.items:
        said = items.get(item.code) or {}
        text, answers = _typed(said.get("text")), dict(said.get("answers") or {})
        words = {str(value): _typed(typed) for value, typed in answers.items()}
        problems |= _problems_of(item, text, words)
        found[item.code] = {"text": text, "answers": {value: one for value, one in words.items() if one}}
    if problems:
        raise Invalid(problems)
    return found


def _typed(words: Any) -> str:
    return str(words or "").strip()


def _problems_of(item: Item, text: str, answers: Mapping[str, str]) -> dict[str, Problem]:
    name = f"items.{item.code}"
    found: dict[str, Problem] = {}
    if not text:
        found[f"{name}.text"] = Problem("wording.text", NO_WORDS)
    for value in answers:
        if value not in {str(choice.value) for choice in item.choices}:
            message = _("The answers of this item are %(known)s.")
            known = ", ".join(str(choice.value) for choice in item.choices)
            found[f"{name}.answers.{value}"] = Problem("wording.answer", message, {"known": known})
    for field, words in [(f"{name}.text", text), *((f"{name}.answers.{v}", w) for v, w in answers.items())]:
        if not is_storable(words):
            message = _("This text holds an unreadable character. Delete it and type it again.")
            found[field] = Problem("text.unreadable", message)
        elif len(words) > LONGEST_TEXT:
            message = _("At most %(longest)s characters; shorten it.")
            found[field] = Problem("wording.long", message, {"longest": LONGEST_TEXT})
    return found


def check_can_approve(wording: LicensedWording, kinds: set[str], *, day: date) -> None:
    """Refuse a version that was approved or withdrawn before, or whose licence has ended.

    Raises:
        Conflict: ``wording.approved``, ``wording.withdrawn``, ``wording.expired``.
    """
    if Kind.WITHDRAWN in kinds:
        message = _("This version was withdrawn. Enter a new one.")
        raise Conflict(Problem("wording.withdrawn", message))
    if Kind.APPROVED in kinds:
        raise Conflict(Problem("wording.approved", _("This version was approved before.")))
    if wording.licensed_until is not None and wording.licensed_until < day:
        message = _("Its licence has ended. Enter a new version with the licence that is valid now.")
        raise Conflict(Problem("wording.expired", message))


def check_can_withdraw(kinds: set[str], *, reason: str) -> None:
    """Refuse to withdraw without a reason, or twice.

    Raises:
        Invalid: ``wording.reason``. Conflict: ``wording.withdrawn``.
    """
    if not reason.strip():
        raise Invalid({"reason": Problem("wording.reason", _("Say why it is withdrawn."))})
    if Kind.WITHDRAWN in kinds:
        raise Conflict(Problem("wording.withdrawn", _("This version was withdrawn before.")))


def check_asked_in(wording: LicensedWording, *, instrument: str, patient: Patient) -> None:
    """Refuse words in which nobody can have been asked: another questionnaire's, another site's, never approved.

    That its licence has ended meanwhile is no reason: what was answered is recorded.

    Raises:
        Invalid: ``assessment.wording``.
    """
    registered = patient.registrations.filter(site=wording.site_id).exists()
    approved = wording.steps.filter(kind=Kind.APPROVED).exists()
    if wording.instrument_code != instrument or not registered or not approved:
        message = _("This wording is not one in which the patient can have been asked. Leave it out.")
        raise Invalid({"wording": Problem("assessment.wording", message)})
