"""Issuing and revoking API tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ApiToken, User
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import digest, new_secret
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Invalid, Problem

MAX_LIFE = timedelta(days=366)


@transaction.atomic(savepoint=False)
def issue_token(
    *, user: User, name: str, scopes: Sequence[str], life: timedelta, by: Actor, now: datetime | None = None
) -> tuple[ApiToken, str]:
    """Issue a token to oneself, or to somebody else with the right to manage staff.

    Returns:
        the token and its text, which is shown once and stored nowhere.

    Raises:
        Refused: for somebody else without the right.
        Invalid: an unknown scope, or a life outside 1 to 366 days.
    """
    now = now or clock.now()
    if by.user != user:
        by.require(Permission.MANAGE_STAFF)
    if unknown := sorted(set(scopes) - set(Permission.values)):
        message = _("There is no scope called %(scope)s.")
        raise Invalid({"scopes": Problem("token.scope", message, {"scope": unknown[0]})})
    if not timedelta(days=1) <= life <= MAX_LIFE:
        raise Invalid({"life": Problem("token.life", _("A token lives for 1 to 366 days."))})
    prefix, secret, text = new_secret()
    token = ApiToken(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + life,
    )
    check_fields(token)
    token.save(force_insert=True)
    record(verb="token.issued", subject=token, by=by, now=now, after={"name": name, "scopes": token.scopes})
    return token, text


@transaction.atomic(savepoint=False)
def revoke_token(*, token: ApiToken, by: Actor, now: datetime | None = None) -> ApiToken:
    """End a token now; revoking it twice changes nothing."""
    now = now or clock.now()
    if by.user_id != token.user_id:
        by.require(Permission.MANAGE_STAFF)
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record(verb="token.revoked", subject=token, by=by, now=now)
    return token
