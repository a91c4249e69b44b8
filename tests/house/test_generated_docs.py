"""Documents that are written from the code say what the code says, and the check notices when they do not."""

import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from sessions.management.commands.generate_docs import DOCUMENTS
from sessions.management.documents.dictionary import data_dictionary
from sessions.management.documents.states import session_states
from sessions.rules import transitions
from sessions.states import TRANSITIONS, Action, Status
from tests.house.source import FLOORS, ROOT


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A fresh copy of the documents."""
    copy = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", copy)
    generate(copy)
    return copy


def generate(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("generate_docs", "--docs", str(folder), *options, stdout=out)
    return out.getvalue()


def test_the_documents_are_fresh() -> None:
    generate(ROOT / "docs", "--check")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_check_notices_a_stale_one_and_a_missing_one(docs: Path, name: str) -> None:
    generate(docs, "--check")
    document = docs / name
    document.write_text(document.read_text(encoding="utf-8").replace("session", "visit", 1), encoding="utf-8")
    with pytest.raises(CommandError, match=document.name):
        generate(docs, "--check")
    document.unlink()
    with pytest.raises(CommandError, match=document.name):
        generate(docs, "--check")
    assert generate(docs) == f"Wrote {document}\n"
    generate(docs, "--check")


def test_they_are_the_same_at_every_run() -> None:
    assert [write() for write in DOCUMENTS.values()] == [write() for write in DOCUMENTS.values()]
    assert not [text for text in (write() for write in DOCUMENTS.values()) if str(ROOT) in text]


def test_the_diagram_draws_every_transition_once() -> None:
    diagram = session_states()
    drawn = re.findall(r"^ {4}(\w+) --> (\w+): ([\w-]+)( \(departure\))?$", diagram, re.MULTILINE)
    expected = [
        (source, row.target, row.action, departs)
        for row in TRANSITIONS.values()
        for departs, sources in (("", row.sources), (" (departure)", row.departs_from))
        for source in sources
    ]
    assert sorted(drawn) == sorted(expected)
    assert all(f" as {status}" in diagram for status in Status)


def test_the_table_holds_every_sentence_of_a_gate() -> None:
    """A gate whose sentences the reader cannot follow would leave an empty cell."""
    cells = dict(re.findall(r"^\| `([\w-]+)`: .* \| ([^|]+) \|$", session_states(), re.MULTILINE))
    assert set(cells) == set(Action)
    assert [action for action in transitions.GATES if cells[action] == "-"] == []
    for action, says in {
        Action.ARRIVE: "This patient is recorded as deceased.",
        Action.CLEAR: "There is no consent in date for this course.",
        Action.START: "*chair* is in use by another patient.",
        Action.PAUSE: "The infusion's times would be out of order",
        Action.END: "Say whether it was completed or stopped early.",
        Action.DISCHARGE: "Observe until *time*",
        Action.CANCEL: "Give a reason.",
        Action.NO_SHOW: "Wait until *time*",
    }.items():
        assert says in cells[action]


def test_the_dictionary_holds_every_table_and_column_of_ours() -> None:
    written = data_dictionary()
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]
    assert len(ours) > 40
    assert [model._meta.db_table for model in ours if f"`{model._meta.db_table}`" not in written] == []
    for model in ours:
        if not hasattr(model, "instance_type"):
            section = written.split(f"### `{model._meta.db_table}`\n")[1].split("\n### ")[0]
            columns = [field.column for field in model._meta.concrete_fields]
            assert [column for column in columns if f"| `{column}` |" not in section] == []
            assert [item.name for item in model._meta.constraints if f"`{item.name}`: " not in section] == []
