"""Templates: all compile, and none needs what the content security policy forbids."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.house.source import ROOT, templates

FORBIDDEN = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx attribute that is evaluated": re.compile(
        r"hx-on\b|hx-vals\s*=\s*[\"']js:|hx-trigger\s*=\s*\"[^\"]*\[", re.IGNORECASE
    ),
    "other people's server": re.compile(
        r"(?:src|action|hx-(?:get|post))\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE
    ),
}


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", templates(), ids=ids)
def test_it_compiles(path: Path) -> None:
    engines["django"].from_string(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in templates() if path.suffix == ".html"], ids=ids)
def test_it_keeps_to_the_content_security_policy(path: Path) -> None:
    text = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", templates(), ids=ids)
def test_a_comment_ends_on_its_line(path: Path) -> None:
    """Django reads ``{# … #}`` on one line only; a longer one stands on the page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.count("{#") != line.count("#}")] == []


@pytest.mark.parametrize("path", templates(), ids=ids)
def test_the_houses_words_come_after_djangos(path: Path) -> None:
    """Both libraries have a tag ``translate``: the one that is loaded last counts."""
    loaded = " ".join(re.findall(r"{% load ([^%]*)%}", path.read_text(encoding="utf-8"))).split()
    assert "ui" not in loaded or "i18n" not in loaded[loaded.index("ui") :]
