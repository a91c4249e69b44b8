"""Which limits hold for a patient at a moment: the protocol's, with the patient's own in the place of theirs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Invalid, Problem
from sessions.models import InfusionSession, PatientLimit, VitalSigns
from sessions.rules.limits import value_of
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARATORS, PHASES, Limit, LimitLevel, limits

LONGEST_VALIDITY = timedelta(days=366)
Place = tuple[str, str, LimitLevel, str]


def place_of(limit: Limit) -> Place:
    """What a limit of a patient replaces: the absolute one of the same parameter, phase, level and side."""
    return limit.parameter, limit.phase, limit.level, limit.side


def limit_of(own: PatientLimit) -> Limit:
    """A patient's own limit as the rules read it."""
    return Limit(
        parameter=own.parameter,
        phase=own.phase,
        comparator=own.comparator,
        value=own.value,
        level=LimitLevel(own.level),
        patient_limit=own.pk,
    )


def in_force(known: Sequence[Limit], own: Iterable[PatientLimit], at: datetime) -> tuple[Limit, ...]:
    """The limits at a moment. A change from baseline is never replaced, and neither is another level's ceiling."""
    standing = [limit_of(one) for one in own if one.is_in_force(at)]
    if not standing:
        return tuple(known)
    replaced = {place_of(limit) for limit in standing}
    kept = [limit for limit in known if limit.relative_to_baseline or place_of(limit) not in replaced]
    return (*kept, *standing)


def replaced_by(own: PatientLimit, known: Iterable[Limit]) -> list[Limit]:
    """The protocol's limits whose place a patient's own one takes; they are shown beside it."""
    place = place_of(limit_of(own))
    return [limit for limit in known if not limit.relative_to_baseline and place_of(limit) == place]


def is_looser(own: PatientLimit, protocol: Limit) -> bool:
    """Whether the patient's own limit lets more pass than the protocol's."""
    mine = limit_of(own)
    if mine.value != protocol.value:
        return (mine.value > protocol.value) == (mine.side == "above")
    return len(mine.comparator) < len(protocol.comparator)


def limits_of_patient(patient_id: int) -> list[PatientLimit]:
    """Every limit ever set for a patient, the taken back ones with it: a reading is judged by those of its time."""
    return list(PatientLimit.objects.filter(patient=patient_id).with_end())


def usual_values(session: InfusionSession) -> dict[str, float]:
    """What is usual for the patient: the median of the baselines of earlier infusions, in one query."""
    earlier = VitalSigns.objects.current().filter(
        session__patient=session.patient_id,
        session__infusion_started_at__isnull=False,
        session__scheduled_start__lt=session.scheduled_start,
        taken_at__lt=F("session__infusion_started_at"),
        systolic__isnull=False,
        heart_rate__isnull=False,
    )
    # The last of each session is its baseline.
    return usual_of({row.session_id: row for row in earlier.order_by("taken_at", "pk")}.values())


def usual_of(baselines: Iterable[VitalSigns]) -> dict[str, float]:
    """The median of each parameter over baselines; what none of them has measured is not in it."""
    rows = list(baselines)
    values = {name: [value for row in rows if (value := value_of(row, name)) is not None] for name in RANGES}
    return {name: float(median(found)) for name, found in values.items() if found}


def check_patient_limit(*, by: Actor, site_id: int, told: dict[str, Any], now: datetime) -> None:
    """Raises Refused unless a prescriber sets it; Invalid for what is no limit, has no reason or no end."""
    by.require(Permission.ORDER_COURSE, site_id)
    problems: dict[str, Problem] = {}
    choose = _("Choose one from the list.")
    known = {
        "parameter": set(RANGES),
        "phase": set(PHASES),
        "comparator": set(COMPARATORS),
        "level": {level.value for level in LimitLevel},
    }
    problems |= {
        name: Problem("patient_limit.choice", choose)
        for name, values in known.items()
        if told[name] not in values
    }
    if told["parameter"] in RANGES and not RANGES[told["parameter"]].is_possible(told["value"]):
        low, high = RANGES[told["parameter"]].possible
        message = _("Enter a number from %(low)g to %(high)g.")
        problems["value"] = Problem("patient_limit.value", message, {"low": low, "high": high})
    if not told["reason"].strip():
        problems["reason"] = Problem("reason.missing", _("Say why this patient has a limit of their own."))
    if told["valid_until"] <= now:
        problems["valid_until"] = Problem("patient_limit.past", _("This has passed. Choose a later day."))
    elif told["valid_until"] - now > LONGEST_VALIDITY:
        message = _("A limit of one patient is set for a year at most. Choose an earlier day.")
        problems["valid_until"] = Problem("patient_limit.long", message)
    if problems:
        raise Invalid(problems)


def protocol_limits(session: InfusionSession) -> tuple[Limit, ...]:
    """The limits of the version that a session's course stands on."""
    return limits(session.course.protocol_version.limits)
