"""What stands in the way of a discharge: the clock, and the protocol's criteria."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from sessions.models import DischargeAssessment, InfusionSession, ProtocolVersion
from sessions.rules.protocols import DISCHARGE_CRITERIA


def latest_assessment(session: InfusionSession) -> DischargeAssessment | None:
    """The assessment that stands: the last one."""
    rows: list[DischargeAssessment] = list(session.discharge_assessments.all())
    return rows[-1] if rows else None


def not_before(session: InfusionSession) -> datetime | None:
    """The earliest discharge: the protocol's observation time after the true end of the infusion."""
    if session.infusion_ended_at is None:
        return None
    minutes = session.course.protocol_version.min_observation_minutes
    return session.infusion_ended_at + timedelta(minutes=minutes)


def open_criteria(session: InfusionSession) -> list[str]:
    """Codes of criteria that the standing assessment does not confirm; all of them before any assessment."""
    assessment = latest_assessment(session)
    return unconfirmed(session.course.protocol_version, assessment.criteria if assessment else {})


def unconfirmed(version: ProtocolVersion, confirmed: Mapping[str, Any]) -> list[str]:
    """Codes of a protocol's criteria that are not among the confirmed ones."""
    return [code for code in version.discharge_criteria if not confirmed.get(code)]


def obstacles_of_time(session: InfusionSession, now: datetime) -> list[Problem]:
    earliest = not_before(session)
    if earliest is None or now >= earliest:
        return []
    message = _("Observe until %(time)s: %(minutes)s minutes after the infusion ended.")
    params = {
        "time": earliest.astimezone(session.site.zone).strftime("%H:%M"),
        "minutes": session.course.protocol_version.min_observation_minutes,
    }
    return [Problem("discharge.too_early", message, params)]


def obstacles_of_criteria(session: InfusionSession) -> list[Problem]:
    message = _("Not confirmed: %(criterion)s.")
    return [
        Problem(
            "discharge.criterion", message, {"criterion": str(DISCHARGE_CRITERIA[code])}, link="#discharge"
        )
        for code in open_criteria(session)
    ]


def obstacles_to_discharge(session: InfusionSession, now: datetime) -> list[Problem]:
    """The observation time first, then every open criterion."""
    return [*obstacles_of_time(session, now), *obstacles_of_criteria(session)]
