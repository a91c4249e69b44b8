from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import SimpleLazyObject

from clinic.accounts import unsent, web_session
from clinic.accounts.actor import Actor
from clinic.accounts.devices import device_of
from clinic.accounts.views.entering import ask_again, by_script, confirm_page
from clinic.common import clock
from clinic.common.errors import PasswordNeeded

GetResponse = Callable[[HttpRequest], HttpResponse]

CHECK = "/session/"
POLL = "Clinic-Poll"
"""Header of a request that a page makes by itself: nobody has done anything."""


class WebSessionMiddleware(SessionMiddleware):
    """Django's, but whoever comes with the key of a session that is gone ends nobody else's.

    After a switch of users a page may still ask with the key of before. Django would answer with the end of the cookie,
    and the browser has the next person's in it by then. The old key opens nothing; it stays until there is a new one.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        answer = super().process_response(request, response)
        if not request.session.modified:
            answer.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return answer


class IdleMiddleware:
    """Ends a web session that rests too long, or whose PIN's device is trusted no more.

    A page that stands open is then told so, and asks whoever comes back to sign in over it. A form that came without
    JavaScript is kept for its author.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        request.seconds_left = None  # type: ignore[attr-defined]
        if request.user.is_authenticated and not self._stands(request):
            web_session.end(request)
        gone = web_session.ended(request)
        if gone and unsent.is_draft(request):
            unsent.keep_draft(request, person=gone.person)
        if gone and unsent.is_form(request):
            unsent.keep(request, person=gone.person, now=clock.now())
            if not by_script(request):
                return redirect_to_login(unsent.ADDRESS)
        response = self.get_response(request)
        if by_script(request) and not request.user.is_authenticated and _leads_to_sign_in(response):
            return ask_again(request, status=401)
        return response

    def _stands(self, request: HttpRequest) -> bool:
        now = clock.now()
        opened_on = web_session.opened_on(request)
        if opened_on:
            device = device_of(request, now=now)
            if device is None or str(device.public_id) != opened_on:
                return False
        counts = POLL not in request.headers and request.path != CHECK
        left = web_session.seconds_left(request, now=now, counts=counts)
        request.seconds_left = left  # type: ignore[attr-defined]
        return left > 0

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Pages of the account itself, such as a new password, are not for a session that a PIN has opened."""
        ways_in_and_out = {"account_login", "account_logout"}
        is_account = getattr(view, "__module__", "").startswith("allauth.")
        name = request.resolver_match.url_name if request.resolver_match else None
        if is_account and name not in ways_in_and_out and web_session.opened_on(request):
            return confirm_page(request)
        return None


class LockMiddleware:
    """Keeps a browser that was handed over to a patient at its questions; the way out is to sign in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path
        if not path.startswith(settings.STATIC_URL):
            kept = web_session.locked_to(request)
            if kept and not path.startswith(kept) and path not in self._ways_out():
                return redirect(kept)
        return self.get_response(request)

    def _ways_out(self) -> tuple[str, str]:
        return resolve_url(settings.LOGIN_URL), resolve_url("accounts:switch")


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))


class ActorMiddleware:
    """``request.actor``: the signed-in person with their rights, read once and only when asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None
    return Actor.of_user(request.user, by_pin=bool(web_session.opened_on(request)))


class PasswordMiddleware:
    """Asks for the password where a PIN is not enough, and keeps the form that asked for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, PasswordNeeded) or request.path.startswith("/api/"):
            return None
        if by_script(request):
            return ask_again(request, status=403)
        return confirm_page(request)
