"""What a one-time link may ask, when a site is ready to send one, and which link an address belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.tokens import digest
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import OpeningHours, Site
from patients.models import Assessment, LicensedWording, LinkAnswer, OneTimeLink, Patient
from patients.models.one_time_link import SIDE_EFFECTS
from patients.rules.wordings import best_of, in_force, may_be_shown
from patients.scoring.instrument import Instrument, UnknownAnswer
from patients.scoring.registry import CURRENT

LONGEST_LIFE = timedelta(days=31)


def may_be_asked() -> dict[str, Instrument]:
    """Questionnaires that a patient may fill in alone, wherever their wording may be shown."""
    return {code: one for code, one in CURRENT.items() if one.by_patient}


def askable(site: Site, *, now: datetime) -> dict[str, Instrument]:
    """Those of them that a patient can read at a site: their wording stands here, or the site shows it by licence."""
    licensed = {one.instrument_code for one in in_force(site, now=now)}
    return {code: one for code, one in may_be_asked().items() if one.ships_wording or code in licensed}


def check_parts(parts: Sequence[str], *, purpose: str, site: Site, now: datetime) -> None:
    """Refuse a link that asks nothing, something twice, or what may not be shown.

    Side effects belong to one infusion, which only a check-in names.

    Raises:
        Invalid: ``link.parts``.
    """
    known = set(askable(site, now=now))
    if purpose == OneTimeLink.Purpose.CHECK_IN:
        known.add(SIDE_EFFECTS)
    if not parts or len(set(parts)) < len(parts) or set(parts) - known:
        message = _("Choose what is asked, each once: %(known)s.")
        raise Invalid({"parts": Problem("link.parts", message, {"known": ", ".join(sorted(known))})})


def shown_at(site: Site, parts: Iterable[str], *, now: datetime) -> list[str]:
    """What of a plan can be asked at a site now: a questionnaire whose licence has ended is left out."""
    known = {*askable(site, now=now), SIDE_EFFECTS}
    return [part for part in parts if part in known]


@dataclass(frozen=True, slots=True)
class AskedIn:
    """The licensed words of one part of a link.

    Attributes:
        shown: what may be shown now; None: nothing may, the licence has ended.
        answered: what an answer that arrives now was given to.
    """

    shown: LicensedWording | None
    answered: LicensedWording | None


def asked_in(link: OneTimeLink, part: str, *, language: str, now: datetime) -> AskedIn | None:
    """The licensed words in which a part of a link is asked; None where the words are this software's.

    They are those that were in force when the link was opened, as long as they may be shown: a version that is
    approved meanwhile does not change the questions under the patient's hands. An answer to words whose licence ends
    while the patient reads them still counts as given to them.
    """
    known = may_be_asked().get(part)
    if known is None or known.ships_wording:
        return None
    opened = best_of(in_force(link.site, now=link.opened_at or now), part, language=language)
    if opened is not None and may_be_shown(opened, now=now):
        return AskedIn(opened, opened)
    current = best_of(in_force(link.site, now=now), part, language=language)
    return AskedIn(current, current or opened)


def questionnaire_of(answer: LinkAnswer) -> Instrument | None:
    """The questionnaire that a part's answers were given to; None for a part that is none."""
    return answer.wording.instrument if answer.wording else may_be_asked().get(answer.part)


def check_life(due_at: datetime, expires_at: datetime, *, now: datetime) -> None:
    """Refuse a link that is over before it begins, or that stays open for months.

    Raises:
        Invalid: ``link.life``.
    """
    if not max(due_at, now) < expires_at <= due_at + LONGEST_LIFE:
        message = _("A link ends after it begins, in the future, and within %(days)s days.")
        raise Invalid({"expires_at": Problem("link.life", message, {"days": LONGEST_LIFE.days})})


def check_site_ready(site: Site) -> None:
    """Refuse to ask a patient before the page can say when answers are read and whom to call.

    Raises:
        Conflict: ``link.site_not_ready``.
    """
    if not is_ready(site):
        message = _(
            "%(site)s lacks its telephone, its crisis line or its opening hours, which every patient is told before"
            " the first question. An administrator enters them under Sites."
        )
        raise Conflict(Problem("link.site_not_ready", message, {"site": site.name}))


def is_ready(site: Site) -> bool:
    """Whether the page can say what it must say first."""
    return bool(site.phone and site.crisis_line) and OpeningHours.objects.filter(site=site).exists()


def asks_about_suicide(parts: Iterable[str]) -> bool:
    """Whether an answer could call for a review of its own."""
    return any(CURRENT[part].suicide_items for part in parts if part in CURRENT)


def not_too_soon(patient: Patient, parts: Iterable[str], *, now: datetime, site: Site) -> list[str]:
    """What may be asked again: a questionnaire not before its shortest interval has passed since it was answered."""
    today, found = clock.local_date(now, site.time_zone), []
    for part in parts:
        if part in CURRENT:
            rows = Assessment.objects.current().scored().filter(patient=patient, instrument_code=part)
            last = rows.order_by("-taken_at").values_list("taken_at", flat=True).first()
            if not CURRENT[part].is_due(last and clock.local_date(last, site.time_zone), today):
                continue
        found.append(part)
    return found


def read_typed(typed: dict[str, Any], questionnaire: Instrument) -> dict[str, int]:
    """What was chosen of a questionnaire; unlike for staff, nothing chosen is nothing wrong.

    Raises:
        Invalid: an answer that is none (``assessment.answer``).
    """
    known = {item.code: typed[item.code] for item in questionnaire.items if item.code in typed}
    try:
        return questionnaire.read_answers(known)
    except UnknownAnswer as error:
        problem = Problem("assessment.answer", _("Choose one of the answers."), {"item": error.item})
        raise Invalid({error.item: problem}) from None


def link_of(secret: str, *, now: datetime) -> OneTimeLink | None:
    """The link of an address if it is open now; None alike for one that is wrong, expired, revoked or used."""
    found: OneTimeLink | None = _named(secret).open_at(now).first()
    return found


def answered_of(secret: str, *, now: datetime, within: timedelta) -> OneTimeLink | None:
    """The link of an address that was answered just now, for the page that says thank you."""
    rows = _named(secret).filter(answered_at__gt=now - within, answered_at__lte=now)
    found: OneTimeLink | None = rows.first()
    return found


def _named(secret: str) -> Any:
    return OneTimeLink.objects.select_related("patient", "site").filter(secret_hash=digest(secret))
