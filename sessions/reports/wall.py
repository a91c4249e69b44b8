"""What a screen on a wall shows, and which screen a browser is."""

from collections.abc import Mapping
from datetime import datetime

from clinic.accounts.actor import Actor, ActorKind
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import digest
from clinic.facilities.models import Site
from sessions.models import WallScreen
from sessions.reports.board import Board, board

ANY_SCREEN = Actor(kind=ActorKind.DEVICE, label="Wall screen", key="device:wall")
"""Whoever types a code: it may do nothing."""


def screen_of(secret: str) -> WallScreen | None:
    """The screen whose browser holds this secret, unless it was revoked."""
    if not secret:
        return None
    standing = WallScreen.objects.filter(secret_digest=digest(secret), revoked_at__isnull=True)
    return standing.select_related("site").first()


def screens_at(site: Site, *, actor: Actor) -> list[WallScreen]:
    """The screens of a site that were not revoked, the newest first."""
    mine = WallScreen.objects.for_user(actor).filter(site=site, revoked_at__isnull=True)
    return list(mine.select_related("made_by"))


def wall(screen: WallScreen, *, silent: Mapping[int, datetime], now: datetime) -> Board:
    """The board of the screen's site. Only its page decides what of it is shown, and that is little."""
    sees = {screen.site_id: frozenset({Permission.VIEW_PATIENTS})}
    reader = Actor(kind=ActorKind.DEVICE, label=screen.name, key=f"device:{screen.public_id}", grants=sees)
    return board(screen.site, actor=reader, silent=silent, now=now)
