"""What the settings read from the machine: flags, the database address, the secret key."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def flag(name: str) -> bool:
    """Whether an environment variable says yes (``1``, ``true``, ``yes``, ``on``)."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def database_settings(url: str, data_dir: Path) -> dict[str, Any]:
    """Settings of the one database: PostgreSQL when a URL is given, otherwise a SQLite file in ``data_dir``.

    Raises:
        ImproperlyConfigured: the URL is of another kind of database.
    """
    return _postgresql(url) if url else _sqlite(data_dir)


def _sqlite(data_dir: Path) -> dict[str, Any]:
    data_dir.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / "clinic.sqlite3",
        "OPTIONS": {
            # A deferred transaction that turns into a writer dies at once with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                # Without it INSERT OR REPLACE walks around the append-only triggers.
                "PRAGMA recursive_triggers=ON;PRAGMA foreign_keys=ON;"
            ),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {parts.scheme!r}; it must start with postgres://"
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket folder cannot stand in the host part of a URL; it comes as ?host=/run/postgresql.
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": query.get("port") or parts.port or "",
        "CONN_MAX_AGE": 3600,
        "CONN_HEALTH_CHECKS": True,
        # To plan a page's statements takes longer than to run them: a connection keeps the plans of those it has seen.
        # A pooler that hands each transaction to another connection has to be told so: ?prepare=no.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": None if query.get("prepare") == "no" else 2,
        },
    }


_MAIL = {
    "": "django.core.mail.backends.dummy.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_SMS = {"": "NoSms", "console": "ConsoleSms", "file": "FileSms"}


def email_settings(given: str, *, unset: str) -> dict[str, Any]:
    """What carries e-mail, from ``console``, ``file`` or the URL of a mail server.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    name = given or unset
    found: dict[str, Any] = {"host": "localhost", "port": 25, "user": "", "password": ""}
    found |= {"starttls": False, "tls": False}
    if name in _MAIL:
        return found | {"backend": _MAIL[name]}
    parts = urlsplit(name)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("CLINIC_EMAIL must be console, file, smtp://host:587 or smtps://host:465")
    tls = parts.scheme == "smtps"
    return {
        "backend": _SMTP,
        "host": parts.hostname,
        "port": parts.port or (465 if tls else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": not tls,
        "tls": tls,
    }


def sms_backend(given: str, *, unset: str) -> str:
    """The dotted path of what carries text messages.

    Raises:
        ImproperlyConfigured: it is no known word and no dotted path.
    """
    name = given or unset
    if name in _SMS:
        return f"clinic.common.messaging.{_SMS[name]}"
    if "." not in name:
        raise ImproperlyConfigured("CLINIC_SMS must be console, file, or the dotted path of a class")
    return name


def secret_key(data_dir: Path) -> str:
    """The signing key of this installation: from ``SECRET_KEY`` or made once and kept in ``data_dir``."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := get_random_secret_key())
    return key
