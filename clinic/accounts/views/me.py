"""Who am I here, what may I do, and which tokens act as me?"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.forms.tokens import TokenForm
from clinic.accounts.models import ApiToken
from clinic.accounts.operations.tokens import issue_token, revoke_token
from clinic.accounts.permissions import Permission
from clinic.accounts.reports.places import known, places_of
from clinic.accounts.rules.pins import check_with_password
from clinic.common import clock
from clinic.common.submitting import once, sent, status_of


@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """My roles at each site, my rights in words, and my tokens."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {"places": places_of(user_id=actor.user_id, actor=actor), "tokens": _my_tokens(actor)}
    return render(request, "accounts/me.html", context)


def _my_tokens(actor: Actor) -> list[dict[str, Any]]:
    now = clock.now()
    tokens = ApiToken.objects.for_user(actor).filter(user=actor.user_id).order_by("-created_at", "-pk")
    return [
        {"token": token, "scopes": known(token.scopes), "is_valid": token.is_valid(now)} for token in tokens
    ]


@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """Make a token. Its text stands on the answer itself: a redirect would have to store it somewhere."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check_with_password(actor)
    rights = tuple(right for right in Permission if actor.can(right))
    form = TokenForm(request.POST or None, rights=rights)
    made: list[tuple[ApiToken, str]] = []

    def make(key: UUID, now: datetime) -> None:
        typed = form.cleaned_data
        life = timedelta(days=typed["days"])
        user = actor.user
        assert user is not None
        told = {"name": typed["name"], "scopes": typed["scopes"], "life": life}
        made.append(issue_token(user=user, **told, by=actor, public_id=key, now=now))

    if not sent(request, form, make):
        return render(request, "accounts/token_new.html", {"form": form}, status=status_of(form))
    if not made:
        messages.warning(request, _("This token was made before. Its text was shown then, and only then."))
        return redirect("accounts:me")
    token, text = made[0]
    return render(request, "accounts/token_made.html", {"token": token, "text": text}, status=201)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End one of my tokens."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    token = get_object_or_404(ApiToken.objects.for_user(actor).filter(user=actor.user_id), public_id=token_id)
    once(request, lambda key, now: revoke_token(token=token, by=actor, now=now))
    messages.success(
        request, _("%(name)s is revoked. Nothing opens with it any more.") % {"name": token.name}
    )
    return redirect("accounts:me")
