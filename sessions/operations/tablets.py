"""Which chairside pages are open, and when the tablets behind them were last heard of."""

from datetime import datetime

from clinic.accounts.actor import Actor
from clinic.common import clock
from sessions.models import InfusionSession, TabletContact
from sessions.states import PRESENT


def note_contact(*, session: InfusionSession, by: Actor, now: datetime | None = None) -> None:
    """The page of a patient who is here is open and has just been heard of."""
    now = now or clock.now()
    if session.state not in PRESENT or by.user is None:
        return
    if not TabletContact.objects.filter(session=session, user=by.user).update(last_seen_at=now):
        TabletContact.objects.get_or_create(session=session, user=by.user, defaults={"last_seen_at": now})


def note_leaving(*, session: InfusionSession, by: Actor) -> None:
    """The page was closed on purpose: nobody there is cut off."""
    TabletContact.objects.filter(session=session, user=by.user).delete()
