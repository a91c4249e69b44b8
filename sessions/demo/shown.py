"""Single things that today's board shows: each is one small scene in the visit to which the story gives it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.common.outbox import Typing, keep_typing
from sessions.demo.answering import answer_alerts
from sessions.demo.crew import Crew
from sessions.demo.drugs import account_for
from sessions.demo.house_rules import ONDANSETRON
from sessions.demo.infusing import read_the_pump, take_cannula_out
from sessions.demo.protocols import STEADY
from sessions.models import InfusionSession, StandingOrder
from sessions.operations import checking, discharging, medicines, monitoring
from sessions.operations.check_deciding import ask_prescriber
from sessions.operations.emergency import log_emergency_step
from sessions.operations.infusion_events import change_rate
from sessions.operations.ordering_medicines import take_verbal_order
from sessions.operations.patient_limits import set_patient_limit
from sessions.operations.patient_wishes import record_wishes
from sessions.operations.readings_not_done import record_reading_not_done

Shown = Callable[[InfusionSession, Crew, datetime], Any]


def wishes(session: InfusionSession, crew: Crew, at: datetime) -> None:
    kinds = ["lights_low", "own_music", "blanket"]
    record_wishes(session=session, kinds=kinds, words="Hand on the shoulder helps", by=crew.nurse, now=at)


def fasts(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Ate this morning: by the protocol's hours the check waits by itself."""
    eaten, drunk = at - timedelta(hours=4, minutes=40), at - timedelta(hours=3)
    details = {"solids_at": eaten.isoformat(), "liquids_at": drunk.isoformat()}
    checking.answer_check_item(
        session=session, item="fasting", outcome="", details=details, by=crew.nurse, now=at
    )


def high_before_start(session: InfusionSession, crew: Crew, at: datetime) -> None:
    values = {"systolic": 166, "diastolic": 98, "heart_rate": 88, "oxygen_saturation": 97, "sedation": 5}
    monitoring.record_vital_signs(session=session, values=values, by=crew.nurse, now=at)
    answer_alerts(session=session, by=crew.nurse, now=at)
    question = "166/98 after ten minutes' rest, lisinopril not taken today. Start, wait or cancel?"
    ask_prescriber(session=session, question=question, by=crew.nurse, now=at)


def set_aside(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """The prescriber overrides an item, and the reason stays in the chart."""
    note = "Coffee with milk an hour ago, a mouthful. Seen by me: no nausea, goes on. Example, not approved."
    checking.answer_check_item(
        session=session, item="fasting", outcome="overridden", note=note, by=crew.prescriber, now=at
    )


def for_nausea(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Ondansetron by the standing order, for the nausea that was told."""
    medicines.give_medicine(
        session=session,
        dose=Decimal("4"),
        unit="mg",
        standing_order=StandingOrder.objects.get(code=ONDANSETRON, state=StandingOrder.State.APPROVED),
        side_effect=session.side_effects.filter(term="nausea").first(),
        by=crew.nurse,
        now=at,
    )


def it_helped(session: InfusionSession, crew: Crew, at: datetime) -> None:
    given = session.medicines_given.latest("taken_at")
    medicines.note_effect(given=given, outcome="helped", note="Nausea gone", by=crew.nurse, now=at)


def much_too_high(session: InfusionSession, crew: Crew, at: datetime) -> None:
    values = {"systolic": 186, "diastolic": 104, "heart_rate": 96, "oxygen_saturation": 97}
    monitoring.record_vital_signs(session=session, values=values, by=crew.nurse, now=at)


def ordered_by_phone(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """A verbal order, read back and given; it waits for its co-signature."""
    answer_alerts(session=session, by=crew.nurse, now=at)
    said = {
        "medicine": "Labetalol",
        "dose": Decimal("10"),
        "unit": "mg",
        "route": "iv",
        "indication": "Systolic pressure 186 (example, not approved)",
        "max_session": None,
    }
    words = "Labetalol 10 milligrams IV now, over two minutes. Leave the infusion paused and call me."
    order = take_verbal_order(
        session=session,
        said=said,
        ordered_by=crew.prescriber.user,  # type: ignore[arg-type]
        words=words,
        read_back=True,
        by=crew.nurse,
        now=at,
    )
    told: dict[str, Any] = {"dose": Decimal("10"), "unit": "mg", "order": order}
    medicines.give_medicine(session=session, by=crew.nurse, now=at, **told)


def own_limit(session: InfusionSession, crew: Crew, at: datetime) -> None:
    set_patient_limit(
        patient=session.patient,
        site=session.site,
        parameter="systolic",
        phase="infusion",
        comparator=">=",
        value=170,
        level="pause",
        reason="Example, not approved: treated hypertension, wants the pause earlier",
        valid_until=at + timedelta(days=60),
        by=crew.prescriber,
        now=at,
    )


def slowed(session: InfusionSession, crew: Crew, at: datetime) -> None:
    reason = "Dissociation stronger than the patient likes"
    change_rate(session=session, rate_microlitres_per_hour=120_000, reason=reason, by=crew.nurse, now=at)


def little_oxygen(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Beyond a limit that says stop, and nobody has answered yet."""
    monitoring.record_vital_signs(
        session=session, values={"oxygen_saturation": 91, "heart_rate": 84}, by=crew.nurse, now=at
    )


def without_network(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Typed on a tablet whose network was gone for some minutes and whose clock is slow, and sent afterwards."""
    # At a second at which nobody enters anything else: by it the chart finds what was typed without network.
    sent_at, key = at + timedelta(seconds=13), uuid.uuid5(session.public_id, "without network")
    typing = Typing(at=at - timedelta(minutes=9), offset=timedelta(minutes=3))
    typed_at = typing.moment(sent_at)
    told: dict[str, Any] = {"taken_at": typed_at, "by": crew.nurse, "now": sent_at, "public_id": key}
    monitoring.write_note(
        session=session, text="Network gone. Calm, breathing well, hand squeeze on asking.", **told
    )
    keep_typing(typing, actor=crew.nurse.key, key=key, now=sent_at)


def mistyped(session: InfusionSession, crew: Crew, at: datetime) -> None:
    values = {"systolic": 171, "diastolic": 74, "heart_rate": 76, "oxygen_saturation": 98}
    typed = monitoring.record_vital_signs(session=session, values=values, by=crew.nurse, now=at)
    monitoring.correct_vital_signs(
        reading=typed,
        values=values | {"systolic": 117},
        reason="Typed 171 for 117",
        by=crew.nurse,
        now=at + timedelta(minutes=1),
    )


def late(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Told twenty minutes after it was measured."""
    monitoring.record_vital_signs(
        session=session,
        values={"systolic": 124, "diastolic": 78, "heart_rate": 74, "temperature": Decimal("36.6")},
        taken_at=at - timedelta(minutes=20),
        by=crew.nurse,
        now=at,
    )


def not_woken(session: InfusionSession, crew: Crew, at: datetime) -> None:
    record_reading_not_done(
        session=session,
        due_at=at,
        parameter="dissociation",
        reason="Asleep, not woken to be asked",
        by=crew.nurse,
        now=at,
    )


def emergency(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """From the alarm to the ambulance, within a quarter of an hour."""
    for minute, kind, note in (
        (0, "alarm", ""),
        (0, "pump_stopped", ""),
        (1, "oxygen", "6 L/min by mask"),
        (2, "told_prescriber", ""),
        (3, "called", ""),
        (12, "arrived", ""),
        (14, "over", "Handed over to the crew"),
    ):
        now = at + timedelta(minutes=minute)
        log_emergency_step(session=session, kind=kind, note=note, by=crew.nurse, now=now)


def waits_for_ride(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Everything is met but for the escort, who is on the way."""
    told: dict[str, Any] = {"session": session, "by": crew.nurse, "now": at}
    read_the_pump(**told)
    account_for(witness=crew.second, **told)
    take_cannula_out(**told)
    criteria = dict.fromkeys(session.course.protocol_version.discharge_criteria, True)
    criteria["escort-present"] = False
    discharging.assess_discharge(
        criteria=criteria, values={"aldrete": STEADY}, note="Sister is on her way", **told
    )
    discharging.mark_ready(**told)


def sealed(session: InfusionSession, crew: Crew, at: datetime) -> None:
    """Nobody was free to see the waste; it waits under its seal."""
    account_for(session=session, by=crew.nurse, witness=None, seal="Bag 0412", now=at)


def sealed_and_seen(session: InfusionSession, crew: Crew, at: datetime) -> None:
    account_for(session=session, by=crew.nurse, witness=crew.second, now=at)
