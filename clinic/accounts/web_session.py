"""A web session from its beginning to its end: by whom, opened by a password or a PIN, resting since when.

What counts as rest is decided here alone: a request that a page makes by itself, such as the refresh of the board,
says so in its header ``Clinic-Poll`` and does not count.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from clinic.accounts.models import Membership, TrustedDevice, User

REST, PIN, ENDED, SITE, LOCKED = "rest", "pin", "ended", "site", "locked"
NOTED_EVERY = 20
"""Seconds between two notes that somebody is there: not every request writes."""
UNKNOWN_SITE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that rested too long: whose it was."""

    person: str
    name: str
    minutes: int


def begin(request: HttpRequest, user: User, *, device: TrustedDevice | None = None) -> None:
    """Sign somebody in under a new session key; of the earlier session only the site stays, which is no right.

    Args:
        device: where a PIN was enough.
    """
    site = request.session.get(SITE)
    request.session.flush()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if site:
        request.session[SITE] = site
    if device is not None:
        request.session[PIN] = str(device.public_id)


def opened_on(request: HttpRequest) -> str:
    """The public id of the device on which a PIN has opened this session; empty after a password."""
    return str(request.session.get(PIN, ""))


def began_with_password(request: HttpRequest) -> None:
    """The password was given, be it in a session that a PIN has opened: it is a full one, under a new key already."""
    for name in (PIN, REST, ENDED, LOCKED):
        request.session.pop(name, None)


def seconds_left(request: HttpRequest, *, now: datetime, counts: bool) -> int:
    """How long the session may still rest; at zero or below it has ended.

    Args:
        counts: whether somebody has done something just now.
    """
    rest: dict[str, Any] | None = request.session.get(REST)
    moment = int(now.timestamp())
    left = rest["seconds"] - (moment - rest["since"]) if rest else 1
    if left > 0 and (rest is None or (counts and moment - rest["since"] >= NOTED_EVERY)):
        # The limit is read again with each note, so that a changed rule holds for sessions that stand open.
        rest = {"since": moment, "seconds": _limit(request) * 60}
        request.session[REST] = rest
        left = rest["seconds"]
    return int(left)


def _limit(request: HttpRequest) -> int:
    """Minutes: the shortest of the person's sites, and shorter still where a PIN was enough."""
    memberships = Membership.objects.filter(user=request.user.pk).select_related("site")
    rules = [membership.site.rules for membership in memberships]
    minutes = [rule.idle_minutes for rule in rules]
    if opened_on(request):
        minutes += [rule.pin_idle_minutes for rule in rules]
    return min(minutes, default=UNKNOWN_SITE_MINUTES)


def end(request: HttpRequest) -> None:
    """End a session that rested too long; what is left of it knows whose it was, and nothing else.

    The key stays, so that whatever else the page has on its way is told the same. Whoever signs in gets a new one.
    """
    user: Any = request.user
    rest = request.session.get(REST) or {"seconds": 0}
    told = {"person": str(user.public_id), "name": user.display_name, "minutes": rest["seconds"] // 60}
    request.session.clear()
    request.session[ENDED] = told
    request.user = AnonymousUser()


def ended(request: HttpRequest) -> Ended | None:
    """Whose session it was that has ended here by resting, while nobody has signed in."""
    found = request.session.get(ENDED)
    return Ended(**found) if found and not request.user.is_authenticated else None


def hand_over(request: HttpRequest, *, path: str, back: str) -> None:
    """Sign out, and keep this browser to the addresses below ``path`` until somebody of the staff signs in.

    Args:
        back: where whoever signs in then goes on.
    """
    site = request.session.get(SITE)
    logout(request)
    if site:
        request.session[SITE] = site
    request.session[LOCKED] = {"path": path, "back": back}


def locked_to(request: HttpRequest) -> str:
    """The address to which this browser is kept; empty where it is not, or once somebody has signed in."""
    held = request.session.get(LOCKED)
    return str(held["path"]) if held and not request.user.is_authenticated else ""
