"""A copy of everything an installation cannot make again: its database and its files.

A backup is a folder that can be used as ``CLINIC_DATA`` as it is (SQLite) or holds a dump for ``pg_restore``. It is
made under another name and renamed when it is whole, so a folder of the final name is never half a backup. The
secret key stays out of it: who finds a backup shall not be able to sign anything in the clinic's name.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Problem

DATABASE_NAME = {"sqlite": "clinic.sqlite3", "postgresql": "clinic.dump"}


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: where, how many rows (unknown of a dump), how many files, how many bytes in all."""

    folder: Path
    rows: int | None
    files: int
    size: int


def back_up(target: Path, *, now: datetime, with_key: bool = False) -> Backup:
    """Write a backup into a new folder below ``target``.

    Raises:
        Conflict: the target lies inside the files to be copied, a tool is missing, or the copy is not sound.
    """
    _check_target(target)
    name = f"clinic-{now:%Y%m%dT%H%M%SZ}"
    final, partial = target / name, target / f".{name}.partial"
    if final.exists():
        raise _impossible("backup.exists", _("There is a backup called %(name)s already."), name=str(final))
    # It holds everything about every patient: nobody but its owner may enter.
    target.mkdir(parents=True, exist_ok=True)
    partial.mkdir(mode=0o700)
    try:
        rows = _copy_database(partial / DATABASE_NAME[connection.vendor])
        _copy_files(partial / "files")
        if with_key:
            _copy_key(partial / "secret_key")
        partial.rename(final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    copied = [path for path in (final / "files").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in final.rglob("*") if path.is_file())
    return Backup(folder=final, rows=rows, files=len(copied), size=size)


def _impossible(code: str, message: Any, **params: str) -> Conflict:
    return Conflict(Problem(code, message, params))


def _files() -> Path:
    return Path(settings.DATA_DIR) / "files"


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise _impossible("backup.target", _("%(name)s is a file; name a folder."), name=str(target))
    if target.resolve().is_relative_to(_files().resolve()):
        message = _("%(name)s lies inside the files to be copied. Choose another folder.")
        raise _impossible("backup.target", message, name=str(target))


def _copy_database(copy: Path) -> int | None:
    if connection.vendor == "postgresql":
        _dump_postgresql(copy)
        return None
    return _copy_sqlite(Path(connection.settings_dict["NAME"]), copy)


def _copy_sqlite(source: Path, copy: Path) -> int:
    try:
        # A connection of its own: it reads one committed state while the clinic goes on writing.
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader:
            reader.execute("VACUUM INTO ?", [str(copy)])
        copy.chmod(0o600)
        with closing(sqlite3.connect(copy)) as reader:
            return _checked_rows(reader)
    except sqlite3.Error as error:
        message = _("The database could not be copied: %(reason)s.")
        raise _impossible("backup.sqlite", message, reason=str(error)) from error


def _checked_rows(reader: sqlite3.Connection) -> int:
    found = [str(row[0]) for row in reader.execute("PRAGMA integrity_check")]
    dangling = [f"{row[0]} refers to nothing" for row in reader.execute("PRAGMA foreign_key_check")]
    if found != ["ok"] or dangling:
        message = _("The copy of the database is not sound: %(reason)s.")
        raise _impossible("backup.unsound", message, reason=[*dangling, *found][0])
    return sum(_rows(reader, table) for table in _tables(reader))


def _tables(reader: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [row[0] for row in reader.execute(query)]


def _rows(reader: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(reader.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])


def _dump_postgresql(copy: Path) -> None:
    known = connection.settings_dict
    names = {
        "PGDATABASE": "NAME",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGHOST": "HOST",
        "PGPORT": "PORT",
    }
    # By the environment, not by arguments: those can be read by everybody on the machine.
    given = {name: str(known[key]) for name, key in names.items() if known.get(key)}
    _run("pg_dump", "--format=custom", "--no-owner", "--no-password", f"--file={copy}", env=given)
    copy.chmod(0o600)
    _run("pg_restore", "--list", str(copy), env={})


def _run(name: str, *arguments: str, env: dict[str, str]) -> None:
    program = shutil.which(name)
    if program is None:
        message = _("%(name)s is missing here. Install PostgreSQL's client: apt install postgresql-client.")
        raise _impossible("backup.no_program", message, name=name)
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        message = _("%(name)s did not succeed: %(reason)s")
        raise _impossible("backup.program", message, name=name, reason=done.stderr.strip())


def _copy_files(copy: Path) -> None:
    if _files().is_dir():
        shutil.copytree(_files(), copy)
    else:
        copy.mkdir()


def _copy_key(copy: Path) -> None:
    descriptor = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(settings.SECRET_KEY)
