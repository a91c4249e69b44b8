"""Chairs: added, renamed, taken out of service and returned to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.forms.chairs import ChairForm, EditChairForm, OutOfServiceForm
from clinic.facilities.models import Chair
from clinic.facilities.operations import chairs as operations
from clinic.facilities.views.sites import MANAGE, managed_site_or_404


@login_required
def add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One more chair at a site."""
    site = managed_site_or_404(request, site_id)
    form = ChairForm(request.POST or None)

    def do(key: UUID, now: Any) -> None:
        operations.add_chair(site=site, **form.cleaned_data, by=_actor(request), public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
        return redirect("facilities:sites")
    context = {"form": form, "site": site, "title": _("Add a chair"), "button": _("Add the chair")}
    return render(request, "facilities/chair_form.html", context, status=status_of(form))


@login_required
def edit(request: HttpRequest, chair_id: UUID) -> HttpResponse:
    """Another name, or another place in the order."""
    chair = _chair_or_404(request, chair_id)
    form = EditChairForm(request.POST or None, initial={"name": chair.name, "position": chair.position})

    def do(key: UUID, now: Any) -> None:
        revision = posted_revision(request)
        changes, by = form.cleaned_data, _actor(request)
        operations.edit_chair(chair=chair, changes=changes, by=by, expected_revision=revision, now=now)

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("facilities:sites")
    context = _context(request, chair, form, _("Edit a chair"), _("Save"))
    return render(request, "facilities/chair_form.html", context, status=status_of(form))


@login_required
def take_out(request: HttpRequest, chair_id: UUID) -> HttpResponse:
    """Nothing more is booked into it."""
    chair = _chair_or_404(request, chair_id)
    form = OutOfServiceForm(request.POST or None)

    def do(key: UUID, now: Any) -> None:
        revision = posted_revision(request)
        reason, by = form.cleaned_data["reason"], _actor(request)
        operations.take_out_of_service(chair=chair, reason=reason, by=by, expected_revision=revision, now=now)

    if sent(request, form, do):
        messages.success(request, _("%(name)s is out of service.") % {"name": chair.name})
        return redirect("facilities:sites")
    context = _context(request, chair, form, _("Take out of service"), _("Take out of service"))
    context["lead"] = _(
        "Nothing more is booked into it. What is booked already stays until somebody moves it."
    )
    return render(request, "facilities/chair_form.html", context, status=status_of(form))


@login_required
@require_POST
def put_back(request: HttpRequest, chair_id: UUID) -> HttpResponse:
    """It can be booked again."""
    chair = _chair_or_404(request, chair_id)

    def do(key: UUID, now: Any) -> None:
        revision = posted_revision(request)
        operations.return_to_service(chair=chair, by=_actor(request), expected_revision=revision, now=now)

    once(request, do)
    messages.success(request, _("%(name)s is in service again.") % {"name": chair.name})
    return redirect("facilities:sites")


def _chair_or_404(request: HttpRequest, chair_id: UUID) -> Chair:
    actor = _actor(request)
    found: Chair = get_object_or_404(Chair.objects.for_user(actor).select_related("site"), public_id=chair_id)
    actor.require(MANAGE, found.site_id)
    return found


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _context(request: HttpRequest, chair: Chair, form: Any, title: str, button: str) -> dict[str, Any]:
    return {
        "form": form,
        "site": chair.site,
        "chair": chair,
        "title": title,
        "button": button,
        "revision": shown_revision(request, form, chair),
        "conflict": stored_beside_typed(form, row=chair),
    }
