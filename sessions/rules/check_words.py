"""How the details of an answer read, in the chart and on the page."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.rules.check_details import (
    ESCORT_KINDS,
    IDENTIFIERS,
    MEDICINE_CLASSES,
    SUBSTANCES,
    SYMPTOMS,
)

WAITING_FOR: dict[str, Any] = {
    "fasting": gettext_lazy("fasting"),
    "escort": gettext_lazy("ride being arranged"),
    "substances": gettext_lazy("time since the last substance"),
    "baseline-vitals": gettext_lazy("reading again"),
    "pregnancy": gettext_lazy("pregnancy test"),
    "mood": gettext_lazy("questionnaire"),
}
"""What an answer waits for where its note does not say."""


def waiting_words(item: str, note: str) -> str:
    """What the patient waits for, in a few words."""
    return note or str(WAITING_FOR.get(item, _("the check")))


def told(item: str, details: Mapping[str, Any], *, zone: ZoneInfo, day: date) -> str:
    """``full name, date of birth``; ``last solid food 20:00 the day before, clear liquids 07:30``."""
    if not details:
        return ""
    words = WORDS.get(item)
    return ", ".join(part for part in words(details, zone, day) if part) if words else ""


def moment(text: str, zone: ZoneInfo, day: date) -> str:
    """A time at the site; its day where that is another one."""
    at = datetime.fromisoformat(text).astimezone(zone)
    if at.date() == day:
        return at.strftime("%H:%M")
    if (day - at.date()).days == 1:
        return _("%(time)s the day before") % {"time": at.strftime("%H:%M")}
    return at.strftime("%d %b %Y %H:%M")


def _identity(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    return (str(IDENTIFIERS[code]) for code in details.get("identifiers", ()))


def _fasting(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    if at := details.get("solids_at"):
        yield _("last solid food %(time)s") % {"time": moment(at, zone, day)}
    if at := details.get("liquids_at"):
        yield _("clear liquids %(time)s") % {"time": moment(at, zone, day)}


def _escort(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    if details.get("kind") in {"alternative", "arranging"}:
        yield str(ESCORT_KINDS[details["kind"]])
    yield from (details.get(name, "") for name in ("name", "relationship", "phone"))


def _pregnancy(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    result = {"negative": _("negative"), "positive": _("positive")}.get(details.get("result", ""), "")
    tested = details.get("tested_on")
    yield (
        _("%(result)s test of %(day)s")
        % {
            "result": result,
            "day": date.fromisoformat(tested).strftime("%d %b"),
        }
        if tested
        else result
    )


def _allergies(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    yield _("changed") if details.get("changed") else _("nothing changed")


def _medicines(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    if "changed" in details:
        yield _("changed") if details["changed"] else _("nothing changed")
    yield from (str(MEDICINE_CLASSES[code]) for code in details.get("classes", ()))
    yield {
        "taken": _("antihypertensive taken today"),
        "not_taken": _("antihypertensive not taken today"),
    }.get(details.get("antihypertensive", ""), "")


def _substances(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    used = details.get("used", ())
    yield from (str(SUBSTANCES[code]) for code in used) if used else (_("none"),)
    if at := details.get("last_at"):
        yield _("last %(time)s") % {"time": moment(at, zone, day)}


def _illness(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    found = details.get("found", ())
    return (str(SYMPTOMS[code]) for code in found) if found else (_("asked, none"),)


def _mood(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    if "thoughts" in details:
        yield _("thoughts of suicide") if details["thoughts"] else _("asked, no thoughts of suicide")
    yield {"done": _("questionnaire filled in"), "not_done": _("questionnaire not filled in")}.get(
        details.get("scale", ""), ""
    )


def _urinary(details: Mapping[str, Any], zone: ZoneInfo, day: date) -> Iterable[str]:
    yield _("urinary symptoms") if details.get("symptoms") else _("asked, none")


WORDS: dict[str, Any] = {
    "identity": _identity,
    "fasting": _fasting,
    "escort": _escort,
    "pregnancy": _pregnancy,
    "allergies": _allergies,
    "medicines": _medicines,
    "substances": _substances,
    "illness": _illness,
    "mood": _mood,
    "urinary": _urinary,
}
