"""How often limits would have fired: against a naive count, in a fixed number of queries, changing nothing."""

import random
from datetime import timedelta

import pytest

from sessions.models import Alert, InfusionSession
from sessions.operations.monitoring import record_vital_signs
from sessions.operations.protocols import CONTENT, draft_version
from sessions.reports.alert_preview import preview
from sessions.states import Status
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db

RULES = {
    "low": ("infusion", "systolic", "<", 100, "stop", {}),
    "high": ("infusion", "systolic", ">=", 150, "warn", {}),
    "higher": ("infusion", "systolic", ">=", 170, "pause", {}),
    "fast": ("infusion", "heart_rate", ">", 30, "warn", {"relative_to_baseline": True, "in_percent": True}),
    "oxygen": ("infusion", "oxygen_saturation", "<", 92, "stop", {}),
    "after": ("recovery", "systolic", ">=", 150, "warn", {}),
}
LIMITS = [
    {"phase": phase, "parameter": parameter, "comparator": comparator, "value": value, "level": level, **more}
    for phase, parameter, comparator, value, level, more in RULES.values()
]


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def draft(clinic):
    content = {name: getattr(clinic.version, name) for name in CONTENT} | {"limits": LIMITS}
    return draft_version(protocol=clinic.version.protocol, content=content, by=clinic.prescriber, now=NOON)


@pytest.fixture
def infusions(clinic):
    """A few infusions that are over, each with random readings."""
    chance, found = random.Random(11), []
    for days in range(6):
        now = NOON - timedelta(days=7 * days)
        session = session_at(Status.LEFT, clinic=clinic, now=now, chair=clinic.chairs[days % 3])
        for minute in range(-28, 0, 4):
            values = NORMAL | {
                "systolic": chance.choice([95, 122, 140, 155, 175]),
                "heart_rate": chance.choice([70, 90, 95]),
                "oxygen_saturation": chance.choice([98, 98, 98, 90]),
            }
            at = now + timedelta(minutes=minute)
            told = {"session": session, "values": values, "by": clinic.nurse, "now": now}
            record_vital_signs(taken_at=at, **told)
        found.append(session)
    return found


def naive():
    """What a person would do with a pencil: infusion by infusion, side by side."""
    counts = {name: [0, 0] for name in RULES}
    with_any = 0
    for session in InfusionSession.objects.all():
        rows = sorted(session.vital_signs.current(), key=lambda row: row.taken_at)
        before = [row for row in rows if row.taken_at < session.infusion_started_at][-1]
        during = [row for row in rows if row.taken_at >= session.infusion_started_at]
        fired = [
            *_stairs([row.systolic for row in during], [("high", 150), ("higher", 170)]),
            *_stairs([-row.systolic for row in during], [("low", -99)]),
            *_stairs([-row.oxygen_saturation for row in during], [("oxygen", -91)]),
            *_stairs([row.heart_rate for row in during], [("fast", before.heart_rate * 1.3 + 0.0001)]),
        ]
        with_any += bool(fired)
        for name in set(fired):
            counts[name][0] += 1
        for name in fired:
            counts[name][1] += 1
    return with_any, counts


def _stairs(values, steps):
    """Each climb fires the highest step it comes to, and a higher one if it climbs on; below all it begins anew."""
    height = 0
    for value in values:
        reached = sum(value >= least for _name, least in steps)
        if reached > height:
            yield steps[reached - 1][0]
        height = max(height, reached) if reached else 0


def test_against_a_naive_count(clinic, draft, infusions):
    with_any, counts = naive()
    found = preview(draft, actor=clinic.prescriber)
    assert (found.infusions, found.with_alerts) == (6, with_any)
    assert {name: [row.infusions, row.alerts] for name, row in zip(RULES, found.rows, strict=True)} == counts
    assert found.alerts == sum(alerts for _infusions, alerts in counts.values())
    assert found.rows[1].per_hundred == round(counts["high"][1] * 100 / 6, 1)
    assert sum(alerts > 0 for _infusions, alerts in counts.values()) >= 4, "the scene shows something"


def test_four_queries_however_many_infusions_and_nothing_is_written(
    clinic, draft, infusions, django_assert_num_queries
):
    before = Alert.objects.count()
    with django_assert_num_queries(4):
        preview(draft, actor=clinic.prescriber)
    assert Alert.objects.count() == before


def test_only_infusions_within_reach_that_are_over_are_looked_at(clinic, draft):
    session_at(Status.INFUSING, clinic=clinic, now=NOON)
    session_at(Status.NOT_STARTED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    there = make_clinic("south")
    session_at(Status.LEFT, clinic=there, now=NOON)
    assert preview(draft, actor=clinic.prescriber).infusions == 0
    assert preview(draft, actor=there.prescriber).infusions == 1
