"""Rows with a history are saved one by one: ``update()`` and ``bulk_create()`` would leave it with holes."""

import ast

import pytest
from django.apps import apps

from tests.house.source import Module, chain, modules

MANAGERS = {"objects", "_base_manager", "_default_manager"}
UNSEEN = {"update", "bulk_create", "bulk_update"}
# "module.py:function" -> why its rows need no history.
ALLOWED: dict[str, str] = {}


def tracked() -> set[str]:
    return {model.__name__ for model in apps.get_models() if hasattr(model, "history")}


def model_names() -> set[str]:
    return {model.__name__ for model in apps.get_models()}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_write_passes_by_the_history(module: Module) -> None:
    calls = [(node, place) for node, place in module.walk() if isinstance(node, ast.Call)]
    unseen = [(node, place) for node, place in calls if _passes_by_history(node)]
    found = [
        f"{module.name}:{place} (line {node.lineno})"
        for node, place in unseen
        if f"{module.name}:{place}" not in ALLOWED
    ]
    assert found == []


def _passes_by_history(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in UNSEEN:
        return False
    names = chain(call.func)
    if names[0] in model_names():
        return names[0] in tracked()
    # A queryset in a variable: a dictionary's update() takes a positional argument, a queryset's never does.
    return (
        call.func.attr != "update" or bool(MANAGERS & set(names)) or (bool(call.keywords) and not call.args)
    )


def test_the_exceptions_exist() -> None:
    places = {f"{module.name}:{place}" for module in modules() for _, place in module.walk()}
    assert ALLOWED.keys() <= places
