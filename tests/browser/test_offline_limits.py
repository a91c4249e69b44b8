"""The tablet's own check of a reading against the server's: one table, two languages."""

from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from clinic.common.errors import Invalid
from sessions.demo.protocols import DEPRESSION
from sessions.models import VitalSigns
from sessions.rules.limits import breaches, references
from sessions.rules.plausibility import RANGES, check_vital_signs
from sessions.rules.protocols import COMPARATORS, PHASES, LimitLevel, limits

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
EDGES = [
    {
        "parameter": "systolic",
        "phase": phase,
        "comparator": comparator,
        "value": value,
        "level": level.value,
        "relative_to_baseline": relative,
        "in_percent": percent,
    }
    for (phase, comparator), (value, relative, percent), level in zip(
        list(product(PHASES, COMPARATORS)) * 3,
        [(160, False, False)] * 12 + [(30, True, False)] * 12 + [(20, True, True)] * 12,
        list(LimitLevel) * 6,
        strict=False,
    )
]
"""Every phase and comparator: absolute, a change from the baseline, a change in per cent of it."""
READINGS: list[dict[str, float]] = [
    *({"systolic": value, "diastolic": 70} for value in (129, 130, 131, 150, 159, 160, 161, 180, 232)),
    {"oxygen_saturation": 89, "heart_rate": 121},
    {"oxygen_saturation": 94, "heart_rate": 49, "respiratory_rate": 7},
    {"temperature": 38.4, "sedation": 0, "dissociation": 0},
    {"systolic": 80, "diastolic": 90},
    {"systolic": 120},
    {"systolic": 351, "diastolic": 60},
    {},
]

CHECK = """async ({ values, stored, phase, ranges }) => {
  const { check } = await import("/static/clinic/offline/limits.js");
  const { typing } = await import("/static/clinic/offline/readings.js");
  const { breaches, unchecked } = check(values, { limits: stored }, phase);
  const { refused, unusual } = typing(values, ranges);
  return {
    breaches: breaches.map(({ limit, value }) => [limit.parameter, limit.comparator, limit.value, limit.level, value]),
    unchecked: unchecked.sort(), typing: refused.length ? "refused" : unusual.length ? "unusual" : "",
  };
}"""


def reading_of(values: dict[str, float]) -> VitalSigns:
    columns: dict[str, Any] = dict(values)
    if "temperature" in columns:
        columns["temperature_decicelsius"] = round(columns.pop("temperature") * 10)
    return VitalSigns(taken_at=AT, **columns)


def by_python(
    values: dict[str, float], stored: list[dict[str, Any]], before: dict[str, float], phase: str
) -> Any:
    version = SimpleNamespace(limits=stored)
    session: Any = SimpleNamespace(protocol_version=version, phase_at=lambda at: phase)
    baseline = reading_of(before) if before else None
    found = breaches(reading_of(values), session=session, baseline=baseline)
    told = [
        [one.limit.parameter, one.limit.comparator, one.limit.value, one.level.value, one.value]
        for one in found
    ]
    return {"breaches": told, "typing": typing(values)}


def typing(values: dict[str, float]) -> str:
    try:
        check_vital_signs(values, confirmed=False)
    except Invalid as refused:
        return "unusual" if refused.code == "vitals.unusual" else "refused"
    return ""


def test_the_tablet_finds_what_the_server_finds(page: Any) -> None:
    page.goto("/offline/")
    ranges = {
        name: {"label": name, "unit": known.unit, "possible": known.possible, "usual": known.usual}
        for name, known in RANGES.items()
    }
    befores = [{}, {"systolic": 130, "diastolic": 80, "heart_rate": 70}]
    for stored, phase, before, values in product((EDGES, DEPRESSION["limits"]), PHASES, befores, READINGS):
        known = limits(stored)
        counted_from = references(known, baseline=reading_of(before) if before else None, usual={})
        told = [
            {
                "parameter": limit.parameter,
                "phase": limit.phase,
                "comparator": limit.comparator,
                "value": limit.value,
                "level": limit.level.value,
                "relative": limit.relative_to_baseline,
                "in_percent": limit.in_percent,
                "before": counted_from(limit),
            }
            for limit in known
        ]
        given = {"values": values, "stored": told, "phase": phase, "ranges": ranges}
        found = page.evaluate(CHECK, given)
        case = (phase, before, values)
        expected = by_python(values, stored, before, phase)
        assert (case, found["breaches"], found["typing"]) == (case, expected["breaches"], expected["typing"])


@pytest.mark.parametrize(
    ("before", "unchecked"),
    [
        (None, ["heart_rate", "systolic"]),
        (130, ["heart_rate"]),
    ],
)
def test_what_cannot_be_checked_is_named(page: Any, before: Any, unchecked: list[str]) -> None:
    """No limit for it, or one against a baseline that nobody has measured: that is not "normal"."""
    page.goto("/offline/")
    limit = {
        "parameter": "systolic",
        "phase": "infusion",
        "comparator": ">",
        "value": 30,
        "level": "stop",
        "relative": True,
        "in_percent": False,
        "before": before,
    }
    values = {"systolic": 180, "heart_rate": 70}
    given = {"values": values, "stored": [limit], "phase": "infusion", "ranges": {}}
    given["ranges"] = {name: {"possible": [0, 400], "usual": [0, 400]} for name in values}
    assert page.evaluate(CHECK, given)["unchecked"] == unchecked
