"""One person who may do everything, and a row behind every id that an address of the API can name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.accounts.operations.devices import trust_device
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.operations.leave import record_leave
from clinic.facilities.operations.opening import add_closure
from clinic.facilities.operations.roster import add_shift
from patients.models import AnswerCover, OneTimeLink, Patient
from patients.operations.answer_cover import accept_answers
from patients.operations.assessing import record_assessment
from patients.operations.importing import stage_import
from patients.operations.one_time_links import make_link
from patients.operations.registering import edit_patient
from sessions.demo.protocols import DEPRESSION
from sessions.models import Booking, Course, InfusionSession, Reminder
from sessions.operations.blocks import block_chair
from sessions.operations.calendar_feeds import make_feed
from sessions.operations.emergency import log_emergency_step
from sessions.operations.episodes import record_outside_infusion
from sessions.operations.following_up import add_follow_up
from sessions.operations.handing_over import offer_handover
from sessions.operations.iv_access import place_iv_access
from sessions.operations.medicines import give_medicine
from sessions.operations.monitoring import record_vital_signs, report_side_effect, write_note
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.ordering_medicines import take_verbal_order
from sessions.operations.patient_limits import set_patient_limit
from sessions.operations.preparing import prepare_drug, use_drug
from sessions.operations.protocols import draft_version
from sessions.operations.quick_phrases import add_quick_phrase
from sessions.operations.reminder_texts import add_reminder_text
from sessions.operations.reminding import queue_reminders
from sessions.operations.standing_orders import draft_standing_order
from sessions.operations.waiting import add_to_waiting_list
from sessions.operations.wall_screens import make_screen
from sessions.reports.handover_summary import summarise
from sessions.states import TRANSITIONS, Status
from tests.patients.scenes import complete_record, consent_for, phq9
from tests.patients.wordings import entered
from tests.scenes import role_named
from tests.sessions.check_ins import make_ready
from tests.sessions.orders_scene import make_product, ordered_dose
from tests.sessions.scenes import Clinic, make_chair, make_clinic, make_course, session_at

STATE_FOR = {
    "move": Status.SCHEDULED,
    "nurse": Status.SCHEDULED,
    "chair": Status.ARRIVED,
    "assign-chair": Status.SCHEDULED,
    "cancel-later": Status.SCHEDULED,
    "check-answers": Status.ARRIVED,
    "weights": Status.ARRIVED,
    "decision-requests": Status.ARRIVED,
    "decisions": Status.ARRIVED,
    "dose": Status.ARRIVED,
    "discharge-assessments": Status.RECOVERING,
    "ready-marks": Status.RECOVERING,
    "sign": Status.LEFT,
    "review": Status.DISCHARGED,
    "addenda": Status.DISCHARGED,
    "late-effects": Status.DISCHARGED,
    **{action.value: min(row.sources, key=list(Status).index) for action, row in TRANSITIONS.items()},
}
"""The state in which a session meets a route at its best, where it is not INFUSING; discharged ones are signed."""


NAMED = {
    "site": "sites",
    "patient": "patients",
    "course": "courses",
    "chair": "chairs",
    "user": "people",
    "nurse": "staff",
    "owner": "staff",
    "consent": "consents",
    "assessment": "assessments",
    "document": "documents",
    "protocol_version": "approved-versions",
    "to_nurse": "staff",
    "reading": "vital-signs",
    "product": "products",
    "ordered_by": "people",
}
"""Which row of the scene a field of a body names."""


@dataclass(frozen=True)
class Reach:
    """Ids by the word that stands before them in an address: ``{"patients": ..., "vital-signs": ...}``."""

    actor: Actor
    token: str
    ids: dict[str, str]
    sessions: dict[Status, str]

    def id_at(self, words: list[str], place: int) -> str:
        """The id that belongs into an address, split at its slashes, at a place."""
        if words[place - 1] == "sessions":
            after = words[place + 1] if place + 1 < len(words) else ""
            return self.sessions[STATE_FOR.get(after, Status.INFUSING)]
        return self.ids[words[place - 1]]

    def named(self, name: str) -> str | None:
        """The id that a field of a body stands for, by the field's name."""
        word = NAMED.get(name)
        return self.ids[word] if word else None

    def address(self, template: str) -> str:
        """``/patients/{patient_id}/`` with the id of a row that exists."""
        words = template.split("/")
        return "/".join(
            self.id_at(words, place) if word.startswith(("{", "<")) else word
            for place, word in enumerate(words)
        )


@contextmanager
def kept_scene(blocker: Any) -> Iterator[Reach]:
    """The scene for a whole module of tests, each of which rolls back what it has written itself."""
    with blocker.unblock(), transaction.atomic():
        yield reach_everything()
        transaction.set_rollback(True)


def reach_everything() -> Reach:
    """Make the scene."""
    clinic = make_clinic(now=clock.now())
    actor = _in_every_role(clinic)
    sessions = {
        status: session_at(
            status,
            clinic=clinic,
            chair=make_chair(clinic.site, f"Seat {number}"),
            signed=1 if status is Status.DISCHARGED else 0,
        )
        for number, status in enumerate({*STATE_FOR.values(), Status.INFUSING})
    }
    token, text = issue_token(
        user=actor.user, name="everything", scopes=Permission.values, life=timedelta(days=9), by=actor
    )
    patient = complete_record(site=clinic.site, by=actor)
    rows = {
        **_rows_of_patient(patient, actor),
        **_rows_of_session(sessions[Status.INFUSING], actor),
        **_rows_of_clinic(clinic, actor),
        **_rows_of_messages(sessions[Status.SCHEDULED], actor),
        "bookings": sessions[Status.SCHEDULED].booking,
        "waiting-entries": add_to_waiting_list(course=make_course(clinic), by=actor),
        **_rows_of_course(make_course(clinic, patient=patient), actor),
        "blocks": _block(clinic, actor),
        "tokens": token,
        "devices": trust_device(site=clinic.site, name="Tablet", by=actor),
        **_rows_of_roster(clinic, actor),
        **_rows_of_orders(clinic, sessions[Status.INFUSING], actor),
        "staff": clinic.nurse.user,
        "handovers": offer_handover(
            site=clinic.site, to_nurse=actor.user, by=clinic.nurse, summarise=summarise
        ),
        "links": _link(patient, actor),
        "answer-covers": _cover(clinic, actor),
        "wordings": entered(clinic.site, "qids", actor, now=clock.now()),
    }
    return Reach(
        actor=actor,
        token=text,
        ids={word: str(row.public_id) for word, row in rows.items()},
        sessions={status: str(session.public_id) for status, session in sessions.items()},
    )


def _link(patient: Patient, actor: Actor) -> OneTimeLink:
    """Of a site that is ready for it; its hours are taken away again, for they would refuse bookings of the tests."""
    site = make_ready(patient.registrations.get().site)
    end = clock.now() + timedelta(days=2)
    told = {"parts": ["mood"], "purpose": "asked", "expires_at": end, "by": actor}
    link, _secret = make_link(patient=patient, site=site, **told)
    site.opening_hours.all().delete()
    return link


def _cover(clinic: Clinic, actor: Actor) -> AnswerCover:
    start = clock.now() + timedelta(days=3)
    return accept_answers(site=clinic.site, starts_at=start, ends_at=start + timedelta(hours=9), by=actor)


def _rows_of_course(course: Course, actor: Actor) -> dict[str, Any]:
    elsewhere = {"given_on": date(2026, 1, 5), "place": "Harbour clinic", "source": "records"}
    return {
        "courses": course,
        "outside-infusions": record_outside_infusion(course=course, by=actor, **elsewhere),
    }


def _block(clinic: Clinic, actor: Actor) -> Booking:
    start = clock.now() + timedelta(days=3)
    told = {"starts_at": start, "ends_at": start + timedelta(hours=1), "by": actor}
    return block_chair(chair=make_chair(clinic.site, "Bench"), kind="maintenance", title="New wheels", **told)


def _in_every_role(clinic: Clinic) -> Actor:
    user = clinic.director.user
    for role in ("front_desk", "nurse", "administrator", "auditor", "manager"):
        Membership.objects.create(user=user, site=clinic.site, role=role_named(role))
    assert user is not None
    return Actor.of_user(user)


def _rows_of_patient(patient: Patient, actor: Actor) -> dict[str, Any]:
    consent = consent_for(patient, by=actor)
    assessment = record_assessment(patient=patient, instrument="phq9", answers=phq9(1, 1), by=actor)
    record_assessment(patient=patient, instrument="qids", answers={"qids_12": 1}, by=actor)
    return {
        "suicide-reviews": patient.suicide_reviews.get(),
        "patients": patient,
        "consents": consent,
        "documents": consent.document,
        "assessments": assessment,
        "allergies": patient.allergy_entries.first(),
        "medications": patient.medication_entries.first(),
        "diagnoses": patient.diagnosis_entries.first(),
        "antidepressant-trials": patient.antidepressanttrial_entries.first(),
        "contacts": patient.contact_entries.first(),
        "referring-clinicians": patient.referringclinician_entries.first(),
        "authorizations": patient.authorization_entries.first(),
    }


def _rows_of_session(session: InfusionSession, actor: Actor) -> dict[str, Any]:
    return {
        "vital-signs": session.vital_signs.first(),
        "events": session.infusion_events.first(),
        "iv-accesses": place_iv_access(
            session=session, site="hand", side="left", gauge=22, attempts=1, patency="free", by=actor
        ),
        "notes": write_note(session=session, text="Calm", by=actor),
        **_rows_of_alerts(session, actor),
        "side-effects": report_side_effect(session=session, term="nausea", grade=1, by=actor),
        "emergency-steps": log_emergency_step(session=session, kind="alarm", by=actor),
        "follow-ups": add_follow_up(session=session, kind="next-day", reason="Call", by=actor),
    }


def _rows_of_alerts(session: InfusionSession, actor: Actor) -> dict[str, Any]:
    record_vital_signs(session=session, values={"systolic": 186, "diastolic": 90}, by=actor)
    end = clock.now() + timedelta(days=9)
    rule = {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 190, "level": "pause"}
    told = {"patient": session.patient, "site": session.site, "reason": "High as a rule", "valid_until": end}
    return {"alerts": session.alerts.get(), "patient-limits": set_patient_limit(by=actor, **rule, **told)}


def _rows_of_roster(clinic: Clinic, actor: Actor) -> dict[str, Any]:
    start = clock.now() + timedelta(days=30)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=8), "by": actor}
    return {
        "people": actor.user,
        "closures": add_closure(site=clinic.site, reason="Training", **times),
        "shifts": add_shift(site=clinic.site, user=clinic.nurse.user, **times),
        "leave": record_leave(user=clinic.nurse.user, kind="annual", **times),
    }


def _rows_of_orders(clinic: Clinic, session: InfusionSession, actor: Actor) -> dict[str, Any]:
    said = ordered_dose()
    standing = draft_standing_order(code="ondansetron", content=said, by=actor)
    told = {"ordered_by": actor.user, "words": "Four of ondansetron", "read_back": True}
    verbal = take_verbal_order(session=session, said=said, by=clinic.nurse, **told)
    given = {"dose": said["dose"], "unit": said["unit"], "order": verbal, "by": clinic.nurse}
    start = clock.now() + timedelta(days=20)
    named = {"kind": "on_call", "user": actor.user, "presence": "on_site", "by": actor}
    product = make_product(clinic.site, by=actor)
    drawn = {"lot": "K1", "expires_on": clock.now().date() + timedelta(days=90), "drawn_micrograms": 500_000}
    prepared = prepare_drug(session=session, product=product, by=clinic.nurse, **drawn)
    return {
        "products": product,
        "preparations": prepared,
        "drug-uses": use_drug(preparation=prepared, kind="wasted", micrograms=9000, by=clinic.nurse),
        "standing-orders": standing,
        "medicine-orders": verbal,
        "medicines": give_medicine(session=session, **given),
        "responsible": name_responsible(
            site=clinic.site, starts_at=start, ends_at=start + timedelta(hours=8), **named
        ),
    }


def _rows_of_messages(session: InfusionSession, actor: Actor) -> dict[str, Any]:
    site, patient = session.site, session.patient
    edit_patient(
        patient=patient, changes={"phone": "5", "reminders_by": "sms"}, by=actor, expected_revision=1
    )
    content = {"name": "Ride", "language": "en", "channel": "sms", "body": "See you at {time}."}
    text = add_reminder_text(site=site, content=content | {"send_at": time(9), "days_before": 1}, by=actor)
    queue_reminders(site=site, by=actor)
    feed, _secret = make_feed(only_mine=True, by=actor)
    return {"reminder-texts": text, "reminders": Reminder.objects.get(text=text), "calendar-feeds": feed}


def _rows_of_clinic(clinic: Clinic, actor: Actor) -> dict[str, Any]:
    file = "Id,First,Last,DOB\na1,Ana,García,1984-03-12\n".encode()
    screen, _code = make_screen(site=clinic.site, name="Corridor", by=actor)
    return {
        "sites": clinic.site,
        "wall-screens": screen,
        "chairs": clinic.chairs[2],
        "quick-phrases": add_quick_phrase(site=clinic.site, text="Resting quietly", by=actor),
        "protocols": clinic.version.protocol,
        "protocol-versions": draft_version(protocol=clinic.version.protocol, content=DEPRESSION, by=actor),
        "approved-versions": clinic.version,
        "staff": actor.user,
        "blocks": block_chair(
            chair=clinic.chairs[1],
            kind="consultation",
            title="First visit",
            starts_at=clock.now() + timedelta(days=3),
            ends_at=clock.now() + timedelta(days=3, minutes=30),
            by=actor,
        ),
        "imports": stage_import(site=clinic.site, content=file, file_name="a.csv", by=actor),
    }
