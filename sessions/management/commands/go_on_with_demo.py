"""``manage.py go_on_with_demo``: what the demo's staff do while one looks; started by ``manage.py demo``."""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from clinic.common import clock
from sessions.demo.live import go_on


class Command(BaseCommand):
    """Do what is due, again and again, for as long as the process that started this one lives."""

    help = "Go on with the demo's patients in real time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=15, help="seconds between two rounds")
        parser.add_argument("--once", action="store_true", help="one round only")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Only a demo goes on by itself.")
        parent = os.getppid()
        while True:
            try:
                done = go_on(now=clock.now())
            except OperationalError:
                done = 0
            if options["once"]:
                self.stdout.write(f"Took {done} steps.")
                return
            connection.close()
            time.sleep(options["every"])
            if os.getppid() != parent:
                return
