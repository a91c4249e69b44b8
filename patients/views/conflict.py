"""When two people have edited one row: both versions side by side, and the same form to send again."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.audit.records import snapshot
from clinic.common.errors import Stale
from clinic.common.submitting import status_of
from patients.forms.comparing import compare
from patients.views.opening import Opened


def is_stale(form: forms.BaseForm) -> bool:
    return isinstance(getattr(form, "refusal", None), Stale)


def conflict(
    request: HttpRequest, found: Opened, form: forms.BaseForm, *, row: Any, title: str, back: str
) -> HttpResponse:
    """Both versions of a row whose edit was refused as stale; what is chosen is sent as an ordinary edit."""
    stored: dict[str, Any] = form.refusal.current  # type: ignore[attr-defined]
    read = row.history.filter(revision=form.cleaned_data["revision"]).first()
    latest = row.history.order_by("-history_date", "-history_id").first()
    context = found.context(
        fields=compare(form, stored=stored, read=snapshot(read) if read else {}),
        revision=stored["revision"],
        by=latest.history_user if latest else None,
        at=latest.history_date if latest else None,
        title=title,
        back=back,
    )
    return render(request, "patients/conflict.html", context, status=status_of(form))


def read_again(form: forms.BaseForm, revision: int) -> None:
    """After a refusal as stale, a page that shows the newer version lets the form go on from there."""
    if is_stale(form):
        data = form.data.copy()  # type: ignore[attr-defined]
        data["revision"] = str(revision)
        form.data = data
