"""Carriers of text messages that go wrong, each in one way; the settings name them by their path."""

import os
import signal

from clinic.common.messaging import FileSms, Message, NotSent, Unknown


class Busy:
    """Takes nothing now, and may later."""

    def send(self, message: Message) -> None:
        raise NotSent("503 busy", again=True)


class Refusing:
    """Will never take it."""

    def send(self, message: Message) -> None:
        raise NotSent("550 no such number", again=False)


class Silent:
    """Takes the message and does not answer."""

    def send(self, message: Message) -> None:
        FileSms().send(message)
        raise Unknown("TimeoutError")


class Broken:
    """Has a bug."""

    def send(self, message: Message) -> None:
        raise ZeroDivisionError


class Quoting:
    """Has a bug, and tells in its words whom it was writing to."""

    def send(self, message: Message) -> None:
        raise ValueError(f"cannot send {message.body!r} to {message.to}")


class Killed:
    """Takes the message, and then the whole process is gone."""

    def send(self, message: Message) -> None:
        FileSms().send(message)
        os.kill(os.getpid(), signal.SIGKILL)
