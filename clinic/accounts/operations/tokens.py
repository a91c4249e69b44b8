"""Issuing and revoking API tokens."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ApiToken, User
from clinic.accounts.permissions import Permission
from clinic.accounts.rules.pins import check_with_password
from clinic.accounts.rules.staff import check_manages_some_site_of
from clinic.accounts.tokens import digest, new_secret
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Invalid, Problem, Refused

MAX_LIFE = timedelta(days=366)


@transaction.atomic(savepoint=False)
def issue_token(
    *,
    user: User,
    name: str,
    scopes: Sequence[str],
    life: timedelta,
    by: Actor,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Issue a token to oneself. It never carries more than its owner may do at the time of use.

    Returns:
        the token and its text, which is shown once and stored nowhere.

    Raises:
        Refused: for somebody else, who would then be answerable for what the issuer does (``token.other_person``);
            or by a token, which would so outlive its own end and scopes (``token.by_token``).
        PasswordNeeded: the session was opened by a PIN.
        Invalid: an unknown scope or none, or a life outside 1 to 366 days.
    """
    now = now or clock.now()
    check_with_password(by)
    _check_issuer(user, by)
    _check_reach(scopes, life)
    prefix, secret, text = new_secret()
    token = ApiToken(
        public_id=public_id or uuid.uuid4(),
        user=user,
        name=name.strip(),
        prefix=prefix,
        digest=digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + life,
    )
    check_fields(token)
    token.save(force_insert=True)
    after = {"name": token.name, "scopes": token.scopes, "expires_at": token.expires_at}
    record(verb="token.issued", subject=token, by=by, now=now, after=after)
    return token, text


def _check_issuer(user: User, by: Actor) -> None:
    if by.user != user:
        message = _("A token acts as its owner, so only its owner can make it.")
        raise Refused(Problem("token.other_person", message))
    if by.narrowed:
        message = _("A token cannot make another token. Sign in and make it there.")
        raise Refused(Problem("token.by_token", message))


def _check_reach(scopes: Sequence[str], life: timedelta) -> None:
    if unknown := sorted(set(scopes) - set(Permission.values)):
        message = _("There is no scope called %(scope)s.")
        raise Invalid({"scopes": Problem("token.scope", message, {"scope": unknown[0]})})
    if not scopes:
        message = _("Choose at least one scope: a token without any opens nothing.")
        raise Invalid({"scopes": Problem("token.no_scope", message)})
    if not timedelta(days=1) <= life <= MAX_LIFE:
        raise Invalid({"life": Problem("token.life", _("A token lives for 1 to 366 days."))})


@transaction.atomic(savepoint=False)
def revoke_token(*, token: ApiToken, by: Actor, now: datetime | None = None) -> ApiToken:
    """End a token now; revoking it twice changes nothing.

    Raises:
        Refused: it is somebody else's, and the staff of none of their sites is the actor's to manage.
    """
    now = now or clock.now()
    token = ApiToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if by.user_id != token.user_id:
        check_manages_some_site_of(token.user_id, by=by)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record(verb="token.revoked", subject=token, by=by, now=now)
    return token
