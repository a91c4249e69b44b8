"""Django's ``flush``, which tests need between themselves and which a clinic must never run."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections

from clinic.common import guards


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        if not settings.ALLOW_FLUSH:
            raise CommandError("This database holds records that are kept. It is never flushed.")
        connection = connections[options["database"]]
        guards.drop(connection)
        try:
            super().handle(**options)
        finally:
            guards.make(connection)
