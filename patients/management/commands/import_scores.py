"""``manage.py import_scores``: past scores from another system's file, without the pages."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from patients.management.import_command import ImportCommand
from patients.models import Assessment, ImportBatch
from patients.reading.verdicts import Verdict
from patients.rules.score_columns import FIELDS


class Command(ImportCommand):
    """A score has an author, so a person is named for all but a dry run."""

    help = (
        "Import past scores of registered patients from a CSV file: answers or totals, found by record number, id or "
        "name and date of birth. The same file again creates nothing."
    )
    kind = ImportBatch.Kind.SCORES
    job = "import_scores"
    fields = FIELDS
    # Whoever is not registered at the site is not found.
    verdicts = tuple(verdict for verdict in Verdict if verdict is not Verdict.KNOWN_ELSEWHERE)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            default=None,
            metavar="YYYY-MM-DD",
            help="the one day of all rows, where no column holds it",
        )

    @staticmethod
    def help_on_by() -> str:
        return "who imports: the scores name that person. Only a dry run does without"

    def said(self, options: dict[str, Any]) -> dict[str, Any]:
        return super().said(options) | {"taken_on": options["date"]}

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["by"] and not options["dry_run"]:
            raise CommandError("A score names who imported it: add --by USERNAME, or --dry-run.")
        super().handle(*args, **options)

    def _report(self, batch: ImportBatch) -> None:
        super()._report(batch)
        made = Assessment.objects.filter(imported_in=batch, corrects=None, is_flagged=True)
        if flagged := made.count():
            reviews = made.filter(suicide_reviews__isnull=False).distinct().count()
            self.stdout.write(
                f"Answers on suicide: {flagged}; reviews opened: {reviews}. Look at the others."
            )
