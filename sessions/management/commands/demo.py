"""``manage.py demo``: a clinic to look at, on this machine, in one command."""

import io
import os
import socket
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from clinic.common import clock
from sessions.demo.check_ins import ask_between_sessions
from sessions.demo.seeding import is_demo_only, seed


class Command(BaseCommand):
    """Migrate, seed the demo clinic or bring it up to today, and serve it."""

    help = "Make a demo clinic and serve it at http://127.0.0.1:8000 (run again to bring it up to today)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-server", action="store_true", help="only make the data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            self._again_as_demo(options["port"])
        if not options["no_server"]:
            _check_port(options["port"])
        call_command("migrate", verbosity=0)
        if not is_demo_only():
            raise CommandError(
                "This installation holds a real site. Set CLINIC_DATA to an empty folder for a demo."
            )
        self.stdout.write(
            "Making the demo clinic: invented patients, months of history. This takes about a minute."
        )
        self.stdout.flush()
        done = seed(now=clock.now())
        self.stdout.write(
            f"Added {done.patients} patients and {done.sessions} sessions in {done.steps} steps."
        )
        ask_between_sessions(now=clock.now())
        # What its timer would have done by now; a demo hands nothing to a real carrier.
        call_command("send_reminders", stdout=io.StringIO())
        if not options["no_server"]:
            self._serve(options["port"])

    def _again_as_demo(self, port: int) -> None:
        """Start over with demo mode on: the settings have been read without it."""
        arguments = [sys.executable, *sys.argv]
        url = os.environ.get("CLINIC_URL") or f"http://127.0.0.1:{port}"
        os.execve(sys.executable, arguments, {**os.environ, "CLINIC_DEMO": "1", "CLINIC_URL": url})

    def _serve(self, port: int) -> None:
        self.stdout.write(
            f"Open http://127.0.0.1:{port} - the sign-in page lists the accounts. Stop with Ctrl-C."
        )
        self.stdout.flush()
        # The server takes over this very process, so it is the parent that the other one outlives by a round at most.
        subprocess.Popen([sys.executable, sys.argv[0], "go_on_with_demo"])
        server = ["-m", "granian", "--interface", "wsgi", "--blocking-threads", "4", "--host", "127.0.0.1"]
        application = ["--port", str(port), "--no-ws", "clinic.config.wsgi:application"]
        os.execv(sys.executable, [sys.executable, *server, *application])


def _check_port(port: int) -> None:
    """Raises CommandError where something answers already: the server would share the port without a word."""
    with socket.socket() as probe:
        # Connections of a demo that was just stopped linger; only one that listens is in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"The port {port} is in use or may not be used ({error})."
                " Stop what runs there, or choose another one with --port."
            ) from None
