"""Screens on a wall: made by whoever plans the site's days, opened by a code that counts once, revoked."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import digest
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Invalid, Problem, Refused
from clinic.facilities.models import Site
from sessions.models import WallScreen
from sessions.rules.moments import person

CODE_LIFE = timedelta(minutes=15)
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is read as something else from across a room."""
LENGTH = 8


@transaction.atomic(savepoint=False)
def make_screen(
    *, site: Site, name: str, by: Actor, public_id: uuid.UUID | None = None, now: datetime | None = None
) -> tuple[WallScreen, str]:
    """Make a screen.

    Returns:
        the screen and the code that opens it once within a quarter of an hour; it is stored nowhere.

    Raises:
        Refused: without the right to plan the site's days, or by a token, which the screen would outlive.
    """
    now = now or clock.now()
    by.require(Permission.PLAN_ROSTER, site.pk)
    maker = person(by)
    if by.narrowed:
        message = _("A token cannot make a wall screen. Sign in and make it there.")
        raise Refused(Problem("wall.by_token", message))
    code = "".join(secrets.choice(LETTERS) for _place in range(LENGTH))
    screen = WallScreen(
        public_id=public_id or uuid.uuid4(),
        site=site,
        name=name.strip(),
        code_digest=digest(code),
        code_expires_at=now + CODE_LIFE,
        made_by=maker,
        made_at=now,
    )
    check_fields(screen)
    screen.save(force_insert=True)
    record(verb="wall_screen.made", subject=screen, by=by, now=now, site=site, after={"name": screen.name})
    return screen, code


@transaction.atomic(savepoint=False)
def open_wall_screen(*, code: str, by: Actor, now: datetime | None = None) -> tuple[WallScreen, str]:
    """Open the screen of a code, in whatever browser it is typed into.

    Returns:
        the screen and the secret that its browser keeps.

    Raises:
        Invalid: no such code, or not any more (``wall.code``).
    """
    now = now or clock.now()
    typed = "".join(letter for letter in code.upper() if letter in LETTERS)
    screen = WallScreen.objects.locked().filter(code_digest=digest(typed)).select_related("site").first()
    if screen is None or not screen.is_waiting(now):
        message = _("This code opens nothing, or not any more. Ask for a new one.")
        raise Invalid({"code": Problem("wall.code", message)})
    secret = secrets.token_urlsafe(32)
    screen.code_digest, screen.secret_digest, screen.opened_at = None, digest(secret), now
    screen.save(update_fields=["code_digest", "secret_digest", "opened_at"])
    record(verb="wall_screen.opened", subject=screen, by=by, now=now, site=screen.site)
    return screen, secret


@transaction.atomic(savepoint=False)
def revoke_screen(*, screen: WallScreen, by: Actor, now: datetime | None = None) -> WallScreen:
    """End a screen now; revoking it twice changes nothing. Raises Refused without the right."""
    now = now or clock.now()
    screen = WallScreen.objects.locked().select_related("site").get(pk=screen.pk)
    by.require(Permission.PLAN_ROSTER, screen.site_id)
    if screen.revoked_at is None:
        screen.revoked_at = now
        screen.save(update_fields=["revoked_at"])
        record(verb="wall_screen.revoked", subject=screen, by=by, now=now, site=screen.site)
    return screen
