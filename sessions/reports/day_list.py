"""A site's opening and closing list as it stands today."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.models import Alert, DayListAnswer, InfusionSession
from sessions.rules.day_list import DAY_ITEMS, DayItem


@dataclass(frozen=True, slots=True)
class DaySignals:
    """What the record itself knows of the day; None where nothing keeps count of it.

    Attributes:
        prescriber: who answers for the day, in words.
        channels: how the test of the alert channels went, in words; empty before it.
        channels_ok: whether all of them were delivered.
        unwitnessed: wasted drugs that still wait for their witness.
        unsent: entries that tablets have not sent.
    """

    prescriber: str | None = None
    channels: str | None = None
    channels_ok: bool = False
    unwitnessed: int | None = None
    unsent: int | None = None


@dataclass(frozen=True, slots=True)
class DayLine:
    """One item: answered by a person, by the record, or still open.

    Attributes:
        is_ok: None while it is open or cannot be known.
        words: what was found.
    """

    item: DayItem
    is_ok: bool | None
    words: str = ""
    answer: Any = None

    @property
    def is_settled(self) -> bool:
        """Whether nobody need look at it again; what is not in order and said stays in sight but is answered."""
        return bool(self.is_ok) or self.answer is not None


@dataclass(frozen=True, slots=True)
class DayLists:
    """Both lists of a site's day."""

    day: date
    opening: list[DayLine]
    closing: list[DayLine]

    @property
    def opening_open(self) -> int:
        return sum(not line.is_settled for line in self.opening)

    @property
    def closing_open(self) -> int:
        return sum(not line.is_settled for line in self.closing)


def day_lists(site: Site, *, actor: Actor, now: datetime, signals: DaySignals) -> DayLists:
    """Both lists, in the same few queries whatever has been answered."""
    day = clock.local_date(now, site.time_zone)
    rows = DayListAnswer.objects.for_user(actor).filter(site=site, local_date=day)
    answers = {row.item: row for row in rows.select_related("taken_by")}
    automatic = _automatic(site, day, actor, signals)
    lines = [_line(item, answers.get(item.code), automatic) for item in DAY_ITEMS]
    opening = [line for line in lines if line.item.moment == DayListAnswer.Moment.OPENING]
    closing = [line for line in lines if line.item.moment == DayListAnswer.Moment.CLOSING]
    return DayLists(day, opening, closing)


def _line(item: DayItem, answer: Any, automatic: dict[str, tuple[bool | None, str]]) -> DayLine:
    if item.is_automatic:
        return DayLine(item, *automatic[item.code])
    if answer is None:
        return DayLine(item, None)
    return DayLine(item, answer.outcome != DayListAnswer.Outcome.NOT_OK, answer.note, answer)


def _automatic(
    site: Site, day: date, actor: Actor, signals: DaySignals
) -> dict[str, tuple[bool | None, str]]:
    sessions = InfusionSession.objects.for_user(actor).filter(site=site)
    here = sessions.on_day(day, site).present().count()
    unsigned = sessions.on_day(day, site).unsigned().count()
    of_today = Alert.objects.for_user(actor).filter(session__site=site, session__local_date=day)
    waiting, unanswered = of_today.open().count(), _by_patient(of_today.unanswered())
    contacts = bool(site.emergency_number and site.address)
    return {
        "prescriber": (bool(signals.prescriber), signals.prescriber or _("nobody named")),
        "emergency-number": (
            contacts,
            site.emergency_number if contacts else _("an administrator enters both under Sites"),
        ),
        "alert-channels": (signals.channels_ok, signals.channels or _("not tested today")),
        "nobody-present": (
            not here,
            ngettext("%(n)s patient is here", "%(n)s patients are here", here) % {"n": here} if here else "",
        ),
        "unsent": _counted(
            signals.unsent,
            ngettext("%(n)s tablet is silent", "%(n)s tablets are silent", signals.unsent or 0),
        ),
        "waste": _counted(
            signals.unwitnessed,
            ngettext("%(n)s waits for its witness", "%(n)s wait for their witness", signals.unwitnessed or 0),
        ),
        "alerts": (not (waiting or unanswered), _said_of_alerts(waiting, unanswered)),
        "charts": (
            not unsigned,
            ngettext("%(n)s to sign", "%(n)s to sign", unsigned) % {"n": unsigned} if unsigned else "",
        ),
    }


def _by_patient(alerts: QuerySet[Alert]) -> dict[str, int]:
    """How many there are of each patient, by the name as it stands on the board."""
    rows = alerts.select_related("session__patient").order_by("raised_at", "pk")
    return dict(Counter(alert.session.patient.short_name for alert in rows))


def _said_of_alerts(waiting: int, unanswered: dict[str, int]) -> str:
    found = []
    if waiting:
        message = ngettext("%(n)s waits at a chair", "%(n)s wait at a chair", waiting)
        found.append(message % {"n": waiting})
    if unanswered:
        number = sum(unanswered.values())
        message = ngettext(
            "%(n)s was not acknowledged before the patient left: %(patients)s",
            "%(n)s were not acknowledged before the patient left: %(patients)s",
            number,
        )
        found.append(message % {"n": number, "patients": "; ".join(unanswered)})
    return ", ".join(found)


def _counted(number: int | None, words: str) -> tuple[bool | None, str]:
    if number is None:
        return None, _("not counted")
    return not number, words % {"n": number} if number else ""
