"""Standing orders: the list, drafting, editing, approving and retiring."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common.editing import posted_revision, shown_revision
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site, sites_of
from sessions.forms.medicines import StandingOrderForm
from sessions.forms.monitoring import ReasonForm
from sessions.models import StandingOrder
from sessions.operations import standing_orders as operations
from sessions.rules.medicines import content_of

State = StandingOrder.State


@login_required
@require_safe
def standing_orders(request: StaffRequest) -> HttpResponse:
    """Those in use, the drafts that wait, and those that were replaced."""
    actor = request.actor
    actor.require(Permission.VIEW_PATIENTS)
    rows = list(StandingOrder.objects.for_user(actor).select_related("site", "drafted_by", "approved_by"))
    context = {
        "in_use": [row for row in rows if row.state == State.APPROVED],
        "drafts": [row for row in rows if row.state == State.DRAFT],
        "retired": [row for row in rows if row.state == State.RETIRED],
        "drafted": {row.code for row in rows if row.state == State.DRAFT},
        "site": current_site(request),
        "may_author": actor.can(Permission.AUTHOR_PROTOCOL),
        "may_approve": actor.can(Permission.APPROVE_PROTOCOL),
    }
    return render(request, "sessions/standing_orders/list.html", context)


@login_required
def draft(request: StaffRequest, order_id: uuid.UUID | None = None) -> HttpResponse:
    """Draft a standing order, or the next version of one."""
    actor = request.actor
    actor.require(Permission.AUTHOR_PROTOCOL)
    earlier = _order_or_404(request, order_id) if order_id else None
    initial = content_of(earlier) if earlier else {}
    form = StandingOrderForm(
        request.POST or None, sites=sites_of(request), version_of=earlier, initial=initial
    )

    def do(key: uuid.UUID, now: datetime) -> None:
        code, site = (earlier.code, earlier.site) if earlier else (form.cleaned_data["code"], form.place)
        operations.draft_standing_order(
            code=code, site=site, content=form.content, by=actor, now=now, public_id=key
        )

    if sent(request, form, do):
        messages.success(request, _("Draft saved. It can be used once it is approved."))
        return redirect("sessions:standing-orders")
    title = _("New version of a standing order") if earlier else _("New standing order")
    return _form(request, form, {"title": title, "order": earlier})


@login_required
def edit(request: StaffRequest, order_id: uuid.UUID) -> HttpResponse:
    """Change a draft."""
    actor, order = request.actor, _order_or_404(request, order_id)
    actor.require(Permission.AUTHOR_PROTOCOL, order.site_id)
    form = StandingOrderForm(request.POST or None, version_of=order, initial=content_of(order))

    def do(key: uuid.UUID, now: datetime) -> None:
        operations.edit_standing_order(
            order=order,
            content=form.content,
            by=actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Draft saved."))
        return redirect("sessions:standing-orders")
    order.refresh_from_db()
    shown = {"title": _("Edit a draft"), "order": order, "revision": shown_revision(request, form, order)}
    return _form(request, form, shown)


@login_required
@require_POST
def approve(request: StaffRequest, order_id: uuid.UUID) -> HttpResponse:
    """Put a draft into use, as it was read."""
    order = _order_or_404(request, order_id)
    once(
        request,
        lambda key, now: operations.approve_standing_order(
            order=order, by=request.actor, expected_revision=posted_revision(request), now=now
        ),
    )
    messages.success(request, _("Approved. It can be given from now on."))
    return redirect("sessions:standing-orders")


@login_required
def retire(request: StaffRequest, order_id: uuid.UUID) -> HttpResponse:
    """Take a standing order out of use."""
    actor, order = request.actor, _order_or_404(request, order_id)
    actor.require(Permission.APPROVE_PROTOCOL, order.site_id)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].label = _("Why")

    def do(key: uuid.UUID, now: datetime) -> None:
        operations.retire_standing_order(
            order=order,
            reason=form.cleaned_data["reason"],
            by=actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Taken out of use."))
        return redirect("sessions:standing-orders")
    order.refresh_from_db()
    shown = {"title": _("Take out of use"), "order": order, "revision": shown_revision(request, form, order)}
    return _form(request, form, shown)


def _form(request: StaffRequest, form: Any, context: dict[str, Any]) -> HttpResponse:
    return render(
        request, "sessions/standing_orders/form.html", {"form": form} | context, status=status_of(form)
    )


def _order_or_404(request: StaffRequest, order_id: uuid.UUID) -> StandingOrder:
    request.actor.require(Permission.VIEW_PATIENTS)
    rows = StandingOrder.objects.for_user(request.actor).select_related("site")
    return get_object_or_404(rows, public_id=order_id)
