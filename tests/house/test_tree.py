"""What stands where, and how big it is."""

import subprocess
from pathlib import PurePosixPath

import pytest

from tests.house.source import FLOORS, ROOT

TOP_LEVEL = {
    *FLOORS,
    "templates",
    "tests",
    "docs",
    "requirements",
    ".ci",
    "manage.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
}
LONGEST_FILE = 400
NAMELESS = {"utils", "util", "helpers", "helper", "misc", "lib"}


@pytest.fixture(scope="module")
def tracked() -> list[PurePosixPath]:
    """The files git holds, or would hold after `git add --all`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree")
    return [PurePosixPath(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_holds_the_house_and_what_tools_insist_on(tracked: list[PurePosixPath]) -> None:
    assert {path.parts[0] for path in tracked} <= TOP_LEVEL


def test_no_file_is_a_smell(tracked: list[PurePosixPath]) -> None:
    sources = [path for path in tracked if path.suffix in {".py", ".html", ".css", ".js"}]
    sources = [path for path in sources if "vendor" not in path.parts and "migrations" not in path.parts]
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_file_is_named_after_what_it_does(tracked: list[PurePosixPath]) -> None:
    assert [str(path) for path in tracked if path.stem in NAMELESS] == []


def test_tests_is_a_package() -> None:
    # Otherwise tests/sessions would be importable as `sessions` and hide the app.
    assert (ROOT / "tests" / "__init__.py").exists()


def test_requirements_name_no_server() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [path.name for path in locks] == ["dev.txt", "run.txt", "test.txt"]
    for path in locks:
        assert "://" not in path.read_text(), path.name
        assert "--hash=sha256:" in path.read_text(), path.name


def test_every_dependency_is_locked() -> None:
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    # With its extras: an older pip looks past the pin of a package that is asked for with an extra.
    locked = set(re.findall(r"^([a-z0-9-]+(?:\[[a-z,]+\])?)==", lock, re.MULTILINE))
    assert {re.split(r"[<>=]", item)[0] for item in wanted} <= locked
