"""Protocols: the list, a version laid out to be read, drafting, editing and approving."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common.editing import changed_by, stored_beside_typed, with_theirs
from clinic.common.errors import Invalid, Problem, Stale
from clinic.common.submitting import KEY_FIELD, once, sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.protocols import ProtocolForm, VersionForm
from sessions.models import Protocol, ProtocolVersion
from sessions.operations.protocols import (
    CONTENT,
    approve_version,
    create_protocol,
    draft_version,
    edit_version,
)
from sessions.reports.alert_preview import preview
from sessions.reports.version_words import (
    check_numbers,
    content_of,
    differences,
    example_doses,
    questionnaires,
    schedule_sentences,
    tolerance_words,
)
from sessions.rules.check_in_plan import as_lines
from sessions.rules.effect_moments import moments
from sessions.rules.protocol_words import REQUIREMENT_WORDS, limits_by_phase
from sessions.rules.protocols import CHECK_ITEMS, DISCHARGE_CRITERIA, check_items

State = ProtocolVersion.State


@login_required
@require_safe
def protocols(request: StaffRequest) -> HttpResponse:
    """Every protocol with the version in use and the draft that waits."""
    actor = request.actor
    actor.require(Permission.VIEW_PATIENTS)
    found = Protocol.objects.for_user(actor).prefetch_related("versions__approved_by")
    context = {
        "rows": [_row(protocol) for protocol in found],
        "site": current_site(request),
        "may_author": _may_author(request),
    }
    return render(request, "sessions/protocols/list.html", context)


def _row(protocol: Protocol) -> dict[str, Any]:
    versions = list(protocol.versions.all())
    return {
        "protocol": protocol,
        "versions": len(versions),
        "approved": next((version for version in versions if version.state == State.APPROVED), None),
        "draft": next((version for version in versions if version.state == State.DRAFT), None),
    }


@login_required
@require_safe
def protocol(request: StaffRequest, protocol_id: uuid.UUID) -> HttpResponse:
    """One protocol with all its versions, the latest first."""
    found = _protocol_or_404(request, protocol_id)
    versions = found.versions.select_related("drafted_by", "approved_by").annotate(orders=Count("courses"))
    context = {
        "protocol": found,
        "versions": versions,
        "site": current_site(request),
        "may_author": _may_author(request),
    }
    return render(request, "sessions/protocols/protocol.html", context)


@login_required
@require_safe
def version(request: StaffRequest, version_id: uuid.UUID) -> HttpResponse:
    """Everything that a version says, and the button that approves it."""
    found = _version_or_404(request, version_id)
    earlier = found.protocol.versions.filter(number__lt=found.number).first()
    asked = check_items(found.checklist)
    context: dict[str, Any] = {
        "version": found,
        "site": current_site(request),
        "phases": limits_by_phase(found.limits),
        "checks": [
            (label, REQUIREMENT_WORDS.get(asked.get(code, ""))) for code, label in CHECK_ITEMS.items()
        ],
        "check_numbers": check_numbers(content_of(found, CONTENT)),
        "criteria": [DISCHARGE_CRITERIA[code] for code in found.discharge_criteria],
        "questionnaires": questionnaires(found.instruments),
        "doses": example_doses(found),
        "earlier": earlier,
        "differences": differences(content_of(earlier, CONTENT), content_of(found, CONTENT))
        if earlier
        else [],
        "may_author": _may_author(request),
        # A session that a PIN has opened may press it too, and is asked for the password then.
        "may_approve": request.actor.can(Permission.APPROVE_PROTOCOL)
        or request.actor.withholds(Permission.APPROVE_PROTOCOL),
        "moments": moments(found.side_effect_moments),
        "planned": schedule_sentences(found.vitals_schedule),
        "check_ins": as_lines(found.check_ins).splitlines(),
        "tolerance": tolerance_words(found.totals_tolerance_percent),
    }
    if found.state == State.DRAFT and (context["may_author"] or context["may_approve"]):
        context["preview"] = preview(found, actor=request.actor)
    return render(request, "sessions/protocols/version.html", context)


@login_required
def new(request: StaffRequest) -> HttpResponse:
    """Found a protocol."""
    actor = request.actor
    actor.require(Permission.AUTHOR_PROTOCOL)
    form = ProtocolForm(request.POST or None)

    def store(key: uuid.UUID, now: Any) -> None:
        create_protocol(by=actor, public_id=key, now=now, **form.cleaned_data)

    if sent(request, form, store):
        messages.success(request, _("Protocol created. Draft its first version now."))
        return redirect("sessions:draft-version", uuid.UUID(request.POST[KEY_FIELD]))
    return render(request, "sessions/protocols/new.html", {"form": form}, status=status_of(form))


@login_required
def draft(request: StaffRequest, protocol_id: uuid.UUID) -> HttpResponse:
    """Draft the next version, copied from the latest."""
    actor, found = request.actor, _protocol_or_404(request, protocol_id)
    actor.require(Permission.AUTHOR_PROTOCOL)
    latest = found.versions.first()
    form = VersionForm(request.POST or None, initial=content_of(latest, CONTENT) if latest else {})

    def store(key: uuid.UUID, now: Any) -> None:
        draft_version(protocol=found, content=form.content, by=actor, public_id=key, now=now)

    if sent(request, form, store):
        messages.success(request, _("Draft saved. It can be used once it is approved."))
        return redirect("sessions:version", uuid.UUID(request.POST[KEY_FIELD]))
    context = {"form": form, "protocol": found, "latest": latest}
    return render(request, "sessions/protocols/draft.html", context, status=status_of(form))


@login_required
def edit(request: StaffRequest, version_id: uuid.UUID) -> HttpResponse:
    """Change a draft; where somebody else has changed it meanwhile, both stand side by side."""
    actor, found = request.actor, _version_or_404(request, version_id)
    actor.require(Permission.AUTHOR_PROTOCOL)
    if found.state != State.DRAFT:
        messages.warning(request, _("An approved version is not changed. Draft a new version instead."))
        return redirect("sessions:version", found.public_id)
    stored = content_of(found, CONTENT)
    form = VersionForm(request.POST or None, initial=stored | {"revision": found.revision})

    def store(key: uuid.UUID, now: Any) -> None:
        revision = form.cleaned_data["revision"] or 0
        edit_version(version=found, content=form.content, by=actor, expected_revision=revision, now=now)

    if sent(request, form, store):
        messages.success(request, _("Draft saved."))
        return redirect("sessions:version", found.public_id)
    context: dict[str, Any] = {"form": form, "protocol": found.protocol, "version": found}
    if isinstance(getattr(form, "refusal", None), Stale):
        stored_beside_typed(form, row=found, stored=stored)
        context["differences"], context["changed_by"] = differences(stored, form.content), changed_by(found)
        data = with_theirs(form).copy()
        data["revision"] = str(found.revision)
        form.data = data
    return render(request, "sessions/protocols/draft.html", context, status=status_of(form))


@login_required
@require_POST
def approve(request: StaffRequest, version_id: uuid.UUID) -> HttpResponse:
    """Approve the draft that was read; nothing is approved that somebody changed since."""
    actor, found = request.actor, _version_or_404(request, version_id)
    revision = request.POST.get("revision", "")
    if not revision.isdecimal():
        message = _("Open the version again and approve what you have read.")
        raise Invalid({"": Problem("revision.missing", message)})
    once(
        request,
        lambda key, now: approve_version(
            version=found,
            by=actor,
            expected_revision=int(revision),
            safety_reason=request.POST.get("safety_reason", "")[:2000],
            now=now,
        ),
    )
    messages.success(request, _("Approved. New courses can be ordered under this version."))
    return redirect("sessions:version", found.public_id)


def _may_author(request: StaffRequest) -> bool:
    may: bool = request.actor.can(Permission.AUTHOR_PROTOCOL)
    return may


def _protocol_or_404(request: StaffRequest, protocol_id: uuid.UUID) -> Protocol:
    actor = request.actor
    actor.require(Permission.VIEW_PATIENTS)
    return get_object_or_404(Protocol.objects.for_user(actor), public_id=protocol_id)


def _version_or_404(request: StaffRequest, version_id: uuid.UUID) -> ProtocolVersion:
    actor = request.actor
    actor.require(Permission.VIEW_PATIENTS)
    rows = ProtocolVersion.objects.for_user(actor).select_related("protocol", "drafted_by", "approved_by")
    return get_object_or_404(rows, public_id=version_id)
