"""Who else is here?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.accounts.actor import Actor
from sessions.models import InfusionSession, Presence


@dataclass(frozen=True, slots=True)
class Here:
    """A person with the page open, and on which devices that have a name.

    ``Here(person_id=UUID(…), name="Mira Sandberg, RN", devices=("Tablet at chair 3",), is_me=False)``
    """

    person_id: UUID
    name: str
    devices: tuple[str, ...]
    is_me: bool


def who_is_here(session: InfusionSession, *, actor: Actor, now: datetime) -> tuple[Here, ...]:
    """Everybody once, by name; oneself only with a second device."""
    rows = Presence.objects.filter(session=session).now(now).select_related("user")
    devices: dict[int, list[str]] = {}
    people = {}
    for row in rows.order_by("user__display_name", "user_id", "pk"):
        people[row.user_id] = row.user
        devices.setdefault(row.user_id, []).append(row.device_name)
    return tuple(
        Here(
            user.public_id,
            user.printed_name,
            tuple(dict.fromkeys(filter(None, devices[pk]))),
            pk == actor.user_id,
        )
        for pk, user in people.items()
        if pk != actor.user_id or len(devices[pk]) > 1
    )
