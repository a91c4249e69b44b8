"""What a tablet loads: a chairside page with everything that it names, and what one interaction brings, compressed."""

import gzip
import re
from collections.abc import Callable, Iterator

from django.contrib.staticfiles import finders

FIRST, EACH = 150, 15
"""Kilobytes that the first page and each interaction may weigh."""


def weights(get: Callable[..., str], session_id: object) -> Iterator[str]:
    """Two lines: the page with its styles and scripts; what saving brings into it, with the strip."""
    page = get(f"/sessions/{session_id}/")
    saved = get(f"/sessions/{session_id}/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="main")
    strip = get(f"/today/mine/?here={session_id}")
    named = set(re.findall(r'(?:src|href)="/static/([^"?]+)"', page))
    first = _kilobytes(page) + _kilobytes(strip) + sum(_kilobytes(_text_of(name)) for name in named)
    yield f"chairside page, first load: {first:.1f} KB compressed ({FIRST} allowed), {len(named)} files"
    yield f"chairside page, one interaction: {_kilobytes(saved) + _kilobytes(strip):.1f} KB ({EACH} allowed)"


def _text_of(name: str) -> str:
    # A name in the page carries the hash of its content.
    plain = re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name)
    found = finders.find(plain)
    if not isinstance(found, str):
        raise SystemExit(f"the page names {name}, which is not there")
    with open(found, encoding="utf-8") as file:
        return file.read()


def _kilobytes(text: str) -> float:
    return len(gzip.compress(text.encode(), 6)) / 1000
