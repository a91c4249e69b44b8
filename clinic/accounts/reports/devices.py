"""Trusted devices, and who can come back on the one at hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import DevicePerson, PersonalPin, TrustedDevice, User
from clinic.accounts.models.device import RECENT, in_charge
from clinic.accounts.rules.pins import TRIES


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody of this device; ``why_not`` says why only the password will do."""

    person_id: UUID
    name: str
    credential: str
    why_not: Any = ""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device with what the reader may do about it."""

    device: TrustedDevice
    is_valid: bool
    may_revoke: bool
    people: tuple[str, ...]


def people_on(device: TrustedDevice | None, *, now: datetime) -> tuple[Offered, ...]:
    """Who has signed in on a device with the password lately, by name."""
    if device is None:
        return ()
    rows = DevicePerson.objects.filter(device=device).recent(now).select_related("user", "user__pin")
    return tuple(_offered(row) for row in rows if row.user.may_enter)


def _offered(row: DevicePerson) -> Offered:
    why_not: Any = ""
    if not hasattr(row.user, "pin"):
        why_not = _("no PIN yet")
    elif row.tries >= TRIES:
        why_not = _("too many wrong PINs")
    return Offered(row.user.public_id, row.user.display_name, row.user.credential, why_not)


def person_named(public_id: UUID) -> User | None:
    """For a browser that knows the person already: it was theirs until a moment ago."""
    return User.objects.filter(public_id=public_id).first()


def person_on(device: TrustedDevice | None, public_id: UUID) -> User | None:
    """Somebody who has ever signed in on a device, and so is no stranger to whoever sits there."""
    if device is None:
        return None
    return User.objects.filter(devices__device=device, public_id=public_id).first()


def devices_of(actor: Actor, *, now: datetime) -> tuple[DeviceRow, ...]:
    """The devices that an actor may know of: first those that stand, the newest first."""
    found = (
        TrustedDevice.objects.for_user(actor)
        .select_related("site", "trusted_by", "revoked_by")
        .prefetch_related("people__user")
    )
    rows = [_row(device, actor, now) for device in found]
    return tuple(sorted(rows, key=lambda row: not row.is_valid))


def _row(device: TrustedDevice, actor: Actor, now: datetime) -> DeviceRow:
    is_mine = device.trusted_by_id == actor.user_id or device.site_id in in_charge(actor)
    lately = [row.user.display_name for row in device.people.all() if row.signed_in_at > now - RECENT]
    is_valid = device.is_valid(now)
    return DeviceRow(device, is_valid, is_valid and is_mine, tuple(lately))


def pin_of(actor: Actor) -> PersonalPin | None:
    """When one's own PIN was set, if there is one."""
    return PersonalPin.objects.filter(user=actor.user_id).first()
