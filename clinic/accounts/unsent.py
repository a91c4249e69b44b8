"""Forms that came too late to be stored: their author had been signed out, or had to give the password first.

A page without JavaScript is left by sending its form. What was typed is then kept as a draft of its author, and after
signing in the very same form, under its own key, can be sent with one press.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from clinic.accounts.models import User
from clinic.common import outbox
from clinic.common.drafts import MAX_BYTES, keep_for
from clinic.common.errors import Invalid
from clinic.common.models import Draft
from clinic.common.submitting import DRAFT_FIELD, KEY_FIELD, PATIENT_FIELD, SECRETS, TYPED_BY_FIELD
from clinic.common.text import is_storable

KEPT = "Clinic-Kept"
"""Header of a form that the device has written down already and will send by itself."""

PREFIX = "unsent:"
ADDRESS = "/session/unsent/"
DRAFTS = "/drafts/"
NOT_SHOWN = {KEY_FIELD, PATIENT_FIELD, TYPED_BY_FIELD, DRAFT_FIELD, "revision"}


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was kept: where it is sent, the page on which it was typed, and every field as it came."""

    draft: str
    path: str
    page: str
    fields: tuple[tuple[str, str], ...]
    kept_at: datetime

    @property
    def typed(self) -> list[tuple[str, str]]:
        shown = [
            (name, value)
            for name, value in self.fields
            if value and name not in NOT_SHOWN and not _is_key(value)
        ]
        return [(name.replace("_", " ").replace(".", " ").capitalize(), value) for name, value in shown]


def is_form(request: HttpRequest) -> bool:
    """Whether it is one of our forms that nobody else keeps, and holds no secret: that is typed anew."""
    if request.method != "POST" or request.path.startswith("/api/") or is_draft(request):
        return False
    if {KEPT, outbox.HEADER} & request.headers.keys():
        return False
    return KEY_FIELD in request.POST and not SECRETS.intersection(request.POST)


def is_draft(request: HttpRequest) -> bool:
    """Whether a page saves what is being typed."""
    return request.method == "POST" and request.path == DRAFTS


def keep_draft(request: HttpRequest, *, person: str) -> None:
    """What was being typed when the session ended is its author's draft as before it."""
    # Too long to be kept is told when the page saves it again; here nobody would hear of it.
    if request.POST.get(TYPED_BY_FIELD) == person:
        with suppress(Invalid):
            keep_for(_owner(User.objects.get(public_id=person)), request)


def keep(request: HttpRequest, *, person: str, now: datetime) -> None:
    """Keep the form for the person whose page it was; files are not kept."""
    if request.POST.get(TYPED_BY_FIELD, person) != person:
        return
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and is_storable(value)
    ]
    if sum(len(value.encode()) for _name, value in fields) > MAX_BYTES:
        return
    user = User.objects.get(public_id=person)
    body = {"path": request.get_full_path(), "fields": fields, "page": _page_of(request)}
    draft = f"{PREFIX}{request.path}"[:200]
    Draft.objects.update_or_create(owner=_owner(user), form=draft, defaults={"body": body, "updated_at": now})


def _page_of(request: HttpRequest) -> str:
    """The page of ours that showed the form, as far as the browser tells."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() else ""


def _is_key(value: str) -> bool:
    """Whether it names something chosen from a list by what only the program reads."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def kept_for(user: Any) -> list[Unsent]:
    """What waits for somebody, the newest first."""
    found = Draft.objects.filter(owner=_owner(user), form__startswith=PREFIX).order_by("-updated_at")
    return [
        Unsent(
            draft=draft.form,
            path=draft.body["path"],
            page=draft.body.get("page", ""),
            fields=tuple((name, value) for name, value in draft.body["fields"]),
            kept_at=draft.updated_at,
        )
        for draft in found
    ]


def remind(request: HttpRequest, user: Any) -> None:
    """Whoever signs in is told that something of theirs waits, wherever the sign-in leads."""
    if Draft.objects.filter(owner=_owner(user), form__startswith=PREFIX).exists():
        told = _("Something that you sent before was not stored.")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', told, ADDRESS, _("Look at it")))


def drop(user: Any, draft: str) -> None:
    """Its author does not want it any more."""
    Draft.objects.filter(owner=_owner(user), form=draft, form__startswith=PREFIX).delete()


def _owner(user: Any) -> str:
    return f"user:{user.pk}"
