"""Instants, days and wall clocks.

"Now" is taken once per operation, on the server. Everything stored is an aware instant in UTC; a site's own
zone is applied where people read or type. Ranges are half open: ``[start, end)``.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem


def now() -> datetime:
    """The server's clock, aware."""
    return timezone.now()


def local_date(at: datetime, zone: str) -> date:
    """The calendar day on which ``at`` falls at a place."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_range(day: date, zone: str) -> tuple[datetime, datetime]:
    """The half-open range of instants that is ``day`` at a place: 23, 24 or 25 hours long."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, time.min, tz)
    end = datetime.combine(day + timedelta(days=1), time.min, tz)
    return start.astimezone(UTC), end.astimezone(UTC)


def from_local(naive: datetime, zone: str, *, field: str = "", fold: int | None = None) -> datetime:
    """The instant at which a place's clocks show ``naive``.

    Args:
        fold: 0 or 1 picks the first or second of the two times when the clocks go back.

    Raises:
        Invalid: the clocks skip that time (``time.skipped``), or show it twice and ``fold`` was not given
            (``time.ambiguous``).
    """
    tz = ZoneInfo(zone)
    first, second = naive.replace(tzinfo=tz, fold=0), naive.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = {"time": naive.strftime("%H:%M"), "zone": zone}
    if first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != naive:
        message = _(
            "The clocks go forward that night: %(time)s does not exist in %(zone)s. Choose another time."
        )
        raise Invalid({field: Problem("time.skipped", message, shown)})
    if fold is None:
        message = _(
            "The clocks go back that night: %(time)s comes twice in %(zone)s. Say whether you mean the first or second."
        )
        raise Invalid({field: Problem("time.ambiguous", message, shown)})
    return (second if fold else first).astimezone(UTC)


def fold_of(at: datetime, zone: str) -> int | None:
    """Which one ``at`` is of two moments at which a place's clocks show the same, 0 or 1; None where there is one."""
    local = at.astimezone(ZoneInfo(zone))
    same = local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()
    return None if same else local.fold


def whole_minutes(span: timedelta) -> int:
    """Completed minutes in a span; negative spans count as 0."""
    return max(0, int(span.total_seconds() // 60))
