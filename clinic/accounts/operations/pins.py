"""A personal PIN: set by its owner, and tried on a trusted device."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import DevicePerson, PersonalPin, TrustedDevice, User
from clinic.accounts.rules.pins import TRIES, check_offered, check_pin, check_with_password, locked, wrong
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Invalid, Problem, Refused


def set_pin(*, pin: str, password: str, by: Actor, now: datetime | None = None) -> PersonalPin:
    """One's own PIN, confirmed by the password: whoever finds a session open must not make a way in of their own.

    Raises:
        Refused: by a token, or from a session that a PIN has opened.
        Invalid: a PIN of another shape or an easy one; field ``password``: ``pin.password``.
    """
    now = now or clock.now()
    check_with_password(by)
    if by.user is None or by.narrowed:
        message = _("A token cannot set a PIN. Sign in and set it there.")
        raise Refused(Problem("pin.by_token", message))
    check_pin(pin)
    if not by.user.check_password(password):
        raise Invalid({"password": Problem("pin.password", _("This is not your password."))})
    # Hashing takes a tenth of a second, in which the database had better be free.
    digest = make_password(pin)
    with transaction.atomic():
        found, _new = PersonalPin.objects.update_or_create(
            user=by.user, defaults={"digest": digest, "set_at": now}
        )
        record(verb="pin.set", subject=by.user, by=by, now=now)
    return found


def enter_by_pin(
    *,
    device: TrustedDevice | None,
    user: User | None,
    pin: str,
    by: Actor | None,
    now: datetime | None = None,
) -> User:
    """The person whose PIN this is on this device, ready to be signed in.

    What it counts and writes stays when it refuses, so it must not run inside a transaction of its caller.

    Args:
        by: whoever was signed in until now; nobody where the device waited at its sign-in page.

    Raises:
        Refused: ``device.untrusted``, ``pin.unknown``, ``pin.wrong`` with the tries that are left, ``pin.locked``.
    """
    now = now or clock.now()
    check_offered(device, user, now=now)
    assert device is not None
    assert user is not None
    number = _pay_for_a_try(device, user)
    is_right = check_password(pin, PersonalPin.objects.get(user=user).digest)
    with transaction.atomic():
        if is_right:
            DevicePerson.objects.filter(device=device, user=user).update(tries=0)
        _record(device, user, number=number, is_right=is_right, before=by, now=now)
    if not is_right:
        raise wrong(TRIES - number) if number < TRIES else locked()
    return user


def _pay_for_a_try(device: TrustedDevice, user: User) -> int:
    """Count a try before it is made. Of several at once each gets a number of its own, and none beyond the last."""
    with transaction.atomic():
        mine = DevicePerson.objects.select_for_update(no_key=True).get(device=device, user=user)
        if mine.tries >= TRIES:
            raise locked()
        DevicePerson.objects.filter(pk=mine.pk).update(tries=F("tries") + 1)
    return mine.tries + 1


def _record(
    device: TrustedDevice, user: User, *, number: int, is_right: bool, before: Actor | None, now: datetime
) -> None:
    """Of a switch the person themselves is told; of a wrong PIN the device, since nobody knows who typed it."""
    told: dict[str, Any] = {"device": device.name}
    if is_right:
        told["instead_of"] = before.label if before else ""
        actor = Actor.of_user(user, by_pin=True)
        record(verb="user.switched", subject=user, by=actor, now=now, site=device.site, after=told)
        return
    told["tries_left"] = TRIES - number
    verb = "pin.failed" if number < TRIES else "pin.locked"
    actor = Actor.of_device(device.name, key=str(device.public_id))
    record(verb=verb, subject=user, by=actor, now=now, site=device.site, after=told)
