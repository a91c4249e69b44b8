"""What every test gets: its leg chosen, no network, an empty cache, and a data folder where it asks for one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from clinic.common.kept import forget
from tests import remembered
from tests.loopback import block_outside

IN_CI = os.environ.get("CI", "").lower() == "true"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SHARED = Path(__file__).resolve().parents[2] / "shared"

COMMITS = {"transactional_db", "live_server", "django_db_reset_sequences"}
TOUCHES_DATABASE = COMMITS | {"db", "admin_user", "admin_client", "django_db_setup", "scene", "scenes"}

# A slow minute on a shared machine is not a failure, and CI must not fail on luck.
hypothesis.settings.register_profile("laptop", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if IN_CI else "laptop")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only the tests that touch the database, and not in a browser: the second leg, on PostgreSQL",
    )


# First, so that `-m database` and `-m "not browser"` see the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        _mark(item)
    if not config.getoption("--database-only"):
        return
    wanted = [
        item
        for item in items
        if item.get_closest_marker("database") and not item.get_closest_marker("browser")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = wanted


def _mark(item: pytest.Item) -> None:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    django_db = item.get_closest_marker("django_db")
    test_case = getattr(getattr(item, "cls", None), "databases", None)
    if django_db or test_case or TOUCHES_DATABASE.intersection(fixtures):
        item.add_marker(pytest.mark.database)
    if "browser" in item.path.relative_to(item.config.rootpath).parts[1:-1]:
        item.add_marker(pytest.mark.browser)
    if (django_db and django_db.kwargs.get("transaction")) or COMMITS.intersection(fixtures):
        # Such a test ends with a flush, which also takes away what the migrations had put there: give it back.
        fixtures.append("django_db_serialized_rollback")
        if django_db:
            kept = {**django_db.kwargs, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(*django_db.args, **kept), append=False)


def pytest_report_header() -> str:
    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    return f"database: {engine}; chromium: {CHROMIUM or 'none, so the browser tests are skipped'}"


@pytest.fixture(scope="session", autouse=True)
def _no_outside_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        block_outside(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    # Sign-in limits are counted there, and one test's failed sign-ins are not another's.
    cache.clear()
    forget()


@pytest.fixture(autouse=True)
def _scenes_of_this_test(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _empty_cache: None
) -> None:
    asked = set(request.fixturenames)
    if COMMITS & asked:
        request.getfixturevalue("transactional_db")
    elif "db" in asked:
        request.getfixturevalue("db")
    remembered.begin(lambda: (len(monkeypatch._setattr), len(monkeypatch._setitem)))


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own, for settings and for processes that the test starts."""
    monkeypatch.setenv("CLINIC_DATA", str(tmp_path))
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of example files of other systems; it lies beside the repository, where it exists at all."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"no example files: {folder} is not there")
    return folder
