"""The form of an API token: a findable prefix, and a secret of which only the hash is stored."""

import hashlib
import hmac
import secrets
from datetime import datetime

from clinic.accounts.models import ApiToken

SCHEME = "clinic"


def digest(secret: str) -> str:
    """SHA-256 is enough for 256 random bits; a slow password hash would cost 100 MB on every request."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> tuple[str, str, str]:
    """A new token: prefix, secret, and the whole text that is shown once."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return prefix, secret, f"{SCHEME}_{prefix}_{secret}"


def find_valid(text: str, *, now: datetime) -> ApiToken | None:
    """The token of this text if it stands now and its owner may still enter."""
    scheme, _first, rest = text.partition("_")
    prefix, _second, secret = rest.partition("_")
    if scheme != SCHEME or not secret or len(prefix) != 12 or not prefix.isalnum() or not prefix.isascii():
        return None
    token = ApiToken.objects.select_related("user").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(token.digest, digest(secret)):
        return None
    return token if token.is_valid(now) and token.user.may_enter else None
