"""A network that a test can cut, and a server that a test can kill: real sockets, a real process.

The browser's own switch for "offline" leaves its service workers online, and a request that a test intercepts has not
been on any network. So the browsers of these tests reach the server over a wire of ours.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from django.db import connection

from tests.house.source import ROOT

PATIENCE = 60
SERVER = """
import sys
from django.conf import settings
database, port = sys.argv[1:]
settings.DATABASES["default"]["NAME"] = database
import django
django.setup()
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
application = StaticFilesHandler(get_wsgi_application())
run("127.0.0.1", int(port), application, threading=True)
"""


class Server:
    """The application in a process of its own, on the test's database; :meth:`kill` leaves it no time for anything."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = str(connection.settings_dict["NAME"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, database, str(self.port)],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "clinic.config.test_settings"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(self.port)
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


class Wire:
    """Passes bytes on between a port of its own and the server, until it is cut.

    Attributes:
        swallow: how many more answers to posts at an address with ``losing`` in it are lost on the way back, each
            after the server has done what was asked.
    """

    def __init__(self, server_port: int) -> None:
        self.server_port, self.port = server_port, free_port()
        self.swallow, self.losing = 0, b""
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Let everything through."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nothing gets through any more, nor does what is on its way."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() keeps a closed listener alive; shutting it down wakes that thread.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for one in list(self._open):
                close(one)
            self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                browser, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                close(browser)
                continue
            with self._lock:
                if self._listener is not listener:
                    close(browser)
                    close(server)
                    return
                self._open |= {browser, server}
            threading.Thread(target=self._ask, args=(browser, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, browser), daemon=True).start()

    def _ask(self, browser: socket.socket, server: socket.socket) -> None:
        try:
            while data := browser.recv(65536):
                server.sendall(data)
                if self.swallow and self._is_to_be_lost(data):
                    self.swallow -= 1
                    with self._lock:
                        self._open.discard(browser)
        except OSError:
            pass
        close(server)

    def _is_to_be_lost(self, data: bytes) -> bool:
        return data.startswith(b"POST ") and self.losing in data.partition(b"\r\n")[0]

    def _answer(self, server: socket.socket, browser: socket.socket) -> None:
        try:
            while data := server.recv(65536):
                with self._lock:
                    is_lost = browser not in self._open
                if is_lost:
                    break
                browser.sendall(data)
        except OSError:
            pass
        close(browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Until something listens there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def processes_with(text: str) -> list[int]:
    """The processes whose command line holds a text; for a browser that is to crash, found by its own folder."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    line: Any = file.read()
            except OSError:
                continue
            if text.encode() in line:
                found.append(int(name))
    return found
