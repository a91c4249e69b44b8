"""Messages to patients: the list of what went out, and the texts that they are made from."""

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import check_same_patient, once, sent, status_of
from clinic.facilities.current import sites_of
from clinic.facilities.models import Site
from sessions.forms.reminding import AddTextForm, EditTextForm, RemindersForm
from sessions.models import Reminder, ReminderText
from sessions.operations.reminder_texts import add_reminder_text, edit_reminder_text
from sessions.operations.reminding import try_again
from sessions.reports.reminders import (
    Wanted,
    matching,
    reminder_rows,
    text_rows,
    unreached,
    without_texts,
)
from sessions.rules.reminder_examples import EXAMPLES, example_of
from sessions.rules.reminder_languages import LANGUAGES
from sessions.rules.reminder_preview import Preview, preview_of


@login_required
@require_safe
def reminders(request: StaffRequest) -> HttpResponse:
    """Messages with what became of each, and the coming visits whose patients get none."""
    actor, now = request.actor, clock.now()
    actor.require(Permission.VIEW_PATIENTS)
    mine = actor.sites_with(Permission.VIEW_PATIENTS)
    sites = [site for site in sites_of(request) if site.pk in mine]
    form = RemindersForm(request.GET or None, sites=sites)
    asked = _wanted(form, sites)
    found = matching(asked, actor=actor)
    start = start_of(page_number(request))
    today = clock.local_date(now, (asked.site or sites[0]).time_zone)
    context = {
        "form": form,
        "asked": asked,
        "rows": reminder_rows(found[start : start + PER_PAGE], actor=actor),
        "pages": pages(request, total=found.count()),
        "unreached": unreached(asked, actor=actor, today=today, now=now),
        "silent": without_texts(sites),
        "several_sites": len(sites) > 1,
        "may_write": bool(actor.sites_with(Permission.MANAGE_STAFF)),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "sessions/reminders/list.html", context, status=status)


def _wanted(form: RemindersForm, sites: list[Site]) -> Wanted:
    if not form.is_valid():
        return Wanted()
    asked = form.cleaned_data
    site = next((site for site in sites if str(site.public_id) == asked.get("site")), None)
    return Wanted(state=asked["state"], day=asked["day"], site=site)


@login_required
@require_POST
def again(request: StaffRequest, reminder_id: uuid.UUID) -> HttpResponse:
    """Queue a failed message once more."""
    rows = Reminder.objects.for_user(request.actor).select_related("session__patient")
    reminder = get_object_or_404(rows, public_id=reminder_id)
    check_same_patient(request, reminder.session.patient)
    once(request, lambda key, now: try_again(reminder=reminder, by=request.actor, now=now))
    messages.success(request, _("Queued. It goes out with the next run, within minutes."))
    return redirect("sessions:reminders")


@login_required
@require_safe
def texts(request: StaffRequest) -> HttpResponse:
    """The texts of the sites that one manages, and examples to begin from."""
    actor = request.actor
    actor.require(Permission.MANAGE_STAFF)
    managed = actor.sites_with(Permission.MANAGE_STAFF)
    sites = [site for site in sites_of(request) if site.pk in managed]
    context = {
        "places": [{"site": site, "rows": text_rows(site)} for site in sites],
        "examples": [{"example": one, "language": LANGUAGES[one.language]} for one in EXAMPLES],
        "may_read": actor.can(Permission.VIEW_PATIENTS),
    }
    return render(request, "sessions/reminders/texts.html", context)


@login_required
def add_text(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """A new text, from nothing or filled in from an example."""
    site = get_object_or_404(Site.objects.for_user(request.actor), public_id=site_id)
    request.actor.require(Permission.MANAGE_STAFF, site.pk)
    example = example_of(request.GET.get("example", ""), request.GET.get("language", ""))
    form = AddTextForm(request.POST or None, initial=AddTextForm.initial_from(example) if example else None)
    if preview := _preview(request, form, ReminderText(site=site)):
        return _text_page(request, form, site=site, preview=preview)

    def do(key: uuid.UUID, now: datetime) -> None:
        add_reminder_text(site=site, content=form.content, by=request.actor, public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("Saved. Visits that come into its time get it from now on."))
        return redirect("sessions:reminder-texts")
    return _text_page(request, form, site=site, example=example)


@login_required
def edit_text(request: StaffRequest, text_id: uuid.UUID) -> HttpResponse:
    """The words of a text, when it goes out, and whether it is in use."""
    rows = ReminderText.objects.for_user(request.actor).select_related("site")
    text = get_object_or_404(rows, public_id=text_id)
    request.actor.require(Permission.MANAGE_STAFF, text.site_id)
    form = EditTextForm(request.POST or None, initial=EditTextForm.initial_of(text))
    if preview := _preview(request, form, text):
        return _text_page(request, form, site=text.site, text=text, preview=preview)

    def do(key: uuid.UUID, now: datetime) -> None:
        edit_reminder_text(
            text=text,
            changes=form.content,
            by=request.actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved. Messages that still wait go out with these words."))
        return redirect("sessions:reminder-texts")
    if request.method != "POST":
        preview = preview_of(text, visit_at=_example_visit(text.site))
    return _text_page(request, form, site=text.site, text=text, preview=preview)


def _preview(request: StaffRequest, form: EditTextForm, text: ReminderText) -> Preview | None:
    """What was typed, filled in with made-up values, where the button for that was pressed; nothing is stored."""
    if "preview" not in request.POST or not form.is_valid():
        return None
    shown = ReminderText(site=text.site, language=text.language, channel=text.channel)
    for name, value in form.content.items():
        setattr(shown, name, value)
    return preview_of(shown, visit_at=_example_visit(text.site))


def _example_visit(site: Site) -> datetime:
    """The day after tomorrow at half past nine, on the site's clocks."""
    day = clock.local_date(clock.now(), site.time_zone) + timedelta(days=2)
    return datetime.combine(day, time(9, 30), tzinfo=site.zone).astimezone(UTC)


def _text_page(request: StaffRequest, form: EditTextForm, *, site: Site, **told: Any) -> HttpResponse:
    text = told.get("text")
    context = {
        "form": form,
        "site": site,
        "text": text,
        "language": LANGUAGES.get(text.language) if text else "",
        "preview": told.get("preview"),
        "example": told.get("example"),
        "revision": shown_revision(request, form, text) if text else "",
        "conflict": stored_beside_typed(form, row=text),
    }
    return render(request, "sessions/reminders/text.html", context, status=status_of(form))
