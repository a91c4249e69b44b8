"""What every page needs: who is here, at which site, and where they may go."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.accounts.demo import PASSWORD, PIN
from clinic.accounts.devices import device_of
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.accounts.web_session import ended
from clinic.common import clock
from clinic.common.kept import kept
from clinic.common.pages import THEMES

PLANNING, FLOOR, CLINIC = _("Planning"), _("Floor"), _("Clinic")
NAVIGATION = (
    ("", _("Today"), "sessions:today", Permission.VIEW_PATIENTS),
    ("", _("Schedule"), "sessions:schedule", Permission.VIEW_PATIENTS),
    ("", _("Patients"), "patients:list", Permission.VIEW_PATIENTS),
    (PLANNING, _("Readiness"), "sessions:readiness", Permission.VIEW_PATIENTS),
    (PLANNING, _("Courses"), "sessions:courses", Permission.VIEW_PATIENTS),
    (PLANNING, _("Waiting list"), "sessions:waiting", Permission.BOOK),
    (PLANNING, _("Conflicts"), "sessions:conflicts", Permission.VIEW_PATIENTS),
    (PLANNING, _("Reminders"), "sessions:reminders", Permission.BOOK),
    (PLANNING, _("Check-ins"), "sessions:check-ins", Permission.VIEW_PATIENTS),
    (PLANNING, _("Roster"), "facilities:roster", None),  # for everybody who works anywhere
    (FLOOR, _("Decide"), "sessions:decisions", Permission.ORDER_COURSE),
    (FLOOR, _("Co-sign"), "sessions:cosign", Permission.ORDER_COURSE),
    (FLOOR, _("Follow-ups"), "sessions:follow-ups", Permission.VIEW_PATIENTS),
    (FLOOR, _("Opening and closing"), "sessions:day-lists", Permission.VIEW_PATIENTS),
    (FLOOR, _("Answers on suicide"), "patients:suicide-reviews", Permission.VIEW_PATIENTS),
    (FLOOR, _("Drugs"), "sessions:preparations", Permission.RECORD_OBSERVATIONS),
    (CLINIC, _("Overview"), "sessions:overview", Permission.VIEW_REPORTS),
    (CLINIC, _("Alerts"), "sessions:alert-report", Permission.VIEW_REPORTS),
    (CLINIC, _("Protocols"), "sessions:protocols", Permission.AUTHOR_PROTOCOL),
    (CLINIC, _("Standing orders"), "sessions:standing-orders", Permission.AUTHOR_PROTOCOL),
    (CLINIC, _("Licensed wording"), "patients:wordings", Permission.LICENSE_WORDING),
    (CLINIC, _("Staff"), "accounts:staff", Permission.MANAGE_STAFF),
    (CLINIC, _("Audit"), "audit:log", Permission.VIEW_AUDIT),
)
"""The menu of the page: group, label, address, right. A group of one is no group."""
_NAMES = tuple(name for _group, _label, name, _right in NAVIGATION)
COUNTS = {
    "sessions:cosign": "sessions:cosign-count",
    "sessions:follow-ups": "sessions:follow-ups-count",
    "patients:suicide-reviews": "patients:suicide-reviews-count",
}
"""Entries that show how much waits behind them, and where the page asks for the number: no page waits for it."""


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of every page; on the sign-in page what is known of the device, and of a demo the accounts too."""
    actor = getattr(request, "actor", None)
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "actor": actor or None,
        "demo": settings.DEMO,
        "now": clock.now(),
        "nav": (),
        "theme": theme if theme in THEMES else "",
    }
    if actor:
        context["nav"] = _navigation(actor, request.path)
        context["seconds_left"] = getattr(request, "seconds_left", None)
    elif request.resolver_match and request.resolver_match.url_name == "account_login":
        context |= _at_the_door(request)
    return context


def _at_the_door(request: HttpRequest) -> dict[str, Any]:
    """For the sign-in page: whose session has ended here, and whether a PIN would do."""
    found: dict[str, Any] = {"ended": ended(request), "device": device_of(request, now=clock.now())}
    if settings.DEMO:
        found |= {"demo_accounts": _demo_accounts(), "demo_password": PASSWORD, "demo_pin": PIN}
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu; ``count`` is where the page asks how much waits behind it."""

    label: str
    url: str
    current: bool
    count: str
    entries: tuple["Entry", ...] = ()


def _navigation(actor: Any, path: str) -> tuple[Entry, ...]:
    """What the actor may open, in the menu's order; the entries of a group stand where its first one does."""
    here = max((url for url in map(_address, _NAMES) if _is_current(url, path)), key=len, default="")
    # What is withheld from a PIN stays in the menu: the page asks for the password.
    return _menu(
        tuple(
            bool(actor.can(right) or actor.withholds(right) if right else actor.site_ids)
            for _group, _label, _name, right in NAVIGATION
        ),
        here,
    )


@kept(256)
def _menu(opens: tuple[bool, ...], here: str) -> tuple[Entry, ...]:
    groups: dict[Any, list[Entry]] = {}
    for (group, label, name, _right), is_open in zip(NAVIGATION, opens, strict=True):
        if is_open:
            url, count = _address(name), _address(COUNTS[name]) if name in COUNTS else ""
            groups.setdefault(group or name, []).append(Entry(str(label), url, url == here, count))
    return tuple(
        entries[0]
        if len(entries) == 1
        else Entry(str(group), "", any(one.current for one in entries), "", tuple(entries))
        for group, entries in groups.items()
    )


@cache
def _address(name: str) -> str:
    """The menu's addresses take nothing, so that each is worked out once and not for every page."""
    return reverse(name)


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _demo_accounts() -> list[dict[str, str]]:
    roles: dict[int, list[str]] = {}
    for user_id, role in Membership.objects.filter(user__is_demo=True).values_list("user_id", "role__name"):
        if role not in roles.setdefault(user_id, []):
            roles[user_id].append(role)
    people = User.objects.filter(is_demo=True).order_by("pk")
    return [
        {"username": user.username, "name": user.printed_name, "role": ", ".join(roles.get(user.pk, []))}
        for user in people
    ]
