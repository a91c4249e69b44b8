"""How long a text of the chart may be."""

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

MAX_BYTES = 100_000


def check_length(text: str, *, field: str = "text") -> None:
    """Raises Invalid ``note.too_long`` over 100 kB."""
    size = len(text.encode())
    if size > MAX_BYTES:
        message = _("This text has %(size)s kB; at most 100 kB fit. Save it in parts.")
        raise Invalid({field: Problem("note.too_long", message, {"size": -(-size // 1000)})})
