"""Django's ``migrate`` with the append-only guards dropped before and made again after."""

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections

from clinic.common import guards


class Command(MigrateCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        only_looking = options["plan"] or options["check_unapplied"]
        if only_looking:
            super().handle(*args, **options)
            return
        guards.drop(connection)
        try:
            super().handle(*args, **options)
        finally:
            guards.make(connection)
