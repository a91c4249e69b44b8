"""``manage.py import_patients``: the import of another system's export, without the pages."""

from argparse import ArgumentParser
from typing import Any

from patients.management.import_command import ImportCommand
from patients.models import ImportBatch
from patients.reading.columns import FIELDS


class Command(ImportCommand):
    """Patients may be registered by a job: a registration has no author."""

    help = "Import patients from a CSV file of another system. The same file again creates nothing."
    kind = ImportBatch.Kind.PATIENTS
    job = "import_patients"
    fields = FIELDS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--other-system", default="", metavar="NAME", help="who gives other_identifier")

    def said(self, options: dict[str, Any]) -> dict[str, Any]:
        return super().said(options) | {"other_system": options["other_system"]}
