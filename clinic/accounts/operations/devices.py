"""Trusting a device and ending the trust; and who has signed in on it with the password."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import DevicePerson, TrustedDevice
from clinic.accounts.rules.pins import check_may_revoke, check_with_password
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Problem, Refused

LIFE = timedelta(days=90)


@transaction.atomic(savepoint=False)
def trust_device(
    *, site: Any, name: str, by: Actor, public_id: uuid.UUID | None = None, now: datetime | None = None
) -> TrustedDevice:
    """Let PINs open sessions on a device of a site for the next 90 days.

    Raises:
        Refused: by a token, without a role at the site, or from a session that a PIN has opened.
        Invalid: no name, or one that does not fit.
    """
    now = now or clock.now()
    check_with_password(by)
    if by.user is None or by.narrowed or site.pk not in by.site_ids:
        message = _("A device is trusted by somebody who works at its site and sits in front of it.")
        raise Refused(Problem("device.by_person", message))
    device = TrustedDevice(
        public_id=public_id or uuid.uuid4(),
        site=site,
        name=name.strip(),
        trusted_by=by.user,
        trusted_at=now,
        expires_at=now + LIFE,
    )
    check_fields(device)
    device.save(force_insert=True)
    DevicePerson.objects.create(device=device, user=by.user, signed_in_at=now)
    after = {"name": device.name, "expires_at": device.expires_at}
    record(verb="device.trusted", subject=device, by=by, now=now, site=site, after=after)
    return device


@transaction.atomic(savepoint=False)
def revoke_device(*, device: TrustedDevice, by: Actor, now: datetime | None = None) -> TrustedDevice:
    """No PIN opens anything on it any more, and the sessions that one has opened end; twice changes nothing.

    Raises:
        Refused: neither trusted by the actor nor of a site that they are in charge of.
    """
    now = now or clock.now()
    rows = TrustedDevice.objects.select_for_update(no_key=True, of=("self",))
    device = rows.select_related("site", "trusted_by").get(pk=device.pk)
    check_may_revoke(device, by=by)
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = now, by.user
        device.save(update_fields=["revoked_at", "revoked_by"])
        record(verb="device.revoked", subject=device, by=by, now=now, site=device.site)
    return device


@transaction.atomic(savepoint=False)
def join_device(*, device: TrustedDevice, by: Actor, now: datetime | None = None) -> DevicePerson:
    """Somebody has signed in with the password on a trusted device: a PIN is enough next time, with all its tries."""
    now = now or clock.now()
    mine, is_new = DevicePerson.objects.select_for_update(no_key=True).get_or_create(
        device=device, user=by.user, defaults={"signed_in_at": now}
    )
    before = mine.tries
    mine.signed_in_at, mine.tries = now, 0
    mine.save(update_fields=["signed_in_at", "tries"])
    if is_new or before:
        after = {"device": device.name, "wrong_pins_before": before}
        record(verb="device.joined", subject=device, by=by, now=now, site=device.site, after=after)
    return mine
