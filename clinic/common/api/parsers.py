"""Reads JSON bodies; refuses what neither database could store, before any rule sees it."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from clinic.common.text import is_storable


class StrictJSONParser(JSONParser):
    """A JSON object without NaN, NUL or lone surrogates."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply. Send one flat object.")) from None
        if not isinstance(body, dict):
            raise ParseError(_("Send one JSON object."))
        if not _all_storable(body):
            raise ParseError(
                _(
                    "A text holds an unreadable character (NUL or half of a surrogate pair). Remove it and send again."
                )
            )
        return body


def _all_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(is_storable(name) and _all_storable(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(_all_storable(inner) for inner in value)
    return True
