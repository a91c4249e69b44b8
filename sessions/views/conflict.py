"""Two people move one booking: what each of them wants, side by side."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.common.errors import Stale
from sessions.forms.booking import BookingForm
from sessions.models import InfusionSession


@dataclass(frozen=True, slots=True)
class Version:
    """Where a booking stands, or is to stand; without a chair it is decided at check-in."""

    starts_at: datetime
    chair: Any


@dataclass(frozen=True, slots=True)
class Versions:
    """What is stored now, by whom and since when, beside what was typed and is not stored."""

    theirs: Version
    mine: Version
    changed_by: Any
    changed_at: datetime

    @property
    def are_alike(self) -> bool:
        return self.theirs == self.mine


def changed_meanwhile(form: BookingForm, session: InfusionSession) -> Versions | None:
    """Both versions after an edit that was refused because somebody else was first; else None."""
    if not isinstance(getattr(form, "refusal", None), Stale):
        return None
    held = session.booking
    last = held.history.select_related("history_user").latest("history_id")
    chair = None if held.is_chair_provisional else session.chair
    return Versions(
        theirs=Version(session.scheduled_start, chair),
        mine=Version(form.instant, form.chosen_chair),
        changed_by=last.history_user,
        changed_at=last.history_date,
    )
