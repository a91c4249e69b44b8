"""What a patient opens with a one-time link: a page for nobody's eyes but theirs, without an account.

The secret stands in the address. It is what a sign-in is elsewhere, and so the forms need no other proof of where
they come from: ``no-referrer`` makes browsers withhold the origin that such a proof would ask for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.patient_account import patient_by_link
from clinic.common import clock
from clinic.common.errors import ClinicError, Invalid
from patients.models import OneTimeLink
from patients.operations.one_time_links import begin_link, keep_answers
from patients.rules.one_time_links import answered_of, link_of
from sessions.operations.answering import finish_answers
from sessions.reports.answering import Page, clinics_to_call, page_of, part_at
from sessions.rules.answer_words import WORDS, spoken
from sessions.rules.answering import Part, parts_of, read_posted, tells_of_suicide

View = Callable[..., HttpResponse]
LANGUAGE = "answer_language"
THANKED_FOR = timedelta(minutes=10)
LIMITS = {"guess": "30/5m/ip", "any": "600/5m/ip"}
"""Addresses that open nothing, and requests of any kind; the tablets of a clinic share one network address."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def for_a_patient(view: View) -> View:
    """Told to nobody else: not to caches, search engines, or the next page; and tried a limited number of times."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _may(request, "guess", dry_run=True) and _may(request, "any"):
            response = view(request, *args, **kwargs)
        else:
            response = _closed(request, "too_many", status=429)
        # Django would log the address of a refusal, and with it the secret of a link that still opens.
        response._has_been_logged = True  # type: ignore[attr-defined]
        response["Content-Security-Policy"] = POLICY
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "no-store, private"
        return response

    return guarded


def _may(request: HttpRequest, action: str, *, dry_run: bool = False) -> bool:
    # The library's public door counts no GET, and an address is guessed by nothing else.
    told: dict[str, Any] = {"action": action, "config": LIMITS, "limit_get": True, "dry_run": dry_run}
    return ratelimit.consume(request, app="answering", **told) is not None


def _language(request: HttpRequest, link: OneTimeLink | None = None) -> str:
    asked = request.GET.get("lang") or request.COOKIES.get(LANGUAGE) or (link.language if link else "")
    if not asked:
        asked = request.headers.get("Accept-Language", "")[:2]
    return spoken(asked)


def _closed(request: HttpRequest, why: str = "gone", *, status: int = 404) -> HttpResponse:
    """One sentence for every link that does not open, whatever the reason: it tells a stranger nothing."""
    if why == "gone":
        _may(request, "guess")
    language = _language(request)
    context = {"words": WORDS[language], "language": language, "why": why, "clinics": clinics_to_call()}
    return render(request, "sessions/answering/closed.html", context, status=status)


def _by(link: OneTimeLink) -> Actor:
    return patient_by_link(link_id=str(link.public_id), site_id=link.site_id)


@for_a_patient
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, secret: str) -> HttpResponse:
    """When answers are read and whom to call; then the first question."""
    now = clock.now()
    link = link_of(secret, now=now)
    if link is None:
        return _closed(request)
    if request.method == "POST":
        # A look at the page is not enough to count as opened: what shows previews of messages looks, too.
        try:
            with transaction.atomic():
                begin_link(link=link, by=_by(link), now=now)
        except ClinicError:
            return _closed(request)
        return redirect("sessions:answer-part", secret, "1")
    return _keeping(
        request, _render(request, "start", page_of(link, language=_language(request, link), now=now))
    )


@for_a_patient
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, secret: str, step: str) -> HttpResponse:
    """One page of questions; what stands on it is kept whichever button is pressed."""
    now = clock.now()
    link = link_of(secret, now=now)
    if link is None:
        if request.method == "POST" and answered_of(secret, now=now, within=THANKED_FOR):
            return redirect("sessions:answer-thanks", secret)
        return _closed(request)
    page = page_of(link, language=_language(request, link), now=now, step=step)
    if page.part is None:
        return redirect("sessions:answer", secret)
    if request.method != "POST":
        return _render(request, "part", page)
    try:
        return _sent(request, link, page, secret)
    except Invalid as error:
        page = page_of(link, language=page.language, now=now, step=step, posted=request.POST)
        return _render(request, "part", page, problem=page.words[_word_of(error)], status=422)
    except ClinicError:
        # Ended meanwhile, or the patient has left the site. What was typed is kept; a refusal in words for the staff
        # would tell a patient nothing.
        return _closed(request)


def _word_of(error: ClinicError) -> str:
    return {"link.empty": "empty", "link.words": "too_long"}.get(error.code, "wrong")


def _sent(request: HttpRequest, link: OneTimeLink, page: Page, secret: str) -> HttpResponse:
    now, by = clock.now(), _by(link)
    asked = part_at(parts_of(link, page.language, now=now, posted=True), str(page.number))
    assert asked is not None
    _kept(request, link, asked, page.language, by=by, now=now)
    if "back" in request.POST:
        return _to(secret, page.number - 1)
    if not page.is_last:
        return _to(secret, page.number + 1)
    with transaction.atomic():
        finish_answers(link=link, by=by, now=now)
    return redirect("sessions:answer-thanks", secret)


def _kept(
    request: HttpRequest, link: OneTimeLink, part: Part, language: str, *, by: Actor, now: datetime
) -> None:
    if not part.questions:
        return
    typed = read_posted(part, request.POST)
    with transaction.atomic():
        keep_answers(link=link, part=part.code, answers=typed, language=language, by=by, now=now)


def _to(secret: str, number: int) -> HttpResponse:
    """To a part, or to what stands before the first."""
    if number == 0:
        return redirect("sessions:answer", secret)
    return redirect("sessions:answer-part", secret, str(number))


@for_a_patient
@require_POST
def keep(request: HttpRequest, secret: str, step: str) -> HttpResponse:
    """Keep what stands on the page now, without leaving it; says whether help must be shown at once."""
    now = clock.now()
    link = link_of(secret, now=now)
    if link is None:
        _may(request, "guess")
        return JsonResponse({"kept": False}, status=404)
    language = _language(request, link)
    asked = part_at(parts_of(link, language, now=now, posted=True), step)
    if asked is None:
        return JsonResponse({"kept": False}, status=404)
    try:
        _kept(request, link, asked, language, by=_by(link), now=now)
    except ClinicError as error:
        return JsonResponse({"kept": False}, status=error.status)
    return JsonResponse({"kept": True, "help": tells_of_suicide(link.answers.select_related("wording"))})


@for_a_patient
@require_safe
def thanks(request: HttpRequest, secret: str) -> HttpResponse:
    """That the answers have arrived; nothing of what they amount to."""
    now = clock.now()
    link = answered_of(secret, now=now, within=THANKED_FOR)
    if link is None:
        return _closed(request)
    return _render(request, "thanks", page_of(link, language=_language(request, link), now=now))


def _render(
    request: HttpRequest, name: str, page: Page, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"page": page, "words": page.words, "language": page.language, "problem": problem}
    return render(request, f"sessions/answering/{name}.html", context, status=status)


def _keeping(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Remember the language that was asked for, for the pages that follow."""
    if asked := request.GET.get("lang"):
        response.set_cookie(
            LANGUAGE,
            spoken(asked),
            max_age=3600,
            path="/q/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response
