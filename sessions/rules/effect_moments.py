"""When a protocol asks about side effects, and how each of these moments stands in a session."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from sessions.models import InfusionSession
from sessions.rules.discharging import not_before
from sessions.states import ENDED, OFF, PRESENT, RUNNING

BEFORE_START, AT_END, BEFORE_DISCHARGE = "before-start", "at-end", "before-discharge"
FIXED: dict[str, Any] = {
    BEFORE_START: _("Before the start"),
    AT_END: _("At the end"),
    BEFORE_DISCHARGE: _("Before discharge"),
}
LAST_MINUTE = 240
MOST_MOMENTS = 20
_INFUSING = re.compile(r"infusing-([1-9]\d{0,2})")


class MomentState(StrEnum):
    """How a moment stands. Asked and none is another thing than not asked."""

    AHEAD = "ahead"
    DUE = "due"
    NONE = "none"
    FOUND = "found"
    MISSED = "missed"
    UNREACHED = "unreached"


STATE_WORDS = {
    MomentState.AHEAD: _("later"),
    MomentState.DUE: _("ask now"),
    MomentState.NONE: _("asked, none"),
    MomentState.FOUND: _("asked, found"),
    MomentState.MISSED: _("not asked"),
    MomentState.UNREACHED: _("not reached"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a protocol by its code; ``minutes`` of infusion where it lies within."""

    code: str
    minutes: int | None = None

    @property
    def label(self) -> Any:
        if self.minutes is None:
            return FIXED[self.code]
        return _("%(minutes)s min into the infusion") % {"minutes": self.minutes}

    @property
    def order(self) -> tuple[int, int]:
        places = {BEFORE_START: 0, AT_END: 2, BEFORE_DISCHARGE: 3}
        return places.get(self.code, 1), self.minutes or 0


@dataclass(frozen=True, slots=True)
class AskedMoment:
    """A moment in a session: its state, and when it was answered, if it was.

    Example: ``AskedMoment(Moment("infusing-15", 15), MomentState.NONE, datetime(...), [])``
    """

    moment: Moment
    state: MomentState
    answered_at: datetime | None
    found: list[str]

    @property
    def code(self) -> str:
        return self.moment.code

    @property
    def label(self) -> Any:
        return self.moment.label

    @property
    def words(self) -> Any:
        return STATE_WORDS[self.state]

    @property
    def can_be_answered(self) -> bool:
        """Also when it was missed: the answer then stands with its own time."""
        return self.state in {MomentState.DUE, MomentState.MISSED}


def infusing(minutes: int) -> str:
    """The code of a moment so many minutes into the infusion."""
    return f"infusing-{minutes}"


def moment_of(code: Any) -> Moment | None:
    """The moment of a code; None for one that means nothing."""
    if not isinstance(code, str):
        return None
    if code in FIXED:
        return Moment(code)
    found = _INFUSING.fullmatch(code)
    minutes = int(found[1]) if found else LAST_MINUTE + 1
    return Moment(code, minutes) if minutes <= LAST_MINUTE else None


def moments(stored: Iterable[str]) -> list[Moment]:
    """The moments of a version in the order of a visit."""
    known = [moment for moment in map(moment_of, stored) if moment]
    return sorted(known, key=lambda moment: moment.order)


def check_moments(stored: Any) -> None:
    """Refuse moments that the house could not read back.

    Raises:
        Invalid: ``protocol.side_effect_moments``.
    """
    good = isinstance(stored, list) and len(stored) <= MOST_MOMENTS and all(map(moment_of, stored))
    if not good or len(set(stored)) < len(stored):
        message = _(
            "Each moment is before-start, at-end, before-discharge, or infusing- with minutes up to %(last)s, once."
        )
        problem = Problem("protocol.side_effect_moments", message, {"last": LAST_MINUTE})
        raise Invalid({"side_effect_moments": problem})


def check_is_asked(code: str, *, session: InfusionSession) -> None:
    """Raises Invalid ``side_effect.moment`` for a moment at which this session's protocol does not ask."""
    if code and code not in session.protocol_version.side_effect_moments:
        message = _("This protocol does not ask about side effects at that moment. Choose one of its own.")
        raise Invalid({"moment": Problem("side_effect.moment", message)})


def asked_moments(session: InfusionSession, *, now: datetime) -> list[AskedMoment]:
    """Every moment of the protocol as it stands; reads nothing where the chart is loaded."""
    asked = moments(session.protocol_version.side_effect_moments)
    if not asked or session.state in OFF:
        return []
    has_come = [_has_come(moment, session, now) for moment in asked]
    return [
        _asked(moment, session, came, is_last=not any(has_come[place + 1 :]))
        for place, (moment, came) in enumerate(zip(asked, has_come, strict=True))
    ]


def _asked(moment: Moment, session: Any, came: bool, *, is_last: bool) -> AskedMoment:
    found = [effect for effect in session.side_effects.all() if effect.moment == moment.code]
    asked = [row for row in session.side_effect_inquiries.all() if row.moment == moment.code]
    if found:
        names = [str(effect.get_term_display()) for effect in found]
        return AskedMoment(moment, MomentState.FOUND, found[0].onset_at, names)
    if asked:
        return AskedMoment(moment, MomentState.NONE, asked[-1].taken_at, [])
    if came:
        is_open = is_last and session.state in PRESENT
        return AskedMoment(moment, MomentState.DUE if is_open else MomentState.MISSED, None, [])
    return AskedMoment(moment, _not_come(moment, session), None, [])


def _not_come(moment: Moment, session: InfusionSession) -> MomentState:
    over = session.state in ENDED or (moment.minutes is not None and session.infusion_ended_at is not None)
    return MomentState.UNREACHED if over else MomentState.AHEAD


def _has_come(moment: Moment, session: InfusionSession, now: datetime) -> bool:
    if moment.code == BEFORE_START:
        return session.arrived_at is not None
    if moment.minutes is not None:
        begun = session.infusion_started_at is not None
        return begun and session.infused(now) >= timedelta(minutes=moment.minutes)
    if session.infusion_ended_at is None or session.state in RUNNING:
        return False
    if moment.code == AT_END:
        return True
    earliest = not_before(session)
    return session.state in ENDED or (earliest is not None and now >= earliest)
