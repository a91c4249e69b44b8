"""Coming back in place: the switch between people of a shared device, and signing in again over an open page."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts import unsent, web_session
from clinic.accounts.devices import device_of
from clinic.accounts.forms.pins import EnterForm
from clinic.accounts.models import User
from clinic.accounts.operations.pins import enter_by_pin
from clinic.accounts.reports.devices import people_on, person_named, person_on
from clinic.accounts.sign_in import SignInForm
from clinic.common import clock, pages
from clinic.common.errors import Refused
from clinic.common.submitting import TYPED_BY_FIELD

WHY = "Clinic-Sign-In"
"""Header of an answer that asks an open page to sign somebody in before it goes on."""


def back_to(request: HttpRequest) -> str:
    """The page to return to: an address of ours, or the start."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("pin")
def switch(request: HttpRequest) -> HttpResponse:
    """Whoever has signed in on this trusted device lately comes back by a tap on their name and their PIN."""
    now = clock.now()
    device = device_of(request, now=now)
    problem, status = "", 200
    if request.method == "POST":
        form = EnterForm(request.POST)
        try:
            if form.is_valid():
                typed = form.cleaned_data
                _enter(request, person_on(device, typed["person"]), typed["pin"])
                return answer_entered(request)
            problem, status = _("Choose your name and type your PIN."), 422
        except Refused as refusal:
            problem, status = str(refusal), refusal.status
    context = {
        "device": device,
        "people": people_on(device, now=now),
        "chosen": request.POST.get("person", ""),
        "problem": problem,
        "next": back_to(request),
    }
    name = "accounts/_switch.html" if by_script(request) else "accounts/switch.html"
    return render(request, name, context, status=status)


def _enter(request: HttpRequest, user: User | None, pin: str) -> None:
    now = clock.now()
    device = device_of(request, now=now)
    by = request.actor or None  # type: ignore[attr-defined]
    user = enter_by_pin(device=device, user=user, pin=pin, by=by, now=now)
    web_session.begin(request, user, device=device)
    unsent.remind(request, user)


def answer_entered(request: HttpRequest) -> HttpResponse:
    """Who is signed in now: for a script with the token that the forms of its page need, else the way back."""
    if not by_script(request):
        return redirect(back_to(request))
    left = web_session.seconds_left(request, now=clock.now(), counts=True)
    return JsonResponse({**_present(request, left), "csrf": get_token(request)})


def _present(request: HttpRequest, left: int | None) -> dict[str, Any]:
    user: Any = request.user
    if not user.is_authenticated:
        return {"person": None, "name": "", "seconds_left": 0}
    return {"person": str(user.public_id), "name": user.display_name, "seconds_left": left}


@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and for how long if nothing happens; asking does not count as doing something."""
    return JsonResponse(_present(request, request.seconds_left))  # type: ignore[attr-defined]


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is there: the rest begins anew."""
    return JsonResponse(_present(request, request.seconds_left))  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("pin", "password")
def again(request: HttpRequest) -> HttpResponse:
    """The dialog over a page whose author was signed out, and its answer."""
    person = _asked_for(request)
    if request.method == "GET":
        return ask_again(request, status=200)
    if request.POST.get("pin"):
        try:
            _enter(request, person, request.POST["pin"])
        except Refused as refusal:
            return ask_again(request, status=refusal.status, problem=str(refusal))
        return answer_entered(request)
    login = person.username if person else request.POST.get("login", "")
    form = SignInForm({"login": login, "password": request.POST.get("password", "")}, request=request)
    if not form.is_valid():
        told = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return ask_again(request, status=422, problem=told)
    onward = form.login(request)
    if not request.user.is_authenticated or request.user != form.user:
        # Signing in has another step, such as a code from a phone; it has a page of its own.
        return JsonResponse({"continue": onward["Location"]})
    return answer_entered(request)


def ask_again(request: HttpRequest, *, status: int, problem: str = "") -> HttpResponse:
    """Ask whoever stands before an open page to sign in over it."""
    now = clock.now()
    person, gone = _asked_for(request), web_session.ended(request)
    device = device_of(request, now=now)
    offered = {one.person_id: one for one in people_on(device, now=now)}
    here: Any = request.user
    confirms = bool(person and here.is_authenticated and here == person)
    mine = offered.get(person.public_id) if person else None
    context = {
        "person": person,
        "by_pin": bool(mine and not mine.why_not and not confirms),
        "confirms": confirms,
        "gone": gone,
        "other": here if here.is_authenticated and not confirms else None,
        "problem": problem,
    }
    answer = render(request, "accounts/_again.html", context, status=status)
    answer[WHY] = "password" if confirms else "ended"
    return answer


def _asked_for(request: HttpRequest) -> User | None:
    """The person whom a page names as its own: only one whom this browser knows already is told by name."""
    gone, here = web_session.ended(request), request.user
    sent = {**request.GET.dict(), **request.POST.dict()}
    named = sent.get("person") or sent.get(TYPED_BY_FIELD)
    if not named:
        named = gone.person if gone else str(here.public_id) if here.is_authenticated else ""
    try:
        public_id = UUID(str(named))
    except ValueError:
        return None
    if here.is_authenticated and here.public_id == public_id:
        return here
    if gone and gone.person == str(public_id):
        return person_named(public_id)
    return person_on(device_of(request, now=clock.now()), public_id)


@login_required
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def confirm(request: HttpRequest) -> HttpResponse:
    """The password in a session that a PIN has opened; then back to what asked for it."""
    user: Any = request.user
    data = {"login": user.username, "password": request.POST.get("password", "")}
    form = SignInForm(data if request.method == "POST" else None, request=request)
    form.fields["login"].widget = form.fields["login"].hidden_widget()
    if form.is_valid():
        onward = form.login(request, redirect_url=back_to(request))
        return onward
    context = {"form": form, "next": back_to(request)}
    return render(request, "accounts/confirm.html", context, status=422 if form.errors else 200)


def confirm_page(request: HttpRequest) -> HttpResponse:
    """Lead to the page above; a form that asked for it is kept and can be sent from there."""
    if unsent.is_form(request):
        unsent.keep(request, person=str(request.user.public_id), now=clock.now())  # type: ignore[union-attr]
        onward = unsent.ADDRESS
    elif request.method == "GET":
        onward = request.get_full_path()
    else:
        onward = urlsplit(request.headers.get("Referer", "/")).path
    return redirect_to_login(onward, login_url=reverse("accounts:confirm"))


@login_required
@require_http_methods(["GET", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """What I typed before I was signed out and what was not stored: send it now, or drop it."""
    if request.method == "POST":
        unsent.drop(request.user, request.POST.get("draft", ""))
        return redirect("accounts:unsent")
    found = unsent.kept_for(request.user)
    return (
        render(request, "accounts/unsent.html", {"forms": found})
        if found
        else redirect(settings.LOGIN_REDIRECT_URL)
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before somebody else signed in says whose it is, instead of that it has expired."""
    made_for = request.POST.get(TYPED_BY_FIELD, "")
    here: Any = request.user
    if not here.is_authenticated or not made_for or made_for == str(here.public_id):
        return pages.csrf_failure(request, reason)
    if by_script(request):
        return ask_again(request, status=403)
    return render(request, "errors/other_person.html", {"person": _asked_for(request)}, status=403)


def by_script(request: HttpRequest) -> bool:
    """Whether a script of an open page asked, which goes on from the answer."""
    return "HX-Request" in request.headers or "Clinic-Script" in request.headers
