"""What a one-time link may ask, when a site is ready to send one, and which link an address belongs to."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.tokens import digest
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import OpeningHours, Site
from patients.models import Assessment, OneTimeLink, Patient
from patients.models.one_time_link import SIDE_EFFECTS
from patients.scoring.instrument import Instrument, UnknownAnswer
from patients.scoring.registry import CURRENT

LONGEST_LIFE = timedelta(days=31)


def askable() -> dict[str, Instrument]:
    """Questionnaires that a patient can read: those whose wording may be shown."""
    return {code: one for code, one in CURRENT.items() if one.ships_wording}


def check_parts(parts: Sequence[str], *, purpose: str) -> None:
    """Refuse a link that asks nothing, something twice, or what may not be shown.

    Side effects belong to one infusion, which only a check-in names.

    Raises:
        Invalid: ``link.parts``.
    """
    known = set(askable())
    if purpose == OneTimeLink.Purpose.CHECK_IN:
        known.add(SIDE_EFFECTS)
    if not parts or len(set(parts)) < len(parts) or set(parts) - known:
        message = _("Choose what is asked, each once: %(known)s.")
        raise Invalid({"parts": Problem("link.parts", message, {"known": ", ".join(sorted(known))})})


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
    known = askable()
    return any(known[part].flag_from for part in parts if part in known)


def not_too_soon(patient: Patient, parts: Iterable[str], *, now: datetime, site: Site) -> list[str]:
    """What may be asked again: a questionnaire not before its shortest interval has passed since it was answered."""
    today, known, found = clock.local_date(now, site.time_zone), askable(), []
    for part in parts:
        if part in known:
            rows = Assessment.objects.current().scored().filter(patient=patient, instrument_code=part)
            last = rows.order_by("-taken_at").values_list("taken_at", flat=True).first()
            if not known[part].is_due(last and clock.local_date(last, site.time_zone), today):
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
