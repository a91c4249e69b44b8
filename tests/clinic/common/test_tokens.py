"""The colours: contrast by the formula of WCAG 2, in light and in dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "clinic" / "common" / "static" / "clinic" / "tokens.css"

SURFACES = ("paper", "sheet")
INKS = ("ink", "ink-2", "ink-3", "accent", "danger", "warning", "success", "info")
ON_SOFT = {
    "danger-soft": ("danger", "ink"),
    "warning-soft": ("warning", "ink"),
    "success-soft": ("success", "ink"),
    "info-soft": ("info", "ink"),
    "accent-soft": ("ink", "ink-2", "ink-3", "accent"),
    "accent": ("accent-ink",),
    "ink": ("paper",),
}
TEXT = [(ink, surface) for surface in SURFACES for ink in INKS]
TEXT += [(ink, surface) for surface, inks in ON_SOFT.items() for ink in inks]
SHAPES = [(shape, surface) for surface in SURFACES for shape in ("line-strong", "focus")]
"""What is no text but must be seen: the edge of a field, the ring of the focus."""


def blocks() -> list[dict[str, str]]:
    """The declarations of each rule of the file, in its order: light, dark by choice, dark by the device."""
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    bodies = re.findall(r"\{([^{}]*)\}", css)
    return [dict(re.findall(r"([\w-]+):\s*([^;]+);", body)) for body in bodies]


def themes() -> dict[str, dict[str, str]]:
    light, dark, _device = blocks()
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "surface"), TEXT)
def test_text_is_readable(theme: str, ink: str, surface: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[f"--{ink}"], colours[f"--{surface}"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "surface"), SHAPES)
def test_edges_and_focus_are_seen(theme: str, shape: str, surface: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[f"--{shape}"], colours[f"--{surface}"]) >= 3


def test_dark_by_choice_and_dark_by_the_device_are_the_same() -> None:
    _light, chosen, device = blocks()
    assert chosen == device


def test_dark_changes_every_colour() -> None:
    light, dark, _device = blocks()
    coloured = {name for name, value in light.items() if value.startswith("#")}
    assert coloured == {name for name in dark if name != "color-scheme"}
