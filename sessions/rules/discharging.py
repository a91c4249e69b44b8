"""What stands in the way of a discharge: the clock, and the protocol's criteria."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from sessions.models import DischargeAssessment, InfusionSession, ProtocolVersion, ReadyToLeave
from sessions.rules.discharge_values import words_of
from sessions.rules.protocols import DISCHARGE_CRITERIA

ONLY_TO_GO = frozenset({"escort-present"})
"""Criteria that are asked for when the patient goes, not for being ready to go."""


@dataclass(frozen=True, slots=True)
class CriterionState:
    """A criterion of the protocol as it stands.

    Attributes:
        is_met: None while nobody has assessed it.
        value: what was seen, where the criterion has a value.
        assessment: the row that says so, with its time and its assessor.
    """

    code: str
    label: Any
    is_met: bool | None = None
    value: Any = None
    assessment: DischargeAssessment | None = None

    @property
    def words(self) -> str:
        """What was seen, in words."""
        return words_of(self.code, self.value)


def latest_assessment(session: InfusionSession) -> DischargeAssessment | None:
    """The last assessment, whichever criteria it names."""
    rows: list[DischargeAssessment] = list(session.discharge_assessments.all())
    return rows[-1] if rows else None


def criterion_states(session: InfusionSession) -> list[CriterionState]:
    """The protocol's criteria, each as the last assessment that names it left it."""
    last: dict[str, DischargeAssessment] = {}
    for row in session.discharge_assessments.all():
        last |= dict.fromkeys(row.criteria, row)
    found = []
    for code in session.protocol_version.discharge_criteria:
        row = last.get(code)
        said = (row.criteria[code], row.values.get(code), row) if row else ()
        found.append(CriterionState(code, DISCHARGE_CRITERIA[code], *said))
    return found


def not_before(session: InfusionSession) -> datetime | None:
    """The earliest discharge: the protocol's observation time after the true end of the infusion."""
    if session.infusion_ended_at is None:
        return None
    minutes = session.protocol_version.min_observation_minutes
    return session.infusion_ended_at + timedelta(minutes=minutes)


def open_criteria(session: InfusionSession) -> list[str]:
    """Codes of criteria that no assessment confirms; all of them before any assessment."""
    return [state.code for state in criterion_states(session) if not state.is_met]


def ready_since(session: Any) -> datetime | None:
    """When the patient was found ready to go home."""
    marks: list[ReadyToLeave] = list(session.ready_marks.all())
    return marks[-1].taken_at if marks else None


def unconfirmed(version: ProtocolVersion, confirmed: Mapping[str, Any]) -> list[str]:
    """Codes of a protocol's criteria that are not among the confirmed ones; for a board that has no models."""
    return [code for code in version.discharge_criteria if not confirmed.get(code)]


def obstacles_of_time(session: InfusionSession, now: datetime) -> list[Problem]:
    earliest = not_before(session)
    if earliest is None or now >= earliest:
        return []
    message = _("Observe until %(time)s: %(minutes)s minutes after the infusion ended.")
    params = {
        "time": earliest.astimezone(session.site.zone).strftime("%H:%M"),
        "minutes": session.protocol_version.min_observation_minutes,
    }
    return [Problem("discharge.too_early", message, params)]


def obstacles_of_criteria(session: InfusionSession) -> list[Problem]:
    """A problem for every criterion that is not confirmed."""
    return _not_confirmed(open_criteria(session))


def _not_confirmed(codes: Iterable[str]) -> list[Problem]:
    message = _("Not confirmed: %(criterion)s.")
    return [
        Problem(
            "discharge.criterion", message, {"criterion": str(DISCHARGE_CRITERIA[code])}, link="#discharge"
        )
        for code in codes
    ]


def obstacles_to_discharge(session: InfusionSession, now: datetime) -> list[Problem]:
    """The observation time first, then every open criterion."""
    return [*obstacles_of_time(session, now), *obstacles_of_criteria(session)]


def obstacles_to_ready(session: InfusionSession, now: datetime) -> list[Problem]:
    """As for the discharge, but for what belongs to the moment of going."""
    still_open = [code for code in open_criteria(session) if code not in ONLY_TO_GO]
    return [*obstacles_of_time(session, now), *_not_confirmed(still_open)]
