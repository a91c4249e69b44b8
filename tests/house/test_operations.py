"""Every change says who makes it and leaves a line in the audit.

An operation is a public function of a room ``operations``. One that only other operations use is a step of theirs: it
may take what it likes, and it is its users that must record.
"""

import ast
from functools import cache

import pytest

from tests.house.source import Module, chain, modules, rooms

RECORDS = {"record", "save_record"}
# "module.function" -> why it writes no audit line.
SILENT: dict[str, str] = {
    "sessions.operations.calendar_feeds.note_read": "calendars ask every few minutes, and nothing is changed",
    "sessions.operations.presence.note_presence": "who looks at a page is no fact, and is swept away in minutes",
    "sessions.operations.tablets.note_contact": "every half minute from every tablet, and no fact of a chart",
    "sessions.operations.tablets.note_leaving": "the same",
}

Name = str  # "sessions.operations.running.start"


@cache
def functions() -> dict[Name, tuple[Module, ast.FunctionDef]]:
    """Every function of the operations rooms, by its full name."""
    return {
        f"{module.dotted}.{node.name}": (module, node)
        for module in rooms("operations")
        for node in module.functions()
    }


@cache
def imported(module: Module) -> dict[str, Name]:
    """What the names that a module has imported stand for, where they come from a room ``operations``."""
    imports = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
    found = [node for node in imports if "operations" in (node.module or "").split(".")]
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}" for node in found for alias in node.names
    }


def used(module: Module, node: ast.AST) -> set[Name]:
    """The functions of operations rooms that a piece of a module's code names."""
    known = imported(module)
    chains = [chain(inner) for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute)]
    local = {f"{module.dotted}.{names[0]}" for names in chains}
    foreign = {".".join([known[names[0]], *names[1:2]]) for names in chains if names[0] in known}
    plain = {known[names[0]] for names in chains if names[0] in known}
    return (local | foreign | plain) & functions().keys()


@cache
def steps() -> set[Name]:
    """Public functions that other operations use, and nobody else does."""
    rooms_of_operations = rooms("operations")
    outside = [module for module in modules() if module not in rooms_of_operations]
    from_outside = {name for module in outside for name in used(module, module.tree)}
    from_inside = {
        name
        for caller, (module, node) in functions().items()
        for name in used(module, node)
        if name != caller
    }
    return from_inside - from_outside


def operations() -> list[Name]:
    return [
        name for name in functions() if not name.rpartition(".")[2].startswith("_") and name not in steps()
    ]


@pytest.mark.parametrize("name", operations())
def test_operations_are_keyword_only_and_say_who(name: Name) -> None:
    arguments = functions()[name][1].args
    assert not arguments.posonlyargs and not arguments.args, "arguments of an operation are given by name"
    assert "by" in {argument.arg for argument in arguments.kwonlyargs}


@pytest.mark.parametrize("name", [name for name in operations() if name not in SILENT])
def test_operations_are_recorded(name: Name) -> None:
    assert records(name, seen=set()), "it reaches no record() and no save_record()"


def test_the_silent_ones_exist() -> None:
    assert SILENT.keys() <= functions().keys()


def records(name: Name, *, seen: set[Name]) -> bool:
    """Whether a function writes to the audit, itself or through the functions of operations rooms that it uses."""
    seen.add(name)
    module, node = functions()[name]
    calls = [chain(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    if any(names[-1] in RECORDS for names in calls):
        return True
    return any(records(inner, seen=seen) for inner in used(module, node) - seen)
