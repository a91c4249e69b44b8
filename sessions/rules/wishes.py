"""How a course remembers what suits its patient: as JSON, with the chair by its public id."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import Chair
from sessions.rules.proposing import Wishes

OPEN = "open"
"""In place of a chair: it is assigned at check-in."""
LONGEST_SPACING = 365


def stored(
    *,
    weekdays: Iterable[int] = (),
    starts_from: time | None = None,
    starts_until: time | None = None,
    chair: str = "",
    first_day: date | None = None,
    spacing: int | None = None,
) -> dict[str, Any]:
    """The wishes as a course keeps them; ``chair`` is a public id, :data:`OPEN` or empty."""
    return {
        "weekdays": sorted(weekdays),
        "starts_from": f"{starts_from:%H:%M}" if starts_from else "",
        "starts_until": f"{starts_until:%H:%M}" if starts_until else "",
        "chair": chair,
        "first_day": first_day.isoformat() if first_day else "",
        "spacing": spacing,
    }


def read(kept: Mapping[str, Any], chairs: Iterable[Chair]) -> Wishes:
    """What a course has kept; a chair that is not among the given ones any more is no wish."""
    by_id = {str(chair.public_id): chair.pk for chair in chairs}
    chair = kept.get("chair", "")
    return Wishes(
        weekdays=frozenset(kept.get("weekdays", ())),
        starts_from=_time(kept.get("starts_from", "")),
        starts_until=_time(kept.get("starts_until", "")),
        chair=by_id.get(chair),
        leaves_chair_open=chair == OPEN,
        first_day=date.fromisoformat(kept["first_day"]) if kept.get("first_day") else None,
        spacing=kept.get("spacing"),
    )


def check_wishes(kept: Mapping[str, Any]) -> None:
    """Refuse what :func:`read` could not read back, and times in the wrong order.

    Raises:
        Invalid: ``wishes.unreadable``, or ``wishes.times`` at ``starts_until``, or ``wishes.spacing``.
    """
    try:
        wishes = read(kept, ())
        if kept["chair"] not in {"", OPEN}:
            uuid.UUID(kept["chair"])
        known = set(range(7)) >= wishes.weekdays and kept.keys() == stored().keys()
    except (AttributeError, KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise Invalid({"": Problem("wishes.unreadable", _("These wishes cannot be read."))})
    if wishes.starts_from and wishes.starts_until and wishes.starts_until < wishes.starts_from:
        message = _("The latest start cannot be before the earliest one.")
        raise Invalid({"starts_until": Problem("wishes.times", message)})
    if wishes.spacing is not None and not 1 <= wishes.spacing <= LONGEST_SPACING:
        message = _("Enter 1 to %(most)s days.")
        raise Invalid({"spacing": Problem("wishes.spacing", message, {"most": LONGEST_SPACING})})


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
