"""How another system signs in: ``Authorization: Bearer clinic_<prefix>_<secret>``."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic.accounts.actor import Actor
from clinic.accounts.tokens import find_valid
from clinic.common import clock


class TokenAuthentication(BaseAuthentication):
    """Sets ``request.actor`` to the token's owner, narrowed to the token's scopes."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = find_valid(given.strip(), now=clock.now())
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        request._request.actor = Actor.of_user(token.user, only=token.scopes)  # type: ignore[attr-defined]
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class WebSessionAuthentication(SessionAuthentication):
    """A signed-in browser may call the API too, with its CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        return TokenAuthentication.keyword


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class WebSessionScheme(OpenApiAuthenticationExtension):
    target_class = WebSessionAuthentication
    name = "browser"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
