"""What every page needs: who is here, at which site, and where they may go."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.accounts.demo import PASSWORD
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.pages import THEMES

PLANNING, CLINIC = _("Planning"), _("Clinic")
NAVIGATION = (
    ("", _("Today"), "sessions:today", Permission.VIEW_PATIENTS),
    ("", _("Schedule"), "sessions:schedule", Permission.VIEW_PATIENTS),
    ("", _("Patients"), "patients:list", Permission.VIEW_PATIENTS),
    (PLANNING, _("Readiness"), "sessions:readiness", Permission.VIEW_PATIENTS),
    (PLANNING, _("Courses"), "sessions:courses", Permission.VIEW_PATIENTS),
    (PLANNING, _("Waiting list"), "sessions:waiting", Permission.BOOK),
    (PLANNING, _("Conflicts"), "sessions:conflicts", Permission.VIEW_PATIENTS),
    (PLANNING, _("Reminders"), "sessions:reminders", Permission.BOOK),
    (PLANNING, _("Roster"), "facilities:roster", None),  # for everybody who works anywhere
    ("", _("Co-sign"), "sessions:cosign", Permission.ORDER_COURSE),
    ("", _("Overview"), "sessions:overview", Permission.VIEW_REPORTS),
    (CLINIC, _("Protocols"), "sessions:protocols", Permission.AUTHOR_PROTOCOL),
    (CLINIC, _("Standing orders"), "sessions:standing-orders", Permission.AUTHOR_PROTOCOL),
    (CLINIC, _("Drugs"), "sessions:preparations", Permission.RECORD_OBSERVATIONS),
    (CLINIC, _("Staff"), "accounts:staff", Permission.MANAGE_STAFF),
    (CLINIC, _("Audit"), "audit:log", Permission.VIEW_AUDIT),
)
"""The menu of the page: group, label, address, right. A group of one is no group."""
COUNTS = {"sessions:cosign": "sessions:cosign-count"}
"""Entries that show how much waits behind them, and where the page asks for the number."""


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of every page. On the sign-in page of a demo, the accounts too."""
    actor = getattr(request, "actor", None)
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "actor": actor or None,
        "demo": settings.DEMO,
        "now": clock.now(),
        "nav": [],
        "theme": theme if theme in THEMES else "",
    }
    if actor:
        context["nav"] = _navigation(actor, request.path)
    elif settings.DEMO and request.resolver_match and request.resolver_match.url_name == "account_login":
        context |= {"demo_accounts": _demo_accounts(), "demo_password": PASSWORD}
    return context


def _navigation(actor: Any, path: str) -> list[dict[str, Any]]:
    """What the actor may open, in the menu's order; the entries of a group stand where its first one does."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for group, label, name, permission in NAVIGATION:
        if actor.can(permission) if permission else actor.site_ids:
            url = _address(name)
            groups.setdefault(group or name, []).append(
                {
                    "group": group,
                    "label": label,
                    "url": url,
                    "current": _is_current(url, path),
                    "count": _address(COUNTS[name]) if name in COUNTS else "",
                }
            )
    return [
        entries[0]
        if len(entries) == 1
        else {
            "label": entries[0]["group"],
            "entries": entries,
            "current": any(one["current"] for one in entries),
        }
        for entries in groups.values()
    ]


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
