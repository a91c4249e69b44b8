"""What calls for somebody at a chair beyond the chart itself: open alerts, waits, a ride that is due, a silent tablet.

The board, the strip of my chairs and the wall read only this. Each source is asked here and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sessions.reports.board_rows import BoardSession
from sessions.reports.check_waits import waiting_until
from sessions.rules.protocols import LimitLevel
from sessions.states import Status


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
        return self.alert_level in {LimitLevel.STOP, LimitLevel.EMERGENCY}

    @property
    def calls(self) -> bool:
        """Whether anything at all stands open."""
        return bool(self.alert_level or self.waiting_until or self.ready_since or self.offline_since)

    @property
    def changes_at(self) -> datetime | None:
        """When they are other ones by themselves, though nothing is written."""
        return self.waiting_until


NONE = Signals()


def signals_of(sessions: Sequence[BoardSession], silent: Mapping[int, datetime]) -> Mapping[int, Signals]:
    """By the inner key of the session, for those of the patients who are here that have any.

    One query, and none where the rows know that nobody waited.

    Args:
        silent: as :class:`sessions.reports.board_version.Standing` has them.
    """
    told: dict[int, dict[str, Any]] = {session.pk: {} for session in sessions}
    waited = [each.pk for each in sessions if each.state is Status.ARRIVED and each.has_waited]
    # Of nobody Django asks nothing, and takes as long to find that out as the database to answer.
    for pk, (moment, reason) in waiting_until(waited).items() if waited else ():
        told[pk] |= {"waiting_until": moment, "waiting_reason": reason}
    for session in sessions:
        if session.alert_level:
            told[session.pk]["alert_level"] = LimitLevel(session.alert_level)
            told[session.pk] |= {"alert_since": session.alert_since, "alert_count": session.alert_count}
        if session.state is Status.RECOVERING and session.ready_at:
            told[session.pk]["ready_since"] = session.ready_at
        if session.pk in silent:
            told[session.pk]["offline_since"] = silent[session.pk]
    return {pk: Signals(**found) for pk, found in told.items() if found}
