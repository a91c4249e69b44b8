"""Laws that are read off the syntax trees."""

import ast

import pytest

from tests.house.source import Module, chain, modules, rooms

CLOCK = "clinic/common/clock.py"
CLOCK_CALLS = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("datetime", "utcfromtimestamp"),
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
}


def ids(module: Module) -> str:
    return module.name


@pytest.mark.parametrize("module", modules(migrations=True), ids=ids)
def test_model_references_use_the_label_of_the_app(module: Module) -> None:
    texts = [
        node.value
        for node, _ in module.walk()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    wrong = [text for text in texts if text.startswith("sessions.") and text[9:10].isupper()]
    assert wrong == [], 'write "infusion_sessions.…"'


@pytest.mark.parametrize("module", [module for module in modules() if module.name != CLOCK], ids=ids)
def test_the_clock_is_read_in_one_place(module: Module) -> None:
    attributes = [node for node, _ in module.walk() if isinstance(node, ast.Attribute)]
    read = [f"line {node.lineno}" for node in attributes if tuple(chain(node)[-2:]) in CLOCK_CALLS]
    assert read == [], "take `now` from clinic.common.clock, once for each operation"


@pytest.mark.parametrize("module", rooms("views", "api"), ids=ids)
def test_views_and_routes_load_through_the_scope(module: Module) -> None:
    """Out of scope must be out of reach: rows come from ``Model.objects.for_user(actor)``."""
    scoped = {"for_user", "none"}
    attributes = [node for node, _ in module.walk() if isinstance(node, ast.Attribute)]
    onward = {id(node.value): node.attr for node in attributes}
    managers = [node for node in attributes if node.attr in {"objects", "_default_manager", "_base_manager"}]
    bare = [
        f"{'.'.join(chain(node))} in line {node.lineno}"
        for node in managers
        if onward.get(id(node)) not in scoped
    ]
    assert bare == []


@pytest.mark.parametrize("module", rooms("views", "api"), ids=ids)
def test_shortcuts_are_given_a_scoped_queryset(module: Module) -> None:
    calls = [node for node, _ in module.walk() if isinstance(node, ast.Call) and node.args]
    shortcuts = [node for node in calls if chain(node.func)[-1] in {"get_object_or_404", "get_list_or_404"}]
    bare = [
        f"line {node.lineno}"
        for node in shortcuts
        if isinstance(node.args[0], ast.Name) and node.args[0].id[0].isupper()
    ]
    assert bare == [], "a model class given to get_object_or_404 is searched whole"


@pytest.mark.parametrize("module", rooms("urls", "api_urls"), ids=ids)
def test_addresses_carry_public_ids(module: Module) -> None:
    texts = [
        node.value
        for node, _ in module.walk()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if "<int:" in text or "<pk" in text] == []
