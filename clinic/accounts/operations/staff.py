"""The people: accounts made, corrected, closed and opened again. What they may do is in :mod:`.roles`."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PersonalPin, Role, User
from clinic.accounts.operations.roles import insert_membership
from clinic.accounts.rules.staff import (
    MANAGE,
    check_administrator_remains,
    check_manages_every_site_of,
    check_not_oneself,
    check_password,
)
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Conflict, Problem, stale
from clinic.common.text import storable

DETAILS = ("display_name", "credential", "email", "phone")
"""What can be corrected. A user name stands in other people's heads and stays."""


@transaction.atomic(savepoint=False)
def add_member(
    *,
    username: str,
    display_name: str,
    password: str,
    role: Role,
    site: Any,
    by: Actor,
    credential: str = "",
    email: str = "",
    phone: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> User:
    """Make an account for somebody who starts to work at a site.

    Raises:
        Refused: without the right to manage the staff of that site.
        Conflict: there is an account of that user name (``staff.username_taken``).
        Invalid: a field does not fit, or the password is too weak.
    """
    now = now or clock.now()
    by.require(MANAGE, site.pk)
    user = User(
        public_id=public_id or uuid.uuid4(),
        # Nobody should have to remember how their user name was capitalised.
        username=User.normalize_username(username.strip()).lower(),
        display_name=display_name.strip(),
        credential=credential.strip(),
        email=email.strip(),
        phone=phone.strip(),
    )
    _set_password(user, password)
    check_fields(user)
    _insert(user)
    insert_membership(user=user, site=site, role=role)
    record(
        verb="staff.added",
        subject=user,
        by=by,
        now=now,
        site=site,
        after={"username": user.username, **_details(user), "role": role.code},
    )
    return user


def _insert(user: User) -> None:
    taken = User.objects.filter(username__iexact=user.username).exists()
    try:
        with transaction.atomic():
            if not taken:
                user.save(force_insert=True)
    except IntegrityError:
        taken = True
    if taken:
        message = _("There is an account with this user name already. Choose another one.")
        raise Conflict(Problem("staff.username_taken", message))


@transaction.atomic(savepoint=False)
def edit_member(
    *,
    user: User,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> User:
    """Correct somebody's name, credential, e-mail or phone; ``changes`` holds new values of :data:`DETAILS`.

    Raises:
        Refused: without the right at every site where they work.
        Stale: somebody else changed the account after ``expected_revision``.
    """
    now = now or clock.now()
    user = _locked(user, by=by)
    before = _details(user)
    # The stored row is not shown whole to whoever comes too late: it holds the password's hash.
    if user.revision != expected_revision:
        raise stale(before)
    for name in DETAILS:
        setattr(user, name, changes.get(name, getattr(user, name)).strip())
    user.revision += 1
    check_fields(user)
    user.save(update_fields=[*DETAILS, "revision"])
    _record("staff.edited", user, by=by, now=now, before=before, after=_details(user))
    return user


@transaction.atomic(savepoint=False)
def reset_password(*, user: User, password: str, by: Actor, now: datetime | None = None) -> User:
    """A new first password for somebody who has forgotten theirs; it ends their web sessions and their PIN.

    Raises:
        Refused: without the right at every site where they work, or for oneself (``staff.oneself``).
        Invalid: the password is too weak.
    """
    now = now or clock.now()
    user = _locked(user, by=by)
    check_not_oneself(user.pk, by=by)
    _set_password(user, password)
    user.save(update_fields=["password"])
    PersonalPin.objects.filter(user=user).delete()
    _record("staff.password_reset", user, by=by, now=now)
    return user


@transaction.atomic(savepoint=False)
def deactivate_user(*, user: User, by: Actor, reason: str = "", now: datetime | None = None) -> User:
    """Close an account: no sign-in and no token of theirs opens anything. What they did stays theirs.

    Raises:
        Refused: without the right at every site where they work, or for oneself (``staff.oneself``).
        Conflict: it is closed already, or a site would be left without anybody to manage its staff.
    """
    now = now or clock.now()
    user = _locked(user, by=by)
    check_not_oneself(user.pk, by=by)
    if not user.is_active:
        raise Conflict(Problem("staff.inactive", _("This account is closed already.")))
    for membership in user.memberships.select_related("site"):
        without = set(user.memberships.filter(site=membership.site).values_list("pk", flat=True))
        check_administrator_remains(site=membership.site, without=without)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _record("staff.deactivated", user, by=by, now=now, reason=reason.strip())
    return user


@transaction.atomic(savepoint=False)
def reactivate_user(*, user: User, by: Actor, reason: str = "", now: datetime | None = None) -> User:
    """Open a closed account again, with the roles it had.

    Raises:
        Refused: without the right at every site where they work.
        Conflict: it is open (``staff.active``).
    """
    now = now or clock.now()
    user = _locked(user, by=by)
    if user.is_active:
        raise Conflict(Problem("staff.active", _("This account is open already.")))
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record("staff.reactivated", user, by=by, now=now, reason=reason.strip())
    return user


def _locked(user: User, *, by: Actor) -> User:
    """Roles at their sites first, then the account: the order in which :mod:`.roles` locks them."""
    check_manages_every_site_of(user.pk, by=by)
    sites = user.memberships.values_list("site_id", flat=True)
    around = Membership.objects.filter(site__in=list(sites)).order_by("pk")
    list(around.select_for_update(no_key=True, of=("self",)))
    locked: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return locked


def _set_password(user: User, password: str) -> None:
    # Hashing half a surrogate pair would raise.
    check_password(storable(password, field="password"), user=user)
    user.set_password(password)


def _details(user: User) -> dict[str, str]:
    return {name: getattr(user, name) for name in DETAILS}


def _record(verb: str, user: User, *, by: Actor, now: datetime, **told: Any) -> None:
    """One line at the person's first site of those that the actor manages: an account has no site of its own."""
    theirs = user.memberships.filter(site__in=by.sites_with(MANAGE)).select_related("site")
    membership = theirs.order_by("site_id").first()
    record(verb=verb, subject=user, by=by, now=now, site=membership and membership.site, **told)
