"""Which links were made for a patient, and how does each stand?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from patients.models import OneTimeLink, Patient
from patients.models.one_time_link import SIDE_EFFECTS
from patients.scoring.registry import CURRENT

MOST = 20


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as listed. ``LinkRow(UUID("…"), "Asked by staff", ("PHQ-9",), datetime(…), datetime(…), None, "sent",
    "Sent", True)``; times on the site's clocks."""

    public_id: UUID
    purpose: Any
    asked: tuple[str, ...]
    due_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    state: str
    state_label: Any
    may_revoke: bool


def link_rows(patient: Patient, *, actor: Actor, now: datetime) -> tuple[LinkRow, ...]:
    """The patient's last links, the newest first."""
    links = OneTimeLink.objects.for_user(actor).filter(patient=patient).select_related("site")
    return tuple(_row(link, now) for link in links[:MOST])


def _row(link: OneTimeLink, now: datetime) -> LinkRow:
    state, zone = link.state(now), link.site.zone
    return LinkRow(
        public_id=link.public_id,
        purpose=link.get_purpose_display(),
        asked=names_of(link.parts),
        due_at=link.due_at.astimezone(zone),
        expires_at=link.expires_at.astimezone(zone),
        answered_at=link.answered_at and link.answered_at.astimezone(zone),
        state=state.value,
        state_label=state.label,
        may_revoke=link.is_open(now),
    )


def names_of(parts: Iterable[str]) -> tuple[str, ...]:
    """What is asked, for staff to read."""
    return tuple(
        str(_("Side effects")) if part == SIDE_EFFECTS else CURRENT[part].name if part in CURRENT else part
        for part in parts
    )
