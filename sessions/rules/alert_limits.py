"""The limits of a session's protocol, a patient's own ones, and what is usual for the patient."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Invalid, Problem
from sessions.models import InfusionSession, PatientLimit, VitalSigns
from sessions.rules.limits import limit_of, place_of, value_of
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARATORS, PHASES, Limit, LimitLevel, limits_of

LONGEST_VALIDITY = timedelta(days=366)


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
    return limits_of_patients([patient_id])[patient_id]


def limits_of_patients(patient_ids: Iterable[int]) -> Mapping[int, list[PatientLimit]]:
    """The same for several patients, in one query; an empty list where nobody has set one."""
    found: defaultdict[int, list[PatientLimit]] = defaultdict(list)
    for limit in PatientLimit.objects.filter(patient__in=patient_ids).with_end():
        found[limit.patient_id].append(limit)
    return found


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
    """The limits of the version that a session's course stands on, or stood on until the visit was over."""
    return limits_of(session.protocol_version)
