"""A backup can be opened and used, holds what was there, and never half a backup or the key by accident."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clinic.audit.models import AuditEvent
from clinic.audit.recording import record
from clinic.common.backups import back_up
from clinic.common.errors import Conflict
from clinic.common.models import JobRun
from tests.house.source import ROOT
from tests.scenes import make_site, staff

# The copy is made by another connection, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
on_sqlite = connection.vendor == "sqlite"


@pytest.fixture
def installation(data_dir):
    """Some rows, and some files."""
    site = make_site()
    nurse = staff("nurse", site)
    with transaction.atomic():
        for _number in range(3):
            record(verb="place.tidied", subject=site, by=nurse, now=NOW, site=site)
    (data_dir / "files" / "scans").mkdir(parents=True)
    (data_dir / "files" / "scans" / "Ínês.pdf").write_bytes(b"%PDF")
    (data_dir / "files" / "letter.txt").write_text("Dear colleague")
    (data_dir / "secret_key").write_text("the key of this installation")
    return data_dir


@pytest.fixture
def target(tmp_path_factory):
    return tmp_path_factory.mktemp("backups")


def backup(target, *options):
    out = StringIO()
    call_command("backup", str(target), *options, stdout=out)
    (folder,) = [path for path in Path(target).iterdir() if not path.name.startswith(".")]
    return folder, out.getvalue()


def rows_of(database, table):
    with closing(sqlite3.connect(database)) as reader:
        return reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_it_holds_the_files_and_not_the_key(installation, target):
    folder, line = backup(target)
    copied = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder / "files").rglob("*")
        if path.is_file()
    }
    assert copied == {"files/scans/Ínês.pdf": b"%PDF", "files/letter.txt": b"Dear colleague"}
    assert not (folder / "secret_key").exists()
    assert line.startswith(f"{folder}: ") and line.count("\n") == 1
    assert "2 files" in line


def test_only_its_owner_may_enter_it(installation, target):
    folder, _line = backup(target, "--with-key")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_with_the_key_when_asked_for(installation, target, settings):
    folder, _line = backup(target, "--with-key")
    assert (folder / "secret_key").read_text() == settings.SECRET_KEY


def test_the_run_is_noted(installation, target):
    folder, _line = backup(target)
    run = JobRun.objects.get(name="backup")
    assert (run.state, run.error, run.result["folder"]) == (JobRun.State.DONE, "", str(folder))
    assert run.finished_at >= run.started_at


@pytest.mark.parametrize("where", ["files/backups", "files", "secret_key"])
def test_an_impossible_folder_is_refused_and_noted(installation, where):
    before = sorted(installation.rglob("*"))
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(installation / where), stdout=StringIO())
    assert sorted(installation.rglob("*")) == before
    run = JobRun.objects.get(name="backup")
    assert run.state == JobRun.State.FAILED and str(installation / where) in run.error


def test_two_in_one_second_do_not_mix(installation, target):
    back_up(target, now=NOW)
    with pytest.raises(Conflict) as caught:
        back_up(target, now=NOW)
    assert caught.value.code == "backup.exists"
    assert [path.name for path in target.iterdir()] == ["clinic-20260302T090500Z"]


def test_without_any_files_there_is_still_a_backup(data_dir, target):
    folder, line = backup(target)
    assert list((folder / "files").iterdir()) == []
    assert "0 files" in line


def manage(data_dir, *arguments):
    """The real command, on another installation."""
    environment = {
        **os.environ,
        "CLINIC_DATA": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
    }
    environment.pop("DATABASE_URL", None)
    environment.pop("SECRET_KEY", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not on_sqlite, reason="the copy of a PostgreSQL is a dump")
class TestSQLite:
    def test_the_copy_is_whole_and_guarded(self, installation, target):
        folder, line = backup(target)
        database = folder / "clinic.sqlite3"
        assert rows_of(database, "audit_event") == AuditEvent.objects.count() == 3
        assert " rows and " in line
        with (
            closing(sqlite3.connect(database)) as writer,
            pytest.raises(sqlite3.IntegrityError, match="append_only_audit_event"),
        ):
            writer.execute("DELETE FROM audit_event")

    def test_the_folder_is_an_installation(self, installation, target):
        folder, _line = backup(target)
        checked = manage(folder, "verify_audit")
        assert checked.stdout == "The audit log is whole: 3 events in 1 chains.\n", checked.stderr
        assert manage(folder, "migrate", "--check").returncode == 0

    def test_a_database_that_cannot_be_read_leaves_no_backup(self, installation, target, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "NAME", str(installation / "letter.txt"))
        with pytest.raises(Conflict) as caught:
            back_up(target, now=NOW)
        assert caught.value.code == "backup.sqlite"
        assert list(target.iterdir()) == []


@pytest.mark.skipif(on_sqlite, reason="a dump is made of a PostgreSQL only")
class TestPostgreSQL:
    def test_the_dump_can_be_restored(self, installation, target):
        folder, _line = backup(target)
        name, known = "restored_clinic", connection.settings_dict
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
        environment = {
            **os.environ,
            "PGUSER": known["USER"],
            "PGPASSWORD": known["PASSWORD"],
            "PGHOST": known["HOST"],
            "PGPORT": str(known["PORT"] or 5432),
        }
        restored = subprocess.run(
            ["pg_restore", "--no-owner", f"--dbname={name}", str(folder / "clinic.dump")],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert restored.returncode == 0, restored.stderr
        with connection.Database.connect(
            **{**connection.get_connection_params(), "dbname": name}, autocommit=True
        ) as other:
            assert other.execute("SELECT count(*) FROM audit_event").fetchone()[0] == 3
            with pytest.raises(connection.Database.IntegrityError, match="append_only_audit_event"):
                other.execute("DELETE FROM audit_event")

    def test_without_the_program_there_is_a_sentence(self, installation, target, monkeypatch):
        monkeypatch.setenv("PATH", str(target))
        with pytest.raises(CommandError, match="apt install postgresql-client"):
            call_command("backup", str(target), stdout=StringIO())
        assert list(target.iterdir()) == []
