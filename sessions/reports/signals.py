"""What calls for somebody at a chair beyond the chart itself: open alerts, waits, a ride that is due, a silent tablet.

The board, the strip of my chairs and the wall read only this. Each source is asked here and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.facilities.models import Site
from sessions.rules.protocols import LimitLevel


@dataclass(frozen=True, slots=True)
class Signals:
    """What stands open at one session.

    Attributes:
        alert_level: the worst of the alerts that nobody has acknowledged; None: there is none.
        alert_since: when the oldest of that level was raised.
        waiting_until: the check waits until then, for ``waiting_reason``.
        ready_since: the patient may leave since then, and waits for the ride.
        offline_since: nothing has been heard from the chair's tablet since; what it has is unsent, not missed.

    Example: ``Signals(alert_level=LimitLevel.STOP, alert_count=2, alert_since=at)``
    """

    alert_level: LimitLevel | None = None
    alert_count: int = 0
    alert_since: datetime | None = None
    waiting_until: datetime | None = None
    waiting_reason: str = ""
    ready_since: datetime | None = None
    offline_since: datetime | None = None

    @property
    def is_stop(self) -> bool:
        return self.alert_level is LimitLevel.STOP

    @property
    def calls(self) -> bool:
        """Whether anything at all stands open."""
        return bool(self.alert_level or self.waiting_until or self.ready_since or self.offline_since)

    @property
    def changes_at(self) -> datetime | None:
        """When they are other ones by themselves, though nothing is written."""
        return self.waiting_until


NONE = Signals()


def signals_of(sessions: Sequence[Any], *, now: datetime) -> Mapping[int, Signals]:
    """By the inner key of the session, for those of the patients who are here that have any."""
    return {}


def mark_of(site: Site) -> str:
    """A text that changes with signals which no write at the site announces; part of the board's version."""
    return ""
