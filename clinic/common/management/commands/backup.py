"""``manage.py backup FOLDER``: everything an installation cannot make again, copied while it works."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.common import clock
from clinic.common.backups import Backup, back_up
from clinic.common.errors import ClinicError
from clinic.common.models import JobRun


class Command(BaseCommand):
    help = "Copies the database and the files into a new folder below FOLDER, and checks the copy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where backups are kept; better on another disk")
        parser.add_argument(
            "--with-key",
            action="store_true",
            help="copy the secret key too; without it, people sign in anew after a restore and lose nothing else",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        run = JobRun.objects.create(name="backup", started_by="command", started_at=now)
        try:
            made = back_up(options["folder"], now=now, with_key=options["with_key"])
        except (ClinicError, OSError) as error:
            self._finish(run, JobRun.State.FAILED, error=str(error))
            raise CommandError(f"No backup was made. {error}") from None
        self._finish(run, JobRun.State.DONE, result={"folder": str(made.folder), "bytes": made.size})
        self.stdout.write(_line(made))

    def _finish(self, run: JobRun, state: JobRun.State, **told: Any) -> None:
        run.state, run.finished_at = state, clock.now()
        run.result, run.error = told.get("result", {}), told.get("error", "")
        run.save(update_fields=["state", "finished_at", "result", "error"])


def _line(made: Backup) -> str:
    database = "a database dump" if made.rows is None else f"{made.rows} rows"
    return f"{made.folder}: {database} and {made.files} files, {made.size} bytes, checked."
