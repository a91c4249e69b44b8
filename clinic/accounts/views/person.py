"""What the pages about one member of staff share."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic.accounts.models import Membership, User
from clinic.accounts.reports.people import MANAGE, managed_memberships
from clinic.common.submitting import sent, sent_before, status_of


def person_or_404(request: HttpRequest, user_id: UUID) -> User:
    """Somebody who works at a site whose staff one manages.

    Raises:
        Refused: without that right anywhere.
        Http404: nobody there, or out of reach.
    """
    actor: Any = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    managed = managed_memberships(actor).order_by().values("user")
    found: User = get_object_or_404(User.objects.for_user(actor).filter(pk__in=managed), public_id=user_id)
    return found


def membership_or_404(request: HttpRequest, person: User, site_id: UUID, role: str) -> Membership:
    """Their role at a site that one manages."""
    mine = managed_memberships(request.actor)  # type: ignore[attr-defined]
    found = mine.filter(user=person, site__public_id=site_id, role__code=role).first()
    if found is None:
        raise Http404
    return found


def or_gone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form that takes its own page away, sent twice, leads to the list and not to "there is nothing here"."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.method == "POST" and sent_before(request):
                return redirect("accounts:staff")
            raise

    return wrapped


def answer(
    request: HttpRequest,
    person: User,
    form: forms.Form,
    *,
    do: Callable[[Any, datetime], Any],
    title: str,
    lead: str,
    button: str,
    said: str,
) -> HttpResponse:
    """A page with one form about somebody; sent, back to the person, or to the list when they left one's reach."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    if sent(request, form, lambda key, now: do(actor, now)):
        messages.success(request, said)
        if managed_memberships(actor).filter(user=person).exists():
            return redirect("accounts:person", person.public_id)
        return redirect("accounts:staff")
    context = {"person": person, "form": form, "title": title, "lead": lead, "button": button}
    return render(request, "accounts/person_form.html", context, status=status_of(form))
