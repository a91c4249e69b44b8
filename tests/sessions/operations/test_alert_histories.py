"""Alerts after any history of readings, corrections, moved starts and ends and named baselines.

What stands is compared with a second, naive evaluation that knows nothing of what was raised before: it reads the
readings, the times and the named baseline from the database and begins from nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from clinic.common.errors import ClinicError
from sessions.models import Alert, AlertEntry, InfusionSession, VitalSigns
from sessions.operations import check_deciding, monitoring, running
from sessions.operations.acknowledging import acknowledge_alert
from sessions.rules.protocols import LimitLevel
from sessions.states import Status
from tests.sessions.scenes import NOON, NORMAL, Clinic, make_clinic, session_at, under

HISTORIES, STEPS = 12, 14
URGENCY = [level.value for level in LimitLevel]
SETTLED = {"acknowledged", "worsened", "retracted"}


def limit(
    parameter: str, phase: str, comparator: str, value: float, level: str, **more: Any
) -> dict[str, Any]:
    return {
        "parameter": parameter,
        "phase": phase,
        "comparator": comparator,
        "value": value,
        "level": level,
        **more,
    }


RISE = {"relative_to_baseline": True, "in_percent": True}
LIMITS = [
    limit("systolic", "pre", ">=", 160, "warn"),
    limit("systolic", "infusion", ">=", 160, "warn"),
    limit("systolic", "infusion", ">=", 180, "pause"),
    limit("systolic", "recovery", ">=", 150, "info"),
    limit("systolic", "recovery", ">=", 180, "warn"),
    limit("heart_rate", "infusion", ">", 30, "warn", persist_readings=2, **RISE),
    limit("heart_rate", "recovery", ">=", 20, "pause", **RISE),
]
"""No limit for starting: what stands in for a baseline over one has its own tests."""


@dataclass
class Run:
    """A crossing as the naive evaluation finds it: the readings, the levels that were due, and whether it ended."""

    side: str
    roots: set[int]
    levels: list[str]
    has_ended: bool


class Naive:
    """The readings that stand, the phases and the baseline, read from the database without a rule of the house."""

    def __init__(self, session: InfusionSession) -> None:
        rows = list(VitalSigns.objects.filter(session=session.pk))
        gone = {row.corrects_id for row in rows}
        self.stands = sorted(
            (row for row in rows if row.pk not in gone and not row.retracted), key=lambda row: row.taken_at
        )
        self.earlier = {row.pk: row.corrects_id for row in rows}
        self.start, self.end = session.infusion_started_at, session.infusion_ended_at
        candidates = [row for row in self.stands if self.phase(row) == "pre"]
        named = session.baseline_choices.order_by("pk").last()
        chosen = [row for row in candidates if named and row.pk == named.reading_id]
        self.base = next(iter(chosen or candidates[-1:]), None)

    def phase(self, row: VitalSigns) -> str:
        if row.taken_at < self.start:
            return "pre"
        return "infusion" if self.end is None or row.taken_at <= self.end else "recovery"

    def root(self, pk: int) -> int:
        return self.root(self.earlier[pk]) if self.earlier[pk] else pk

    def beyond(self, row: VitalSigns, of: dict[str, Any]) -> bool | None:
        value = float(getattr(row, of["parameter"]))
        if of.get("relative_to_baseline"):
            if self.base is None:
                return None
            usual = getattr(self.base, of["parameter"])
            value = (value - usual) / usual * 100
        return value > of["value"] if of["comparator"] == ">" else value >= of["value"]

    def seen(self, parameter: str, phases: set[str]) -> list[tuple[VitalSigns, list[dict[str, Any]]]]:
        """The readings of some phases that could be checked, each with the limits it is beyond."""
        found = []
        for row in (row for row in self.stands if self.phase(row) in phases):
            mine = [of for of in LIMITS if (of["parameter"], of["phase"]) == (parameter, self.phase(row))]
            answers = [(of, self.beyond(row, of)) for of in mine]
            if any(said is not None for _of, said in answers):
                found.append((row, [of for of, said in answers if said]))
        return found


def naive(session: InfusionSession) -> list[Run]:
    """Every crossing from scratch, a parameter at a time. All limits of this test are on the upper side."""
    known, found = Naive(session), []
    for parameter in ("systolic", "heart_rate"):
        for phases in ({"pre"}, {"infusion", "recovery"}):
            found += _runs(parameter, known.seen(parameter, phases), known.root)
    return found


def _runs(parameter: str, seen: list[tuple[VitalSigns, list[dict[str, Any]]]], root: Any) -> list[Run]:
    parts = [(is_over, list(rows)) for is_over, rows in groupby(seen, key=lambda one: bool(one[1]))]
    found = []
    for position, (is_over, rows) in enumerate(parts):
        if not is_over:
            continue
        levels: list[str] = []
        for index, (_row, over) in enumerate(rows):
            due = [
                of["level"]
                for of in over
                if not of.get("persist_readings") or (index > 0 and of in rows[index - 1][1])
            ]
            worst = max(due, key=URGENCY.index, default=None)
            if worst and (not levels or URGENCY.index(worst) > URGENCY.index(levels[-1])):
                levels.append(worst)
        if levels:
            has_ended = position < len(parts) - 1
            found.append(Run(parameter, {root(row.pk) for row, _over in rows}, levels, has_ended))
    return found


class History:
    """One session; each step is something that changes what alerts hang on."""

    def __init__(self, clinic: Clinic, chance: Random) -> None:
        self.clinic, self.chance = clinic, chance
        self.session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
        self.now = NOON + timedelta(hours=2)
        running.end(session=self.session, kind="completed", by=clinic.nurse, at=self.at(20), now=self.now)

    def at(self, minute: int) -> datetime:
        return NOON + timedelta(minutes=minute)

    def values(self) -> dict[str, Any]:
        systolic = self.chance.choice([120, 120, 155, 165, 185])
        return NORMAL | {"systolic": systolic, "heart_rate": self.chance.choice([70, 70, 80, 95])}

    def standing(self) -> list[VitalSigns]:
        return list(self.session.vital_signs.current().order_by("pk"))

    def step(self) -> None:
        self.now += timedelta(minutes=1)
        kinds = (self.record, self.record, self.correct, self.strike, self.move, self.move, self.name)
        act = self.chance.choice((*kinds, self.acknowledge)) if self.standing() else self.record
        told = {"by": self.clinic.nurse, "now": self.now}
        try:
            with transaction.atomic():
                act(told)
        except ClinicError as refusal:
            note(f"{act.__name__}: {refusal.code}")
        else:
            note(act.__name__)

    def record(self, told: dict[str, Any]) -> None:
        taken = {row.taken_at for row in self.standing()}
        free = [minute for minute in range(-35, 60) if self.at(minute) not in taken]
        at, values = self.at(self.chance.choice(free)), self.values()
        note(f"reading {at:%H:%M} {values['systolic']} {values['heart_rate']}")
        monitoring.record_vital_signs(
            session=self.session, values=values, taken_at=at, confirmed=True, **told
        )

    def correct(self, told: dict[str, Any]) -> None:
        row, values = self.chance.choice(self.standing()), self.values()
        note(f"correct {row.taken_at:%H:%M} to {values['systolic']} {values['heart_rate']}")
        monitoring.correct_vital_signs(reading=row, values=values, reason="Misread", confirmed=True, **told)

    def strike(self, told: dict[str, Any]) -> None:
        row = self.chance.choice(self.standing())
        note(f"strike {row.taken_at:%H:%M}")
        monitoring.retract_vital_signs(reading=row, reason="Another patient's", **told)

    def move(self, told: dict[str, Any]) -> None:
        kind, minutes = self.chance.choice([("start", range(-20, 5)), ("end", range(6, 45))])
        event = self.session.infusion_events.current().get(kind=kind)
        at = self.at(self.chance.choice(minutes))
        note(f"{kind} to {at:%H:%M}")
        running.correct_event(event=event, at=at, reason="By the pump", **told)

    def name(self, told: dict[str, Any]) -> None:
        row = self.chance.choice(self.standing())
        note(f"baseline {row.taken_at:%H:%M} {row.heart_rate}")
        check_deciding.choose_baseline(session=self.session, reading=row, reason="Calmer", **told)

    def acknowledge(self, told: dict[str, Any]) -> None:
        alerts = list(self.session.alerts.all())
        if alerts:
            acknowledge_alert(alert=self.chance.choice(alerts), actions=["watched"], **told)


def check(history: History) -> None:
    """What stands is what the naive evaluation finds, no more and no less, and somebody is asked about each."""
    session = InfusionSession.objects.get(pk=history.session.pk)
    earlier = dict(VitalSigns.objects.filter(session=session).values_list("pk", "corrects"))
    alerts = list(Alert.objects.filter(session=session).prefetch_related("entries"))
    kinds = {alert.pk: [entry.kind for entry in alert.entries.order_by("pk")] for alert in alerts}
    stands = [alert for alert in alerts if "retracted" not in kinds[alert.pk]]

    def root(pk: int) -> int:
        return root(earlier[pk]) if earlier[pk] else pk

    placed = set()
    for run in naive(session):
        mine = [one for one in stands if one.parameter == run.side and root(one.reading_id) in run.roots]
        placed |= {one.pk for one in mine}
        assert mine, f"nothing stands for {run}"
        assert {one.level for one in mine} <= set(run.levels)
        assert run.levels[-1] in {one.level for one in mine}
        for one in mine:
            told = [kind for kind in kinds[one.pk] if kind in {"ended", "reopened"}]
            assert (told[-1:] == ["ended"]) == run.has_ended
        if run.levels[-1] != "info":
            assert any(_is_asked_or_answered(one, stands) for one in mine if one.level == run.levels[-1])
    assert placed == {one.pk for one in stands}, "an alert stands without a reason"
    for entry in AlertEntry.objects.filter(alert__in=alerts, kind="retracted"):
        assert entry.cause or entry.reading_id, "taken back without a reason"


def _is_asked_or_answered(alert: Alert, stands: list[Alert]) -> bool:
    entries = list(alert.entries.all())
    if any(entry.kind == "acknowledged" for entry in entries):
        return True
    worse = {entry.worse_id for entry in entries if entry.kind == "worsened"}
    return worse <= {one.pk for one in stands}


@pytest.fixture
def clinic(db: None) -> Clinic:
    return under(make_clinic(), now=NOON - timedelta(days=50), code="histories", limits=LIMITS)


def test_what_stands_is_what_a_naive_evaluation_finds(clinic: Clinic) -> None:
    # A smaller seed is no simpler history: there is nothing to shrink.
    @settings(max_examples=HISTORIES, deadline=None, phases=[Phase.generate])
    @given(st.integers(0, 2**32))
    def any_history(seed: int) -> None:
        with transaction.atomic():
            # Examples of one test share its transaction, so each takes back what it wrote.
            try:
                history = History(clinic, Random(seed))
                check(history)
                for _step in range(STEPS):
                    history.step()
                    check(history)
            finally:
                transaction.set_rollback(True)

    any_history()


def test_the_comparison_sees_an_alert_that_does_not_stand(clinic: Clinic) -> None:
    """The check can fail: one alert too many, and one taken away, are both noticed."""
    history = History(clinic, Random(1))
    told = {"session": history.session, "by": clinic.nurse, "now": history.now, "confirmed": True}
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 185}, taken_at=history.at(5), **told)
    check(history)
    alert = history.session.alerts.get()
    too_many = Alert.objects.get(pk=alert.pk)
    too_many.pk, too_many.public_id = None, VitalSigns._meta.get_field("public_id").get_default()
    too_many.parameter = "heart_rate"
    too_many.save(force_insert=True)
    with pytest.raises(AssertionError, match="without a reason"):
        check(history)
