"""What the timeline of a session tells about its alerts: what was raised, what was done, what was taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.models import User
from sessions.models import Alert, AlertEntry
from sessions.reports.orders_timeline import Line
from sessions.rules.alerts import alert_words, entry_words

Kind = AlertEntry.Kind
TOLD = frozenset({Kind.ACKNOWLEDGED, Kind.ENDED, Kind.REOPENED, Kind.RETRACTED})
"""What became of an alert in the chart; to whom it was passed on stands with the alert."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something became of an alert, and by whom; nobody where it was raised by the chart itself."""

    taken_at: datetime
    entered_at: datetime
    taken_by: User | None = None

    @property
    def entered_by_id(self) -> int | None:
        """As every fact of the timeline has it."""
        return self.taken_by.pk if self.taken_by else None


def alert_lines(session: Any) -> Iterable[Line]:
    """The lines in no order, of a session whose chart is loaded; the timeline sorts them among its own."""
    for alert in session.alerts.all():
        entries = list(alert.entries.all())
        yield _raised(alert, is_struck=any(entry.kind == Kind.RETRACTED for entry in entries))
        yield from (_became(alert, entry) for entry in entries if entry.kind in TOLD)


def _raised(alert: Alert, *, is_struck: bool) -> Line:
    text = _("Alert: %(words)s") % {"words": alert_words(alert)}
    level = str(alert.get_level_display())
    detail = level if alert.is_live else _("%(level)s, for review") % {"level": level}
    moment = Moment(alert.raised_at, alert.raised_at)
    return alert.raised_at, "alert", text, detail, moment, is_struck


def _became(alert: Alert, entry: AlertEntry) -> Line:
    # Whoever wrote a reading within the limits has ended nothing: the chart has.
    by = entry.by if entry.kind == Kind.ACKNOWLEDGED or entry.kind == Kind.RETRACTED else None
    words = _("%(what)s (%(alert)s)") % {"what": entry_words(entry), "alert": alert_words(alert)}
    return entry.at, "alert", words, entry.note, Moment(entry.at, entry.at, by), False
