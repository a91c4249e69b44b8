"""The contracts of the floors are in pyproject.toml and run by import-linter; these keep the contracts complete."""

import re
import tomllib
from typing import Any

import pytest

from tests.house.source import FLOORS, ROOT

CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]
APPS = next(contract for contract in CONTRACTS if contract["name"].startswith("Inside an app"))
# Rooms that every module of the app may use, or that hold no code of the app's story.
BESIDE = {"__init__", "apps", "migrations", "static", "templates"}


def rooms_of(app: str) -> set[str]:
    folder = ROOT / app.replace(".", "/")
    modules = {path.stem for path in folder.glob("*.py")}
    packages = {path.name for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    return (modules | packages) - BESIDE


def test_every_app_with_models_and_operations_is_under_the_contract() -> None:
    found = {path.parent for floor in FLOORS for path in (ROOT / floor).rglob("operations") if path.is_dir()}
    assert {path.relative_to(ROOT).as_posix().replace("/", ".") for path in found} <= set(APPS["containers"])


@pytest.mark.parametrize("app", ["patients", "sessions"])
def test_every_room_has_its_place(app: str) -> None:
    """A room without a place in the order could import anything, and be imported by anything."""
    known = {name for layer in APPS["layers"] for name in re.findall(r"\w+", layer)}
    assert rooms_of(app) - known == set()
