"""A file from another system, step by step: upload, columns, preview, run, result.

Each step has its address; the import's own address leads to the step that it has come to.
"""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from patients.forms.importing import COLUMNS_FORM, UploadForm
from patients.models import ImportBatch
from patients.operations.importing import (
    choose_rows,
    discard_import,
    map_columns,
    run_next_chunk,
    stage_import,
    start_import,
)
from patients.reading.verdicts import Verdict
from patients.reports import importing as reports
from patients.reports.importing_scores import HEADINGS, score_lines, suicide_answers
from patients.rules.importing import check_may_import, sites_to_import_at
from patients.views.opening import actor_of, key_of

PAGE_SIZE = 50
State = ImportBatch.State


def batch_of(request: HttpRequest, import_id: uuid.UUID) -> Any:
    """An import of a site where the actor may import.

    Raises:
        Refused: the actor may import nowhere.
        Http404: no such import within reach.
    """
    actor = actor_of(request)
    actor.require(Permission.IMPORT_PATIENTS)
    found = reports.imports_of(actor).filter(public_id=import_id).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """Files that were imported or are on their way."""
    actor = actor_of(request)
    actor.require(Permission.IMPORT_PATIENTS)
    page = Paginator(reports.imports_of(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    may_score = bool(sites_to_import_at(ImportBatch.Kind.SCORES, actor))
    return render(request, "patients/imports.html", {"page": page, "may_import_scores": may_score})


@login_required
def upload(request: HttpRequest, kind: str = ImportBatch.Kind.PATIENTS) -> HttpResponse:
    """The file is read into staging; nothing is taken in yet."""
    actor = actor_of(request)
    check_may_import(kind, by=actor)
    sites = Site.objects.for_user(actor).filter(pk__in=sites_to_import_at(kind, actor))
    initial = {"site": str(current_site(request).public_id)}
    form = UploadForm(request.POST or None, request.FILES or None, sites=sites, initial=initial)

    def do(key: uuid.UUID, now: datetime) -> None:
        stage_import(
            site=form.chosen_site,
            content=form.content(),
            file_name=form.cleaned_data["file"].name,
            encoding=form.cleaned_data["encoding"],
            kind=kind,
            by=actor,
            public_id=key,
            now=now,
        )

    if sent(request, form, do):
        return redirect("patients:import-columns", key_of(request))
    return render(
        request, "patients/import_upload.html", {"form": form, "kind": kind}, status=status_of(form)
    )


@login_required
def columns(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """What the columns mean. A guess stands there already; numbers of authorities are never guessed."""
    batch = batch_of(request, import_id)
    if batch.state not in {State.STAGED, State.MAPPED}:
        return redirect("patients:import", import_id)
    of_kind = COLUMNS_FORM[batch.kind]
    initial = of_kind.initial_of(batch.columns, batch.mapping)
    known = {name: getattr(batch, name) for name in of_kind.ABOUT}
    form = of_kind(request.POST or None, columns=batch.columns, initial=initial | known)

    def do(key: uuid.UUID, now: datetime) -> None:
        map_columns(batch=batch, mapping=form.mapping(), by=actor_of(request), now=now, **form.said())

    if sent(request, form, do):
        return redirect("patients:import", import_id)
    context = {
        "batch": batch,
        "form": form,
        "columns": list(zip(form.column_fields(), reports.samples_of(batch), strict=True)),
        "earlier": reports.earlier_import(batch, actor=actor_of(request)),
    }
    return render(request, "patients/import_columns.html", context, status=status_of(form))


@login_required
@require_safe
def batch(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """The preview, the progress or the result: whatever the import has come to."""
    one = batch_of(request, import_id)
    if one.state == State.STAGED:
        return redirect("patients:import-columns", import_id)
    if one.state == State.RUNNING:
        return render(request, "patients/import_run.html", {"batch": one})
    verdict = request.GET.get("verdict", "")
    rows = one.rows.order_by("line")
    if verdict in set(Verdict):
        rows = rows.filter(verdict=verdict)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "batch": one,
        "counts": reports.verdict_counts(one),
        **_wanted(one),
        "verdict": verdict,
        "page": page,
        **_shown(one, list(page.object_list), actor=actor_of(request), now=clock.now()),
    }
    return render(request, "patients/import_batch.html", context)


def _shown(one: ImportBatch, rows: list[Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The rows of a page with their headings; of a file of scores that is done, what to look at."""
    if not one.holds_scores:
        headings = [heading for heading, _places in reports.shown_columns(one)]
        lines = reports.row_lines(one, rows, actor=actor, now=now)
        return {"headings": [] if one.state == State.DONE else headings, "lines": lines}
    lines = score_lines(one, rows, actor=actor, now=now)
    if one.state == State.DONE:
        return {"headings": [], "lines": lines, "answers": suicide_answers(one, actor=actor)}
    return {"headings": HEADINGS, "lines": lines}


def _wanted(one: ImportBatch) -> dict[str, int]:
    """How many rows confirming would take in, and how many of them are doubtful and were ticked."""
    chosen = one.rows.filter(is_chosen=True).count()
    counts = one.counts
    return {"chosen": chosen, "wanted": counts[Verdict.NEW] + counts[Verdict.KNOWN_ELSEWHERE] + chosen}


@login_required
@require_POST
def choose(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Possible duplicates that are other people, among those that the page has shown."""
    one = batch_of(request, import_id)
    chosen, among = (_lines(request, name) for name in ("chosen", "among"))
    once(
        request,
        lambda key, now: choose_rows(batch=one, chosen=chosen, among=among, by=actor_of(request), now=now),
    )
    messages.success(request, _("Kept. Ticked rows will come in, the others stay out."))
    response = redirect("patients:import", import_id)
    page = request.POST.get("page", "")
    place = f"&page={page}" if page.isascii() and page.isdigit() else ""
    response["Location"] += f"?verdict={Verdict.POSSIBLE_DUPLICATE.value}{place}"
    return response


def _lines(request: HttpRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isascii() and text.isdigit()]


@login_required
@require_POST
def start(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """The preview is confirmed; the page that follows takes in the chunks."""
    one = batch_of(request, import_id)
    once(request, lambda key, now: start_import(batch=one, by=actor_of(request), now=now))
    return redirect("patients:import", import_id)


@login_required
@require_POST
def go_on(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """The next chunk."""
    one = batch_of(request, import_id)
    once(request, lambda key, now: run_next_chunk(batch=one, by=actor_of(request), now=now))
    return redirect("patients:import", import_id)


@login_required
@require_POST
def discard(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Give it up before it has begun."""
    one = batch_of(request, import_id)
    once(request, lambda key, now: discard_import(batch=one, by=actor_of(request), now=now))
    messages.success(request, _("Discarded. Nothing was taken in."))
    return redirect("patients:imports")
