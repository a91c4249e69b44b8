"""Handing a message to whatever carries it: e-mail through Django's backend, text messages through a pluggable one.

A carrier answers in one of three ways: it has taken the message, it has certainly not taken it (:class:`NotSent`), or
nobody can tell (:class:`Unknown`), as when the line breaks after the last word. What follows from that is the
caller's to decide.

Another carrier of text messages is a class with the method :meth:`Sms.send`, named by its dotted path in
``CLINIC_SMS``.
"""

import logging
import os
import secrets
import smtplib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

LONGEST_REASON = 200
NO_EMAIL = "django.core.mail.backends.dummy.EmailBackend"
"""What an installation has that names no mail server: it takes everything and sends nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. ``reference`` names it at the carrier's, the same at every try."""

    to: str
    body: str
    reference: str
    subject: str = ""


class NotSent(Exception):
    """The carrier has certainly not taken the message.

    Attributes:
        again: whether another try can help.
    """

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason[:LONGEST_REASON])
        self.again = again


class Unknown(Exception):
    """Nobody can tell whether the carrier has taken the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason[:LONGEST_REASON])


class Sms(Protocol):
    """A carrier of text messages."""

    def send(self, message: Message) -> None:
        """Hand one message over. Raises NotSent, Unknown."""


class NoSms:
    """What an installation has that names no carrier."""

    def send(self, message: Message) -> None:
        raise NotSent("No carrier of text messages is set up here (CLINIC_SMS).", again=False)


class ConsoleSms:
    """Writes to the standard output and reaches nobody: for development and the demo."""

    def send(self, message: Message) -> None:
        sys.stdout.write(f"Text message to {message.to}: {message.body}\n")


class FileSms:
    """Writes each message into a file of its own below the data folder and reaches nobody."""

    def send(self, message: Message) -> None:
        folder = Path(settings.DATA_DIR) / "messages"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name of its own for every try, so that a message handed over twice is seen to be.
        path = folder / f"{message.reference}-{secrets.token_hex(4)}.txt"
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{message.to}\n\n{message.body}\n")


def carry(message: Message, *, by_sms: bool) -> "NotSent | Unknown | None":
    """Give a message to its carrier; None when it was taken. Nothing that a carrier does stops the other messages."""
    try:
        (send_sms if by_sms else send_email)(message)
    except (NotSent, Unknown) as error:
        return error
    except Exception as error:
        # A carrier is somebody else's code. Where it broke is logged, and not its own words: they may quote the
        # patient's address or the message.
        where = "".join(traceback.format_tb(error.__traceback__))
        name = type(error).__name__
        logger.error("a carrier broke on message %s: %s\n%s", message.reference, name, where)
        return Unknown(name)
    return None


def send_sms(message: Message) -> None:
    """Hand a text message to the carrier of the settings. Raises NotSent, Unknown."""
    carrier: Sms = import_string(settings.SMS_BACKEND)()
    carrier.send(message)


def send_email(message: Message) -> None:
    """Hand an e-mail to Django's backend. Raises NotSent, Unknown."""
    if settings.EMAIL_BACKEND == NO_EMAIL:
        raise NotSent("E-mail is not set up here (CLINIC_EMAIL).", again=False)
    connection = get_connection()
    _opened(connection)
    try:
        _mail(message, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotSent(_said(code, said), again=code < 500) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(_said(error.smtp_code, error.smtp_error), again=error.smtp_code < 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unknown(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _opened(connection: object) -> None:
    """Whoever could not connect has sent nothing; after that, a broken line says nothing."""
    try:
        connection.open()  # type: ignore[attr-defined]
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(
            f"The mail server cannot be reached. {type(error).__name__}: {error}", again=True
        ) from error


def _mail(message: Message, connection: object) -> EmailMessage:
    # The name of the message is ours: Django's would ask the network for this machine's, and a second try should
    # be known as the same message.
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    headers = {"Message-ID": f"<{message.reference}@{domain}>", "Auto-Submitted": "auto-generated"}
    # A line end in a subject would begin a header.
    subject = " ".join(message.subject.split())
    return EmailMessage(subject, message.body, to=[message.to], headers=headers, connection=connection)  # type: ignore[arg-type]


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {text}"
