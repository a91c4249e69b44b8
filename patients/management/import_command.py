"""What the commands that import a file share: the file, the site, who does it, the columns, and what is printed."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common.errors import ClinicError
from clinic.facilities.models import Site
from patients.models import ImportBatch
from patients.models.import_batch import VERDICTS
from patients.operations.importing import map_columns, run_next_chunk, stage_import, start_import
from patients.reading.table import ENCODINGS, MAX_BYTES, too_big
from patients.reading.verdicts import Verdict, sentence
from patients.rules.importing import RIGHTS

LEFT_OUT = (Verdict.REFUSED, Verdict.POSSIBLE_DUPLICATE)


class ImportCommand(BaseCommand):
    """Stage, map, confirm and run an import in one go. Possible duplicates stay out: a person decides on them.

    Attributes:
        kind: what the file holds.
        job: the name of the job that does it where no person is named.
        fields: what a column may mean.
    """

    kind: ClassVar[str]
    job: ClassVar[str]
    fields: ClassVar[Iterable[str]]
    verdicts: ClassVar[tuple[Verdict, ...]] = tuple(Verdict)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV file whose first line names its columns")
        parser.add_argument("--site", required=True, metavar="CODE", help="the site that takes them in")
        parser.add_argument("--by", metavar="USERNAME", default="", help=self.help_on_by())
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help=f"what a column means, where the guess is wrong; nothing after = leaves it out. Fields: "
            f"{', '.join(self.fields)}",
        )
        parser.add_argument("--system", default="", metavar="NAME", help="the system that the ids come from")
        parser.add_argument("--date-order", default="", choices=["dmy", "mdy"], help="for 03/04/1980")
        parser.add_argument("--encoding", default="", choices=list(ENCODINGS), help="where it is not UTF-8")

    @staticmethod
    def help_on_by() -> str:
        return "who imports; otherwise a job does"

    def said(self, options: dict[str, Any]) -> dict[str, Any]:
        """What the operator says beside the columns, by its name in the operation."""
        return {"system": options["system"], "date_order": options["date_order"]}

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except ClinicError as refusal:
            raise CommandError(str(refusal)) from None

    def _import(self, options: dict[str, Any]) -> None:
        content = _content(options["file"])
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            known = ", ".join(Site.objects.values_list("code", flat=True)) or "none yet"
            raise CommandError(f"There is no site with the code {options['site']}. Sites: {known}.")
        by = self._actor(options["by"], site)
        batch = self._unfinished(site, content, by)
        if batch is None or options["dry_run"]:
            with transaction.atomic():
                batch = self._prepared(site, content, by, options)
                if options["dry_run"]:
                    self._report(batch)
                    self.stdout.write("Dry run: nothing was kept.")
                    transaction.set_rollback(True)
                    return
        while batch.state == ImportBatch.State.RUNNING:
            batch = run_next_chunk(batch=batch, by=by)
        self._report(batch)
        self.stdout.write(f"Created: {batch.created_count}")

    def _report(self, batch: ImportBatch) -> None:
        """Counts by verdict, then every row that stays out by its line: never a name, which a log would keep."""
        counts = batch.counts
        for verdict in self.verdicts:
            self.stdout.write(f"{VERDICTS[verdict]}: {counts[verdict.value]}")
        self.stdout.write(f"Rows: {counts['total']}")
        for row in batch.rows.filter(verdict__in=[verdict.value for verdict in LEFT_OUT]).order_by("line"):
            label = VERDICTS[Verdict(row.verdict)]
            why = " ".join(sentence(reason) for reason in row.reasons)
            self.stdout.write(f"Line {row.line}: {str(label).lower()}. {why}")

    def _actor(self, username: str, site: Site) -> Actor:
        if not username:
            return Actor.job(self.job, site_ids=[site.pk], permissions=RIGHTS[self.kind])
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is nobody active with the user name {username}.")
        return Actor.of_user(user)

    def _unfinished(self, site: Site, content: bytes, by: Actor) -> ImportBatch | None:
        """An import of the very same file at the site that was cut off: it goes on where it stopped."""
        digest = hashlib.sha256(content).hexdigest()
        running = ImportBatch.objects.for_user(by).filter(state=ImportBatch.State.RUNNING, kind=self.kind)
        return running.filter(site=site, file_digest=digest).first()

    def _prepared(self, site: Site, content: bytes, by: Actor, options: dict[str, Any]) -> ImportBatch:
        """Staged, mapped and started. Run inside a transaction, so that a refusal leaves nothing staged."""
        path: Path = options["file"]
        batch = stage_import(
            site=site,
            content=content,
            file_name=path.name,
            by=by,
            kind=self.kind,
            encoding=options["encoding"],
        )
        mapping = _mapping(batch.mapping, options["map"])
        mapped = map_columns(batch=batch, mapping=mapping, by=by, **self.said(options))
        return mapped if options["dry_run"] else start_import(batch=mapped, by=by)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise too_big()
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _mapping(guess: dict[str, str], told: list[str]) -> dict[str, str]:
    """The guess with what the operator says in place of it. A header may itself hold an equals sign."""
    mapping = dict(guess)
    for pair in told:
        header, equals, field = pair.rpartition("=")
        if not equals or not header:
            raise CommandError(f'Write --map "Header=field", not "{pair}".')
        mapping = {name: column for name, column in mapping.items() if column != header.strip()}
        if field.strip():
            mapping[field.strip()] = header.strip()
    return mapping
