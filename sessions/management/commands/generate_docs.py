"""``manage.py generate_docs``: the documents that are written from the code, and the check that they are fresh."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from sessions.management.documents.dictionary import data_dictionary
from sessions.management.documents.states import session_states

DOCUMENTS: dict[str, Callable[[], str]] = {
    "guide/session-states.md": session_states,
    "reference/data-dictionary.md": data_dictionary,
}


class Command(BaseCommand):
    """Write the documents, or with ``--check`` fail when one of them does not say what the code says."""

    help = "Write the documents that come from the code; with --check, only say which are stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
        parser.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs", help="the folder")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            texts = {options["docs"] / name: write() for name, write in DOCUMENTS.items()}
        stale = [path for path, text in texts.items() if _content(path) != text]
        if options["check"]:
            if stale:
                names = ", ".join(str(path) for path in stale)
                raise CommandError(f"Stale: {names}. Run manage.py generate_docs and commit the result.")
            return
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
            self.stdout.write(f"Wrote {path}")


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
