"""With what sentences a function may refuse: read off its code and the code of the functions that it uses."""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

PLACE = re.compile(r"%\((\w+)\)[-+0-9.]*[a-z]")
ROOM = "sessions."

Sentence = tuple[str, str]
"""A code and its words."""


@dataclass(slots=True)
class Refusals:
    """What was found.

    Attributes:
        sentences: each with its code, once, in the order in which the code comes to them.
        rights: names of :class:`clinic.accounts.permissions.Permission` that are asked for.
    """

    sentences: list[Sentence] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)


def refusals_of(*functions: Callable[..., Any] | None) -> Refusals:
    """The refusals of functions of this floor; those of the floors below are the same for every verb."""
    found, seen = Refusals(), set[Any]()
    for function in functions:
        if function is not None:
            _read(function, found, seen)
    return found


def _read(function: Callable[..., Any], found: Refusals, seen: set[Any]) -> None:
    plain = inspect.unwrap(function)
    if plain in seen or not isinstance(plain, FunctionType):
        return
    seen.add(plain)
    words: dict[str, str] = {}
    for node in _nodes_of(plain):
        if isinstance(node, ast.Assign):
            # ``message = _("...")``; the same name may stand for another sentence further down.
            words[_name(node.targets[0])] = _sentence(node.value)
        elif isinstance(node, ast.Call) and _name(node.func) == "Problem":
            _add_sentence(node, words, found)
        elif isinstance(node, ast.Attribute) and _name(node.value) == "Permission":
            found.rights.append(node.attr)
        elif isinstance(node, ast.Name | ast.Attribute):
            used = _resolved(node, plain.__globals__)
            if isinstance(used, FunctionType) and used.__module__.startswith(ROOM):
                _read(used, found, seen)


@functools.cache
def _nodes_of(function: FunctionType) -> tuple[ast.AST, ...]:
    """The syntax of a function: many verbs use the same ones."""
    return tuple(_in_order(ast.parse(textwrap.dedent(inspect.getsource(function)))))


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node in the order of the text; the syntax tree's own walk goes level by level."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _in_order(child)


def _add_sentence(call: ast.Call, words: dict[str, str], found: Refusals) -> None:
    code, message = call.args[0], call.args[1]
    text = _sentence(message) or words.get(_name(message), "")
    if isinstance(code, ast.Constant) and text:
        said = (str(code.value), PLACE.sub(r"*\1*", text).replace("%%", "%"))
        if said not in found.sentences:
            found.sentences.append(said)


def _sentence(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and _name(node.func) == "_" and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return ""


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _resolved(node: ast.Name | ast.Attribute, known: dict[str, Any]) -> Any:
    """The function that a name, or a name in a module, stands for."""
    if isinstance(node, ast.Name):
        return inspect.unwrap(value) if callable(value := known.get(node.id)) else None
    module = known.get(_name(node.value))
    value = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
    return inspect.unwrap(value) if callable(value) else None
