"""Signing in: staff only, by accounts that an administrator has made."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.accounts import unsent, web_session
from clinic.accounts.actor import Actor
from clinic.accounts.devices import device_of
from clinic.accounts.operations.devices import join_device
from clinic.common import clock


class StaffAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, and the accounts of the demo open nothing outside demo mode."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """After the password: a full session, and on a trusted device a PIN is enough next time."""
        super().login(request, user)
        web_session.began_with_password(request)
        unsent.remind(request, user)
        now = clock.now()
        if (device := device_of(request, now=now)) is not None:
            join_device(device=device, by=Actor.of_user(user), now=now)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        # The adapter hands out closed accounts too, for a page that tells them apart from a wrong password.
        return user if user is not None and user.may_enter else None


class StaffBackend(AuthenticationBackend):
    """Asked at every request of a web session: one that began before an account was closed ends with it."""

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.may_enter)


class SignInForm(LoginForm):
    """User name and password; a shared tablet never remembers anybody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        # A forgotten password is reset by an administrator, on the person's page.
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        )
