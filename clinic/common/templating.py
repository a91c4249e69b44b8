"""Templates as they are sent: without the indentation that only their authors need."""

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

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
