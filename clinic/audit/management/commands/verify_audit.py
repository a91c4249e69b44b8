"""``manage.py verify_audit``: whether the log of every site is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.audit.verify import verify_all


class Command(BaseCommand):
    help = "Walks the audit chain of every site and of the organisation. Exit status 1 names the first broken link."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_all()
        if verdict.broken:
            raise CommandError(f"The audit log is broken. {verdict.broken}", returncode=1)
        self.stdout.write(f"The audit log is whole: {verdict.events} events in {verdict.chains} chains.")
