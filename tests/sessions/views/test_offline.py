"""Forms of the chairside as they arrive from a tablet that had no network."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import Q
from django.urls import reverse

from clinic.audit.models import AccessEvent, AuditEvent
from clinic.common import clock
from clinic.common.models import OfflineEntry
from sessions.models import (
    EarlyLeaving,
    InfusionEvent,
    MedicationGiven,
    Note,
    SideEffectInquiry,
    TabletContact,
    VitalSigns,
)
from sessions.operations import leaving, monitoring, running, signing
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.standing_orders import retire_standing_order
from sessions.reports.tablets import FORGOTTEN_AFTER, SILENT_AFTER, offline_since
from sessions.states import EndKind, Status
from tests.pages import text_of
from tests.sessions.orders_scene import standing_order
from tests.sessions.scenes import NOON, make_chair, make_clinic, session_at

pytestmark = pytest.mark.django_db

BEHIND = timedelta(minutes=3)
"""How far the tablet's clock is behind the server's."""


@pytest.fixture
def send(client):
    """``send(session, "notes", by, ago=20, text="…")``: typed so many minutes ago, sent now; the answer's JSON."""

    def post(session, name, by, *, ago=20, key=None, author=None, **fields):
        client.force_login(by.user)
        typed = clock.now() - timedelta(minutes=ago) - BEHIND
        told = {
            "idempotency_key": key or uuid.uuid4(),
            "for_patient": session.patient.public_id,
            "typed_by": (author or by.user).public_id,
            "typed_at": typed.isoformat(),
            "clock_offset_ms": int(BEHIND.total_seconds() * 1000),
        }
        path = f"/sessions/{session.public_id}/{name}/"
        return client.post(path, told | fields, headers={"X-Outbox": "1"})

    return post


def minutes_ago(moment):
    return (clock.now() - moment) / timedelta(minutes=1)


def test_a_reading_bears_its_time_and_its_mark_however_often_it_is_sent(clinic, send, client):
    session, key = session_at(Status.INFUSING, clinic=clinic), uuid.uuid4()
    for _ in range(2):
        answer = send(session, "vital-signs", clinic.nurse, key=key, systolic=121, diastolic=80)
        assert (answer.status_code, answer.json()["stored"]) == (200, True)
    reading = VitalSigns.objects.get(public_id=key)
    assert minutes_ago(reading.taken_at) == 20
    entry = OfflineEntry.objects.get(key=key)
    assert (entry.clock_offset_ms, minutes_ago(entry.typed_at)) == (180_000, 23)
    assert "offline time" in client.get(f"/sessions/{session.public_id}/").content.decode()


def test_a_form_that_was_sent_at_once_and_its_echo_are_one_form(clinic, send, client):
    """The first try succeeded and its answer was lost: the echo says that it was kept, and is the same form."""
    session, key = session_at(Status.INFUSING, clinic=clinic), uuid.uuid4()
    client.force_login(clinic.nurse.user)
    told = {"idempotency_key": key, "for_patient": session.patient.public_id, "text": "Calm"}
    client.post(f"/sessions/{session.public_id}/notes/", told)
    assert send(session, "notes", clinic.nurse, key=key, text="Calm").json()["stored"]
    assert Note.objects.filter(session=session).count() == 1
    assert not OfflineEntry.objects.filter(key=key).exists()


def test_nothing_is_stored_under_whoever_signs_in_later(clinic, send):
    session = session_at(Status.INFUSING, clinic=clinic)
    answer = send(session, "notes", clinic.prescriber, author=clinic.nurse.user, text="Hers")
    assert (answer.status_code, answer.json()["stored"]) == (409, False)
    assert not Note.objects.filter(session=session).exists()


@pytest.mark.parametrize(
    ("name", "fields", "status", "words"),
    [
        ("vital-signs", {"systolic": "high"}, 422, "whole number"),
        ("vital-signs", {"systolic": 500, "diastolic": 80}, 422, "cannot be right"),
        ("notes", {"text": ""}, 422, "required"),
        ("notes", {"text": "x", "for_patient": uuid.uuid4()}, 409, "another patient"),
        ("notes", {"text": "x", "typed_at": "soon"}, 422, "cannot be read"),
        ("resume", {}, 409, "out of order"),
    ],
)
def test_a_refusal_is_a_sentence_and_no_page(clinic, send, name, fields, status, words):
    answer = send(session_at(Status.INFUSING, clinic=clinic), name, clinic.nurse, **fields)
    assert answer.status_code == status
    assert words in " ".join(answer.json()["problems"])
    assert OfflineEntry.objects.count() == 0


def test_a_session_out_of_reach_is_not_found(clinic, send):
    elsewhere = make_clinic("south")
    answer = send(session_at(Status.INFUSING, clinic=clinic), "notes", elsewhere.nurse, text="x")
    assert (answer.status_code, len(answer.json()["problems"])) == (404, 1)


def test_asked_and_over_are_counted_from_the_typing(clinic, send):
    session = session_at(Status.INFUSING, clinic=clinic)
    send(session, "side-effects", clinic.nurse, ago=11, term="nausea", severity="mild", action_taken="none")
    effect = session.side_effects.get()
    send(session, f"side-effects/{effect.public_id}", clinic.nurse, ago=5, severity="mild", resolved="on")
    send(session, "side-effect-inquiries", clinic.nurse, ago=3)
    entry = effect.entries.latest("pk")
    assert [minutes_ago(moment) for moment in (effect.onset_at, entry.taken_at, entry.resolved_at)] == [
        11,
        5,
        5,
    ]
    assert minutes_ago(SideEffectInquiry.objects.get(session=session).taken_at) == 3


# --- Events of the infusion, whatever has happened since.


def end_it(session, clinic):
    running.end(session=session, by=clinic.nurse, kind=EndKind.COMPLETED)


def let_go(session, clinic):
    leaving.leave(session=session, by=clinic.nurse, reason="Wanted to go")


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [(None, Status.PAUSED), (end_it, Status.RECOVERING), (let_go, Status.LEFT)],
)
def test_a_late_pause_takes_its_place(clinic, send, meanwhile, status):
    session = session_at(Status.INFUSING, clinic=clinic)
    if meanwhile:
        meanwhile(session, clinic)
    answer = send(session, "pause", clinic.nurse, ago=4, reason="Nausea")
    assert answer.json() == {"stored": True, "problems": [], "now": NOON.timestamp() * 1000}
    session.refresh_from_db()
    assert session.state is status
    # Started twelve minutes ago: what ran after the pause is not infused.
    assert session.infused_seconds == 8 * 60
    assert InfusionEvent.objects.get(session=session, kind="pause").reason == "Nausea"


def test_a_stop_is_one_tap_with_its_reason_asked_later_and_closes_the_infusion(clinic, send):
    session = session_at(Status.INFUSING, clinic=clinic)
    assert send(session, "end", clinic.nurse, ago=2, kind="no_such_end").status_code == 422
    assert send(session, "end", clinic.nurse, ago=2, kind="stopped_early").json()["stored"]
    session.refresh_from_db()
    assert (session.state, minutes_ago(session.infusion_ended_at)) == (Status.RECOVERING, 2)


def test_a_late_event_needs_no_reason_for_being_late(clinic, send):
    old = clock.now() - timedelta(hours=40)
    session = session_at(Status.INFUSING, clinic=clinic, now=old)
    assert send(session, "pause", clinic.nurse, ago=40 * 60 - 1).json()["stored"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("rate", {"rate_microlitres_per_hour": "120"}),
        ("leave", {"leaving": "against_advice"}),
        ("leave", {"leaving": "without_escort"}),
        ("transfer-out", {}),
        ("end", {}),
    ],
)
def test_how_late_it_is_sent_does_not_matter_where_it_was_typed_in_time(clinic, send, client, name, fields):
    session = session_at(Status.INFUSING, clinic=clinic, now=clock.now() - timedelta(hours=40))
    ago = 40 * 60 - 3
    by = clinic.prescriber if name == "transfer-out" else clinic.nurse
    assert send(session, name, by, ago=ago, **fields).json()["stored"]
    assert "offline time" in client.get(f"/sessions/{session.public_id}/").content.decode()
    session.refresh_from_db()
    assert name == "rate" or minutes_ago(session.infusion_ended_at) == ago


@pytest.mark.parametrize(
    ("name", "fields"), [("rate", {"rate_microlitres_per_hour": "120"}), ("leave", {}), ("end", {})]
)
def test_what_was_long_ago_when_it_was_typed_needs_its_reason_as_with_a_network(clinic, send, name, fields):
    session = session_at(Status.INFUSING, clinic=clinic, now=clock.now() - timedelta(hours=40))
    # An hour ago, about a moment soon after the infusion began.
    fields |= {
        "at": (session.infusion_started_at + timedelta(minutes=5))
        .astimezone(session.site.zone)
        .strftime("%H:%M")
    }
    answer = send(session, name, clinic.nurse, ago=60, **fields)
    assert (answer.status_code, "more than 24 hours ago" in answer.json()["problems"][0]) == (422, True)
    assert send(session, name, clinic.nurse, ago=60, reason="Found on paper", **fields).json()["stored"]


@pytest.mark.parametrize(("name", "fields"), [("leave", {"leaving": "ambulance"}), ("transfer-out", {})])
def test_a_way_of_leaving_is_sent_once_under_its_author_with_its_time(clinic, send, name, fields):
    session, key = session_at(Status.RECOVERING, clinic=clinic), uuid.uuid4()
    for _ in range(2):
        assert send(session, name, clinic.prescriber, ago=2, key=key, **fields).json()["stored"]
    row = EarlyLeaving.objects.get(session=session)
    assert (row.kind, row.taken_by, minutes_ago(row.taken_at)) == ("ambulance", clinic.prescriber.user, 2)
    again = send(session, name, clinic.prescriber, ago=1, **fields)
    assert (again.status_code, "not possible now" in again.json()["problems"][0]) == (409, True)


def test_a_medicine_names_its_order_in_the_form_itself(clinic, send):
    """The order is part of what is sent, so no retry can put the same key under another order."""
    order, session, key = standing_order(clinic), session_at(Status.INFUSING, clinic=clinic), uuid.uuid4()
    said = {"standing": order.public_id, "dose": "4", "unit": "mg", "route": "iv", "indication": "Nausea"}
    for _ in range(2):
        assert send(session, "medicines/give", clinic.nurse, ago=7, key=key, **said).json()["stored"]
    given = MedicationGiven.objects.get()
    assert (given.public_id, given.standing_order, given.taken_by) == (key, order, clinic.nurse.user)
    assert minutes_ago(given.taken_at) == 7
    other = send(session, "medicines/give", clinic.nurse, **said | {"standing": uuid.uuid4()})
    assert (other.status_code, MedicationGiven.objects.count()) == (404, 1)
    retire_standing_order(
        order=order, by=clinic.director, expected_revision=order.revision, reason="Out of stock"
    )
    late = send(session, "medicines/give", clinic.nurse, ago=1, **said)
    assert (late.status_code, "not in use here" in late.json()["problems"][0]) == (409, True)


def test_a_signed_chart_is_added_to_by_an_addendum_only(clinic, send):
    session = session_at(Status.DISCHARGED, clinic=clinic)
    signing.sign(session=session, by=clinic.nurse)
    answer = send(session, "pause", clinic.nurse, ago=100)
    assert (answer.status_code, "addendum" in answer.json()["problems"][0]) == (409, True)


# --- What is given up, and which tablets are there.


def test_what_is_given_up_stands_in_the_audit_with_its_reason(clinic, send):
    session = session_at(Status.INFUSING, clinic=clinic)
    told = {"entry": uuid.uuid4(), "what": "Reading: Systolic 231", "reason": ""}
    assert send(session, "discarded-entries", clinic.nurse, **told).status_code == 422
    assert send(session, "discarded-entries", clinic.nurse, **told | {"reason": "Typed twice"}).json()[
        "stored"
    ]
    event = AuditEvent.objects.get(verb="outbox.discarded")
    assert (event.reason, event.patient_id) == ("Typed twice", session.patient.public_id)
    assert event.details["after"]["what"] == "Reading: Systolic 231"


def test_a_tablet_that_falls_silent_is_offline_and_one_that_was_closed_is_not(clinic, client):
    session, other = (session_at(Status.INFUSING, clinic=clinic, chair=chair) for chair in clinic.chairs[:2])
    client.force_login(clinic.nurse.user)
    for one in (session, other):
        assert client.post(f"/sessions/{one.public_id}/contact/").json()["now"] > 0
    client.post(f"/sessions/{other.public_id}/contact/", {"leaving": "yes"})
    seen = TabletContact.objects.get(session=session).last_seen_at
    ids = Q(session__in=[session.pk, other.pk])
    assert offline_since(ids, seen + SILENT_AFTER - timedelta(seconds=1)) == {}
    assert offline_since(ids, seen + SILENT_AFTER) == {session.pk: seen}
    assert offline_since(ids, seen + FORGOTTEN_AFTER) == {}
    # A second tablet on the same session is enough to be in touch.
    client.force_login(clinic.prescriber.user)
    client.post(f"/sessions/{session.public_id}/contact/")
    TabletContact.objects.filter(user=clinic.prescriber.user).update(last_seen_at=seen + SILENT_AFTER)
    assert offline_since(ids, seen + SILENT_AFTER) == {}


def test_only_patients_who_are_monitored_have_tablets_offline(clinic, client):
    session = session_at(Status.INFUSING, clinic=clinic)
    client.force_login(clinic.nurse.user)
    client.post(f"/sessions/{session.public_id}/contact/")
    let_go(session, clinic)
    assert offline_since(Q(session__site=clinic.site), clock.now() + SILENT_AFTER) == {}
    TabletContact.objects.all().delete()
    client.post(f"/sessions/{session.public_id}/contact/")
    assert not TabletContact.objects.exists()


# --- The pages that are kept.


def test_the_page_is_kept_for_whoever_opened_it_and_carries_its_limits(clinic, client):
    session = session_at(Status.INFUSING, clinic=clinic)
    client.force_login(clinic.nurse.user)
    page = client.get(f"/sessions/{session.public_id}/")
    assert page["X-Keep-Offline"] == str(clinic.nurse.user.public_id)
    data = page.context["offline"]
    assert len(data["limits"]) == len(session.course.protocol_version.limits)
    before = {limit["parameter"]: limit["before"] for limit in data["limits"] if limit["relative"]}
    assert before == {"heart_rate": 70}
    assert data["interval"] == 10
    assert "X-Keep-Offline" not in client.get(reverse("sessions:today"))


def test_the_downtime_pack_asks_as_often_for_many_as_for_one_and_notes_each_opening_once(
    clinic, client, django_assert_max_num_queries
):
    client.force_login(clinic.nurse.user)

    def opened(*, sheets):
        with django_assert_max_num_queries(22) as caught:
            page = client.get(reverse("sessions:downtime"))
        assert [sheet.during for sheet in page.context["pack"].sheets] == [[0, 10, 20, 30, 40]] * sheets
        assert page["X-Keep-Offline"] == str(clinic.nurse.user.public_id)
        return len(caught)

    session_at(Status.INFUSING, clinic=clinic)
    session_at(Status.DISCHARGED, clinic=clinic, chair=clinic.chairs[2])
    opened(sheets=1)
    few = opened(sheets=1)
    session_at(Status.ARRIVED, clinic=clinic, chair=clinic.chairs[1])
    session_at(Status.READY, clinic=clinic, chair=make_chair(clinic.site, "Recliner"))
    # The two who are new are noted in one statement, and then no more.
    assert [opened(sheets=3), opened(sheets=3)] == [few + 1, few]
    assert AccessEvent.objects.filter(what="downtime").count() == 3


def test_the_downtime_pack_says_who_answers_and_leaves_a_line_where_nobody_is_named(clinic, client):
    client.force_login(clinic.nurse.user)
    address = reverse("sessions:downtime")
    assert text_of(client.get(address)).count("clinician ____") == 1
    name_responsible(
        site=clinic.site,
        kind="responsible",
        user=clinic.prescriber.user,
        presence="by_phone",
        phone="555 0142",
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(hours=8),
        by=clinic.nurse,
    )
    printed = text_of(client.get(address))
    who = clinic.prescriber.user.printed_name
    assert f"Responsible prescriber {who}, By phone, 555 0142 until" in printed
    assert "On-call clinician ____________________" in printed
    sheets = f"/api/v1/sites/{clinic.site.public_id}/downtime-sheets/"
    (named,) = client.get(sheets).json()["answering"]
    assert (named["name"], named["phone"], named["kind"]) == (who, "555 0142", "responsible")


def test_the_api_tells_what_bears_an_offline_time(clinic, send, client):
    session, key = session_at(Status.INFUSING, clinic=clinic), uuid.uuid4()
    monitoring.write_note(session=session, text="Online", by=clinic.nurse)
    send(session, "notes", clinic.nurse, key=key, text="Offline")
    (entry,) = client.get(f"/api/v1/sessions/{session.public_id}/").json()["offline_entries"]
    assert (entry["id"], entry["clock_offset_ms"]) == (str(key), 180_000)
