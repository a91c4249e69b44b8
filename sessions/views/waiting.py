"""The waiting list of a site: who waits, which times have become free, and one click that books."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.editing import stored_beside_typed
from clinic.common.errors import Stale, problems_of
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import check_same_patient, sent, sent_before, status_of
from clinic.facilities.models import Chair, Site
from sessions.forms.waiting import EditWishesForm, FreeTimeForm, WishesForm, WithdrawForm
from sessions.models import InfusionSession, WaitingEntry
from sessions.operations import waiting as operations
from sessions.reports.freed_times import free_times
from sessions.reports.waiting_list import could_wait, entries_at, waiting_rows
from sessions.rules.planning import check_can_book
from sessions.rules.waiting import check_waits, check_waits_not
from sessions.views.places import at_current_site, site_named
from sessions.views.reaching import banner_at, course_row

State = WaitingEntry.State
SHOWN = {"": State.WAITING, "booked": State.BOOKED, "off": State.WITHDRAWN}
"""The value that stands in the address, and the entries that it lists."""


@login_required
@require_safe
def here(request: StaffRequest) -> HttpResponse:
    """The list of the site one works at."""
    answer: HttpResponse = at_current_site(request, "sessions:waiting-at")
    return answer


@login_required
@require_safe
def waiting(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """Free times with those whom they suit, and everybody who waits, oldest first."""
    return _page(request, site_named(request, site_id, Permission.BOOK))


def _page(request: StaffRequest, site: Site, *, refused: Any = None) -> HttpResponse:
    actor, now = request.actor, clock.now()
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    starred = request.GET.get("need") == "1"
    total = entries_at(site, actor=actor, state=SHOWN[shown])
    total = total.filter(is_starred=True) if starred else total
    context = {
        "site": site,
        "shown": shown,
        "starred": starred,
        "tabs": [("", _("Waiting")), ("booked", _("Booked")), ("off", _("Taken off"))],
        "free_times": free_times(site, actor=actor, now=now) if not shown else [],
        "rows": waiting_rows(
            site,
            actor=actor,
            state=SHOWN[shown],
            only_starred=starred,
            start=start_of(page_number(request)),
            limit=PER_PAGE,
        ),
        "pages": pages(request, total=total.count()),
        "refused": refused,
    }
    status = status_of(refused) if refused is not None else 200
    return render(request, "sessions/waiting/list.html", context, status=status)


@login_required
@require_safe
def choose(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """Whose course is put on the list: those that are under way and not on it, A to Z."""
    site = site_named(request, site_id, Permission.BOOK)
    found = could_wait(site, actor=request.actor)
    first = start_of(page_number(request))
    context = {
        "site": site,
        "courses": found[first : first + PER_PAGE],
        "pages": pages(request, total=found.count()),
    }
    return render(request, "sessions/waiting/choose.html", context)


@login_required
def add(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Put a course on the list with the patient's wishes."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.BOOK, course.site_id)
    form = WishesForm(request.POST or None)

    def store(key: uuid.UUID, now: datetime) -> None:
        operations.add_to_waiting_list(course=course, wishes=form.wishes, by=actor, public_id=key, now=now)

    if sent(request, form, store):
        messages.success(request, _("On the waiting list."))
        return redirect("sessions:waiting-at", course.site.public_id)
    now = clock.now()
    problems = (
        *problems_of(check_can_book, course=course, by=actor, starts_at=now, now=now),
        *problems_of(check_waits_not, course=course),
    )
    back = reverse("sessions:course", args=[course.public_id])
    context = _about(request, course, form, title=_("Put on the waiting list"), button=_("Put on the list"))
    return _form_page(request, context | {"problems": problems, "back": back}, form)


@login_required
def edit(request: StaffRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Change what a patient who waits would like."""
    entry = _entry(request, entry_id)
    form = EditWishesForm(request.POST or None, initial=EditWishesForm.initial_of(entry))

    def store(key: uuid.UUID, now: datetime) -> None:
        operations.edit_waiting_entry(
            entry=entry,
            changes=form.wishes,
            by=request.actor,
            expected_revision=form.cleaned_data["revision"],
            now=now,
        )

    if sent(request, form, store):
        messages.success(request, _("Saved."))
        return redirect("sessions:waiting-at", entry.site.public_id)
    context = _about(request, entry.course, form, title=_("Change the wishes"), button=_("Save"))
    return _form_page(request, context | _of_entry(request, entry, form), form)


@login_required
def withdraw(request: StaffRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Take a patient off the list."""
    entry = _entry(request, entry_id)
    form = WithdrawForm(request.POST or None, initial={"revision": entry.revision})

    def store(key: uuid.UUID, now: datetime) -> None:
        said = form.cleaned_data
        operations.take_off_waiting_list(
            entry=entry,
            reason=said["reason"],
            by=request.actor,
            expected_revision=said["revision"],
            now=now,
        )

    if sent(request, form, store):
        messages.success(request, _("Taken off the waiting list."))
        return redirect("sessions:waiting-at", entry.site.public_id)
    context = _about(request, entry.course, form, title=_("Take off the waiting list"), button=_("Take off"))
    return _form_page(request, context | _of_entry(request, entry, form), form)


@login_required
def book(request: StaffRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Give a free time to somebody who waits. A refusal shows the list as it stands now, with the reason."""
    entry = _entry(request, entry_id)
    if request.method != "POST":
        return redirect("sessions:waiting-at", entry.site.public_id)
    chairs = Chair.objects.for_user(request.actor).filter(site=entry.site).in_service()
    form = FreeTimeForm(request.POST, chairs=chairs)

    def store(key: uuid.UUID, now: datetime) -> None:
        chosen: dict[str, Any] = form.cleaned_data
        operations.book_from_waiting_list(entry=entry, by=request.actor, public_id=key, now=now, **chosen)

    if not sent(request, form, store):
        return _page(request, entry.site, refused=form)
    session = InfusionSession.objects.for_user(request.actor).select_related("chair").get(waiting_entry=entry)
    local = session.scheduled_start.astimezone(entry.site.zone)
    told = {
        "who": entry.patient.full_name,
        "when": f"{local:%a} {local.day} {local:%b} {local:%H:%M}",
        "chair": session.chair.name,
    }
    messages.success(request, _("%(who)s is booked for %(when)s in %(chair)s.") % told)
    return redirect("sessions:waiting-at", entry.site.public_id)


def _entry(request: StaffRequest, entry_id: uuid.UUID) -> WaitingEntry:
    """An entry within reach. Raises Http404, Refused without the right, Conflict for another patient's form."""
    rows = WaitingEntry.objects.for_user(request.actor).select_related(
        "site", "patient", "course__site", "course__patient", "course__protocol_version__protocol"
    )
    entry = rows.filter(public_id=entry_id).first()
    if entry is None:
        raise Http404
    request.actor.require(Permission.BOOK, entry.site_id)
    check_same_patient(request, entry.patient)
    return entry


def _of_entry(request: StaffRequest, entry: WaitingEntry, form: Any) -> dict[str, Any]:
    """What the page of an entry shows beside its form; after an edit conflict, the newer version."""
    if isinstance(getattr(form, "refusal", None), Stale):
        form.data = form.data.copy()
        form.data["revision"] = str(entry.revision)
    problems = () if sent_before(request) else problems_of(check_waits, entry=entry)
    back = reverse("sessions:waiting-at", args=[entry.site.public_id])
    return {"problems": problems, "back": back, "conflict": stored_beside_typed(form, row=entry)}


def _about(request: StaffRequest, course: Any, form: Any, **words: str) -> dict[str, Any]:
    banner = banner_at(request, course.patient, course.site)
    return {"form": form, "course": course, "banner": banner, "patient": course.patient, **words}


def _form_page(request: StaffRequest, context: dict[str, Any], form: Any) -> HttpResponse:
    return render(request, "sessions/waiting/form.html", context, status=status_of(form))
