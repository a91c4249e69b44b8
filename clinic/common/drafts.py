"""What was typed and not sent, kept on the server so that no time-out, crash or closed lid loses it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.models import Draft
from clinic.common.submitting import DRAFT_FIELD, KEY_FIELD, PATIENT_FIELD, SECRETS, TYPED_BY_FIELD
from clinic.common.text import is_storable

MAX_BYTES = 200_000
# What a browser adds by itself is not what somebody typed.
NOT_TYPED = {"csrfmiddlewaretoken", "form", KEY_FIELD, PATIENT_FIELD, DRAFT_FIELD, TYPED_BY_FIELD, *SECRETS}


def owner_of(request: HttpRequest) -> str:
    return f"user:{request.user.pk}"


@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: HttpRequest) -> HttpResponse:
    """Read, keep or drop my draft of the form named ``form``; an empty form drops it.

    A draft is kept as it is, valid or not: checking comes when the form is sent. A page with several forms reads all
    of their drafts at once: ``?form=a&form=b``.
    """
    if request.method == "GET":
        return _read(request)
    form = (request.POST if request.method == "POST" else request.GET).get("form", "")[:200]
    mine = Draft.objects.filter(owner=owner_of(request), form=form)
    typed = _typed(request)
    if request.method == "DELETE" or not any(any(values) for values in typed.values()):
        mine.delete()
        return HttpResponse(status=204)
    return _keep(owner_of(request), form, typed)


def _read(request: HttpRequest) -> HttpResponse:
    """The drafts that are asked for, by the name under which they were asked for; ``body`` is that of a single one."""
    names = request.GET.getlist("form")
    kept = {
        draft.form: draft
        for draft in Draft.objects.filter(owner=owner_of(request), form__in=[name[:200] for name in names])
    }
    found = {name: kept[name[:200]] for name in names if name[:200] in kept}
    answer: dict[str, Any] = {"bodies": {name: draft.body for name, draft in found.items()}}
    if len(names) == 1:
        one = found.get(names[0])
        answer |= {"body": one.body, "updated_at": one.updated_at} if one else {"body": None}
    return JsonResponse(answer)


def keep_for(owner: str, request: HttpRequest) -> None:
    """What was still being typed when the session of its author ended; an empty form drops nothing then."""
    form, typed = request.POST.get("form", "")[:200], _typed(request)
    if form and any(any(values) for values in typed.values()):
        _keep(owner, form, typed)


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    return {name: request.POST.getlist(name) for name in request.POST if name not in NOT_TYPED}


def _keep(owner: str, form: str, typed: dict[str, list[str]]) -> HttpResponse:
    size = sum(len(value.encode(errors="replace")) for values in typed.values() for value in values)
    if size > MAX_BYTES:
        raise Invalid(
            {"": Problem("draft.too_long", _("This text is too long to keep as a draft. Save it in parts."))}
        )
    readable = {name: [value for value in values if is_storable(value)] for name, values in typed.items()}
    now = clock.now()
    Draft.objects.update_or_create(owner=owner, form=form, defaults={"body": readable, "updated_at": now})
    return JsonResponse({"saved_at": now})
