"""What a correction needs: a reason, and a row that still stands."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem


def standing(facts: Iterable[Any]) -> list[Any]:
    """Of all rows of one kind of fact, those that stand; rows that were loaded already are not asked for again."""
    rows = list(facts)
    superseded = {row.corrects_id for row in rows}
    return [row for row in rows if row.pk not in superseded and not row.retracted]


def check_can_correct(fact: Any, *, reason: str) -> None:
    """Raises Invalid ``reason.missing``, or Conflict ``correction.taken`` if another row corrects it already.

    The database holds the same law: ``corrects`` is unique.
    """
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say what was wrong."))})
    if fact.retracted or type(fact).objects.filter(corrects=fact).exists():
        message = _("This entry was corrected already. Reload the page and correct the one that stands.")
        raise Conflict(Problem("correction.taken", message))
