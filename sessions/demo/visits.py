"""How a visit goes in the demo: the steps that staff take, each at its own minute, until a given state."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from clinic.common import clock
from clinic.facilities.models import Chair
from patients.models import Patient
from sessions.demo.answering import answer_alerts
from sessions.demo.check_details import ready_answer
from sessions.demo.crew import Crew
from sessions.demo.drugs import account_for, check_again, draw_up
from sessions.demo.house_rules import STRONG
from sessions.demo.infusing import place_cannula, read_the_pump, take_cannula_out
from sessions.demo.patients import tell_of_suicide
from sessions.demo.protocols import STEADY
from sessions.demo.shown import Shown
from sessions.models import CancelCode, Course, InfusionSession, ProtocolVersion, SideEffectEntry
from sessions.operations import (
    arriving,
    booking,
    checking,
    discharging,
    leaving,
    monitoring,
    running,
    signing,
)
from sessions.rules.effect_moments import AT_END, BEFORE_DISCHARGE, BEFORE_START, infusing
from sessions.rules.protocols import AUTOMATIC_ITEMS, check_items
from sessions.states import EndKind, Status

Step = tuple[datetime, Callable[[], Any]]
"""When something is done, and doing it."""


CLOSELY = timedelta(days=10)
"""For how far back the drug is accounted for."""
WARNS_FROM = 160
"""The systolic pressure from which the example protocol may raise an alert, which somebody then answers."""


@dataclass(slots=True)
class Treated:
    """A patient of the demo while the story is planned; both are known once their own steps have been taken.

    Attributes:
        seen_at: the moment at which the demo is made.
    """

    crew: Crew
    version: ProtocolVersion
    kilograms: Decimal
    seen_at: datetime
    patient: Patient | None = None
    course: Course | None = None

    def known_patient(self) -> Patient:
        assert self.patient is not None
        return self.patient

    def known_course(self) -> Course:
        assert self.course is not None
        return self.course


@dataclass(frozen=True, slots=True)
class Visit:
    """One planned visit of the demo and how it will go.

    Attributes:
        until: the state in which it is left.
        signed: 0 nobody has signed, 1 the nurse, 2 the prescriber too.
        worst: the highest systolic rise above baseline, in mmHg.
        effects: side effects as (term, grade, minute of the infusion).
        silent_after: no reading is taken after this minute, so that one is overdue.
        extras: single scenes as (minute of the infusion, what is done).
        product: what is drawn up.
    """

    treated: Treated
    chair: Chair
    infusion_at: datetime
    until: Status = Status.DISCHARGED
    signed: int = 2
    worst: int = 18
    effects: tuple[tuple[str, int, int], ...] = ()
    pause_at: int | None = None
    stop_at: int | None = None
    silent_after: int | None = None
    extras: tuple[tuple[int, Shown], ...] = ()
    product: str = STRONG


def steps(visit: Visit, chance: random.Random) -> Iterator[Step]:
    """Everything that is done for a visit, in order of time; booked five days ahead."""
    walk = _Walk(visit, chance)
    minutes = timedelta(minutes=visit.treated.version.preparation_minutes)
    starts_at = visit.infusion_at - minutes
    yield starts_at - timedelta(days=5, minutes=chance.randrange(300)), lambda: walk.book(starts_at)
    yield from walk.rest(starts_at)


class _Walk:
    """A visit under way. ``session`` is known once it is booked, so the steps are closures that run later."""

    def __init__(self, visit: Visit, chance: random.Random) -> None:
        self.visit = visit
        self.chance = chance
        self.crew = visit.treated.crew
        self.session: InfusionSession | None = None
        self.base = (chance.randrange(108, 132), chance.randrange(66, 84), chance.randrange(62, 82))

    def now_of(self, at: datetime) -> dict[str, Any]:
        assert self.session is not None
        return {"session": self.session, "now": at}

    def book(self, starts_at: datetime) -> None:
        booked_at = starts_at - timedelta(days=5)
        self.session = booking.book(
            course=self.visit.treated.known_course(),
            chair=self.visit.chair,
            starts_at=starts_at,
            by=self.crew.desk,
            now=booked_at,
        )

    def rest(self, starts_at: datetime) -> Iterator[Step]:
        until, desk = self.visit.until, self.crew.desk
        if until is Status.SCHEDULED:
            return
        if until is Status.CANCELLED:
            at = starts_at - timedelta(hours=20)
            yield (
                at,
                lambda: arriving.cancel(
                    by=desk,
                    reason="Patient has a cold, called the day before",
                    code=CancelCode.PATIENT,
                    **self.now_of(at),
                ),
            )
            return
        if until is Status.NO_SHOW:
            # A reason for concern, so that somebody is called.
            asked, late = starts_at - timedelta(hours=2), starts_at + timedelta(minutes=25)
            told: dict[str, Any] = {"crew": self.crew, "at": asked, "chance": self.chance}
            yield asked, lambda: tell_of_suicide(self.visit.treated.known_patient(), **told)
            yield late, lambda: arriving.no_show(by=desk, reason="Two calls, no answer", **self.now_of(late))
            return
        came = starts_at - timedelta(minutes=self.chance.randrange(1, 6))
        zone = self.visit.chair.site.time_zone
        # Nobody arrives on the day before, not even for a visit that begins at midnight.
        came = max(came, clock.day_range(clock.local_date(starts_at, zone), zone)[0])
        yield came, lambda: arriving.arrive(by=desk, **self.now_of(came))
        for minute, act in self.visit.extras:
            at = self.visit.infusion_at + timedelta(minutes=minute)
            yield at, partial(self.extra, act, at)
        yield from self.check(came)
        if until in {Status.ARRIVED, Status.READY}:
            return
        if until is Status.NOT_STARTED:
            at = self.visit.infusion_at
            reason = "Blood pressure above the limit twice, ten minutes apart"
            yield at, lambda: arriving.do_not_start(by=self.crew.prescriber, reason=reason, **self.now_of(at))
            return
        yield from self.infuse()

    def check(self, came: datetime) -> Iterator[Step]:
        nurse = self.crew.nurse
        asked = [
            code for code in check_items(self.visit.treated.version.checklist) if code not in AUTOMATIC_ITEMS
        ]
        if self.visit.until is Status.ARRIVED:
            asked = asked[:4]
        for place, code in enumerate(asked):
            at = came + timedelta(minutes=2, seconds=40 * place)
            yield at, partial(self.answer, code, at)
        if self.visit.until is Status.ARRIVED:
            return
        weighed = came + timedelta(minutes=9)
        yield (
            weighed,
            lambda: checking.record_weight(
                by=nurse, value=self.visit.treated.kilograms, **self.now_of(weighed)
            ),
        )
        rise = 58 if self.visit.until is Status.NOT_STARTED else 0
        measured = came + timedelta(minutes=11)
        yield measured, lambda: self.reading(measured, rise)
        yield from self.answered(measured, rise)
        if self.visit.until is Status.NOT_STARTED:
            again = came + timedelta(minutes=21)
            yield again, lambda: self.reading(again, rise - 3)
            yield from self.answered(again, rise)
            return
        placed = came + timedelta(minutes=13)
        yield placed, lambda: place_cannula(attempts=1, by=nurse, **self.now_of(placed))
        if self.is_close:
            yield placed, lambda: draw_up(product=self.visit.product, by=nurse, **self.now_of(placed))
        dosed = came + timedelta(minutes=14)
        yield dosed, lambda: checking.confirm_dose(by=nurse, **self.now_of(dosed))
        if self.visit.treated.version.needs_second_check:
            checked = came + timedelta(minutes=15)
            yield checked, lambda: check_again(by=self.crew.second, **self.now_of(checked))
        cleared = came + timedelta(minutes=16)
        yield cleared, lambda: arriving.clear(by=nurse, **self.now_of(cleared))

    def answer(self, code: str, at: datetime) -> None:
        if code == "pregnancy" and self.visit.treated.known_patient().sex == "male":
            # The record answers by itself for men.
            return
        checking.answer_check_item(
            item=code, by=self.crew.nurse, **ready_answer(code, at=at), **self.now_of(at)
        )

    def reading(self, at: datetime, rise: int, *, awake: bool = True) -> None:
        systolic, diastolic, rate = self.base
        wobble = self.chance.randrange(-3, 4)
        values = {
            "systolic": systolic + rise + wobble,
            "diastolic": diastolic + rise // 2 + wobble,
            "heart_rate": rate + rise // 3 + wobble,
            "respiratory_rate": 14 + wobble // 2,
            "oxygen_saturation": 97 + min(2, max(-1, wobble)),
            "sedation": 5 if awake else 4,
            "dissociation": 0 if awake else min(8, 2 + rise // 5),
        }
        monitoring.record_vital_signs(values=values, by=self.crew.nurse, **self.now_of(at))

    def infuse(self) -> Iterator[Step]:
        visit, nurse, began = self.visit, self.crew.nurse, self.visit.infusion_at
        yield began, lambda: running.start(by=nurse, **self.now_of(began))
        planned = visit.treated.version.duration_minutes
        lasts = visit.stop_at or planned
        if visit.until in {Status.LEFT, Status.TRANSFERRED}:
            lasts = 22 if visit.until is Status.LEFT else 36
        interval = visit.treated.version.vitals_interval_minutes
        for minute in range(interval, lasts + 1, interval):
            if visit.silent_after is not None and minute > visit.silent_after:
                break
            at = began + timedelta(minutes=minute, seconds=-20)
            rise = round(visit.worst * min(1.0, minute / 30))
            yield at, partial(self.reading, at, rise, awake=False)
            yield from self.answered(at, rise)
        for term, grade, minute in visit.effects:
            at = began + timedelta(minutes=minute)
            yield at, partial(self.effect, term, grade, at)
        yield from self.asked_on_the_way(began, lasts)
        if visit.pause_at is not None:
            yield from self.pause(began + timedelta(minutes=visit.pause_at))
        if visit.until in {Status.INFUSING, Status.PAUSED}:
            return
        if visit.until in {Status.LEFT, Status.TRANSFERRED}:
            yield from self.leave_early(began + timedelta(minutes=lasts))
            return
        paused = 6 if visit.pause_at is not None else 0
        yield from self.end(began + timedelta(minutes=lasts + paused))

    def asked_on_the_way(self, began: datetime, lasts: int) -> Iterator[Step]:
        if not self.is_recent:
            return
        yield from self.asked(BEFORE_START, began - timedelta(minutes=2))
        for minute in (15, 30):
            if lasts > minute and self.visit.until not in {Status.LEFT, Status.TRANSFERRED}:
                yield from self.asked(infusing(minute), began + timedelta(minutes=minute))

    def pause(self, at: datetime) -> Iterator[Step]:
        nurse = self.crew.nurse
        yield at, lambda: running.pause(by=nurse, reason="Systolic over the pause limit", **self.now_of(at))
        if self.visit.until is Status.PAUSED:
            return
        again = at + timedelta(minutes=6)
        yield (
            again,
            lambda: running.resume(by=nurse, reason="Settled, prescriber informed", **self.now_of(again)),
        )

    def effect(self, term: str, grade: int, at: datetime) -> None:
        action = SideEffectEntry.ActionTaken.COMFORT if grade == 1 else SideEffectEntry.ActionTaken.MEDICATION
        criteria = ["important-event"] if grade > 2 else []
        told: dict[str, Any] = {
            "term": term,
            "grade": grade,
            "action_taken": action,
            "serious_criteria": criteria,
        }
        monitoring.report_side_effect(by=self.crew.nurse, **told, **self.now_of(at))

    def leave_early(self, at: datetime) -> Iterator[Step]:
        if self.visit.until is Status.LEFT:
            reason = "Wanted to go home at once, drip removed, sister came along"
            yield at, lambda: leaving.leave(by=self.crew.nurse, reason=reason, **self.now_of(at))
        else:
            reason = "Chest tightness that did not settle, ambulance called"
            yield at, lambda: leaving.transfer_out(by=self.crew.prescriber, reason=reason, **self.now_of(at))

    def end(self, at: datetime) -> Iterator[Step]:
        visit, nurse = self.visit, self.crew.nurse
        early = visit.stop_at is not None
        yield (
            at,
            lambda: running.end(
                by=nurse,
                kind=EndKind.STOPPED_EARLY if early else EndKind.COMPLETED,
                reason="Patient asked to stop, felt overwhelmed" if early else "",
                **self.now_of(at),
            ),
        )
        if visit.until is not Status.RECOVERING:
            # Of today's patients in recovery the pump is still to be read.
            read = at + timedelta(minutes=2)
            yield read, lambda: read_the_pump(by=nurse, **self.now_of(read))
            if self.is_close:
                witness = self.crew.second
                yield read, lambda: account_for(by=nurse, witness=witness, **self.now_of(read))
        if self.is_recent:
            yield from self.asked(AT_END, at + timedelta(minutes=1))
        elif not visit.effects:
            asked = at + timedelta(minutes=3)
            yield asked, lambda: monitoring.ask_about_side_effects(by=nurse, **self.now_of(asked))
        observed = visit.treated.version.min_observation_minutes
        every = visit.treated.version.recovery_vitals_interval_minutes
        for minute in range(every, observed + 1, every):
            later = at + timedelta(minutes=minute)
            fading = round(visit.worst * max(0.0, 0.6 - minute / observed))
            yield later, partial(self.reading, later, fading)
        if visit.until is not Status.RECOVERING:
            yield from self.go_home(at + timedelta(minutes=observed + 2))

    @property
    def is_recent(self) -> bool:
        """Today's and yesterday's visits are looked at closely; the rest is history."""
        return self.visit.infusion_at > self.visit.treated.seen_at - timedelta(days=2)

    @property
    def is_close(self) -> bool:
        """Whether the drug of this visit is accounted for."""
        return self.visit.infusion_at > self.visit.treated.seen_at - CLOSELY

    def answered(self, at: datetime, rise: int) -> Iterator[Step]:
        """An alert that the reading may have raised is answered within some minutes."""
        if self.base[0] + rise + 3 >= WARNS_FROM:
            later = at + timedelta(minutes=self.chance.randrange(1, 5))
            yield later, lambda: answer_alerts(by=self.crew.nurse, **self.now_of(later))

    def extra(self, act: Shown, at: datetime) -> None:
        act(self.now_of(at)["session"], self.crew, at)

    def asked(self, moment: str, at: datetime) -> Iterator[Step]:
        """Asked about side effects at a moment of the protocol, and there was nothing new."""
        by = self.crew.nurse
        yield at, lambda: monitoring.ask_about_side_effects(moment=moment, by=by, **self.now_of(at))

    def over(self, at: datetime) -> None:
        """What was felt is over before the patient goes; a moderate one of today or yesterday is asked about again."""
        told = self.now_of(at)
        for effect in told["session"].side_effects.prefetch_related("entries"):
            if not (self.is_recent and effect.latest.grade > 1):
                last = {"severity": effect.latest.severity, "resolved_at": at, "by": self.crew.nurse}
                monitoring.update_side_effect(side_effect=effect, now=told["now"], **last)

    def go_home(self, at: datetime) -> Iterator[Step]:
        nurse, version = self.crew.nurse, self.visit.treated.version
        if self.is_recent:
            yield from self.asked(BEFORE_DISCHARGE, at)
        yield at, partial(self.over, at)
        criteria = dict.fromkeys(version.discharge_criteria, True)
        out = at - timedelta(minutes=1)
        yield out, lambda: take_cannula_out(by=nurse, **self.now_of(out))
        yield (
            at,
            lambda: discharging.assess_discharge(
                criteria=criteria,
                values={"aldrete": STEADY},
                escort_name="Escort named in the record",
                by=nurse,
                **self.now_of(at),
            ),
        )
        gone = at + timedelta(minutes=3)
        yield gone, lambda: leaving.discharge(by=nurse, **self.now_of(gone))
        if self.visit.signed:
            signed = gone + timedelta(minutes=12)
            yield signed, lambda: signing.sign(by=nurse, **self.now_of(signed))
        if self.visit.signed > 1:
            reviewed = gone + timedelta(minutes=50)
            yield reviewed, lambda: signing.review(by=self.crew.prescriber, **self.now_of(reviewed))
