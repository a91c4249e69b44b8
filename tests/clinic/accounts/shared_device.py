"""A shared tablet as the tests meet it: trusted by a nurse, and used by a second one; both have a PIN."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core import signing
from django.test import Client

from clinic.accounts.actor import Actor
from clinic.accounts.devices import COOKIE, SALT
from clinic.accounts.models import TrustedDevice, User
from clinic.accounts.operations.devices import join_device, trust_device
from clinic.accounts.operations.pins import set_pin
from clinic.accounts.web_session import REST

PASSWORD = "a quiet morning in june"
PIN = "7193"


def with_pin(actor: Actor) -> Actor:
    """The person with a password that is known here, and a PIN."""
    user = User.objects.get(pk=actor.user_id)
    user.set_password(PASSWORD)
    user.save()
    actor = Actor.of_user(user)
    set_pin(pin=PIN, password=PASSWORD, by=actor)
    return actor


def tablet(site: Any, *, by: Actor, used_by: Iterable[Actor] = ()) -> TrustedDevice:
    device = trust_device(site=site, name="Tablet at chair 3", by=by)
    for actor in used_by:
        join_device(device=device, by=actor)
    return device


def cookie_of(device: TrustedDevice) -> tuple[str, str]:
    """The name and value of what the device carries."""
    return COOKIE, signing.dumps(str(device.public_id), salt=SALT)


def browser_on(device: TrustedDevice, actor: Actor | None = None) -> Client:
    """The device's own browser, with somebody signed in by their password or nobody."""
    client = Client()
    if actor is not None:
        client.force_login(actor.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        client.get("/session/")
    name, value = cookie_of(device)
    client.cookies[name] = value
    return client


def rest(client: Client, seconds: int) -> None:
    """Nobody has touched the browser for some seconds more than it knows of."""
    session = client.session
    session[REST] = {**session[REST], "since": session[REST]["since"] - seconds}
    session.save()
