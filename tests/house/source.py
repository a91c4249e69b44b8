"""The source as the house tests read it: files, their syntax trees, and what an expression starts from."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("clinic", "patients", "sessions")
OUR_LABELS = {
    "common": "clinic",
    "audit": "clinic",
    "accounts": "clinic",
    "facilities": "clinic",
    "stock": "clinic",
    "patients": "patients",
    "infusion_sessions": "sessions",
}


@dataclass(frozen=True)
class Module:
    """One Python file, named by its path below the root."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def dotted(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=self.name)

    def functions(self) -> list[ast.FunctionDef]:
        """The functions of the module itself, not those inside classes."""
        return [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]

    def walk(self) -> Iterator[tuple[ast.AST, str]]:
        """Every node with the name of the outermost function or class it stands in ("" at the top)."""
        for outer in self.tree.body:
            name = getattr(outer, "name", "")
            for node in ast.walk(outer):
                yield node, name


@cache
def modules(*, migrations: bool = False) -> tuple[Module, ...]:
    """Every Python file of the three floors; the same objects at every call, so that each is parsed once."""
    if not migrations:
        return tuple(module for module in modules(migrations=True) if "migrations" not in module.path.parts)
    return tuple(
        Module(path) for path in sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    )


def rooms(*names: str) -> list[Module]:
    """The modules that are, or lie in, a room of one of these names: ``views.py`` as well as ``views/running.py``."""
    return [module for module in modules() if set(names) & set(module.dotted.split("."))]


def templates() -> list[Path]:
    folders = [ROOT / "templates", *(path for floor in FLOORS for path in (ROOT / floor).rglob("templates"))]
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in {".html", ".txt"}
    )


def chain(node: ast.expr) -> list[str]:
    """The names of a dotted and called expression from its start: ``A.objects.filter(x).get()`` gives
    ``["A", "objects", "filter", "get"]``; an expression that starts from anything but a name starts with ``""``.
    """
    names: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            names.append(node.id if isinstance(node, ast.Name) else "")
            return names[::-1]
