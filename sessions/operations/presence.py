"""Who has the page of a session open: a light note, renewed while the page stands open."""

from datetime import datetime

from clinic.accounts.actor import Actor
from sessions.models import InfusionSession, Presence
from sessions.models.presence import PRESENT_FOR


def note_presence(
    *, session: InfusionSession, device: str, device_name: str, by: Actor, now: datetime
) -> None:
    """Somebody still looks at a session; whoever has stopped is swept away with it."""
    Presence.objects.update_or_create(
        session=session,
        user=by.user,
        device=device,
        defaults={"device_name": device_name, "seen_at": now},
    )
    Presence.objects.filter(seen_at__lt=now - 10 * PRESENT_FOR).delete()
