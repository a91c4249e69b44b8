"""Templates as they are sent: without the indentation that only their authors need, and their words looked up once."""

import re
from typing import Any

from django.template import Node, Origin
from django.template.loaders import app_directories, filesystem
from django.templatetags import i18n
from django.utils.translation import get_language

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class _Unindented:
    """Takes the blanks at the start of each line out of a page's source, once, when it is compiled.

    They are a twelfth of a chairside page as it is sent, and each is written out again at every rendering. The lines
    stay, so that an error still names the right one. What somebody has typed is no part of a source.
    """

    def get_contents(self, origin: Origin) -> str:
        source: str = super().get_contents(origin)  # type: ignore[misc]
        return _INDENTATION.sub("", source) if str(origin.template_name).endswith(".html") else source


class FilesystemLoader(_Unindented, filesystem.Loader):
    """The house's own templates."""


class AppLoader(_Unindented, app_directories.Loader):
    """Those of Django's forms and of the libraries."""


class _Words(Node):
    """A translation that depends on nothing but the language."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.texts: dict[str | None, str] = {}

    def render(self, context: Any) -> str:
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = self.node.render(context)
        return text


def do_translate(parser: Any, token: Any) -> Any:
    """Django's tag ``translate``, which looks fixed words up once in each language.

    A page says some hundred and fifty things that are the same for everybody, and Django asks its catalogue for each of
    them at every rendering: a tenth of what a board takes. Words that come from a variable, or that are put into one,
    are left to it.
    """
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    is_fixed = words.var.literal is not None and not words.filters
    return _Words(node) if is_fixed and not (node.asvar or node.message_context or node.noop) else node
