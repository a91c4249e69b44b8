"""The infusion's forms on the session's page: each stored once, and a refusal keeps what was typed."""

from datetime import timedelta

import pytest

from sessions.models import InfusionSession
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.sessions.scenes import NOON, session_at

pytestmark = pytest.mark.django_db

STORED = {
    "rate": ({"rate_microlitres_per_hour": "75", "reason": "Nausea", "ago": "2"}, "infusion_events"),
    "iv-accesses": (
        {"site": "hand", "side": "left", "gauge": "22", "attempts": "1", "patency": "free", "ago": "0"},
        "iv_accesses",
    ),
    "readings-not-done": ({"due_at": NOON.isoformat(), "reason": "Asleep"}, "readings_not_done"),
}
REFUSED = {
    "rate": ({"rate_microlitres_per_hour": "0", "reason": "Nausea"}, "That it stands still is a pause."),
    "iv-accesses": ({"site": "hand", "side": "left", "attempts": "1", "patency": "free"}, "Choose the gauge"),
    "readings-not-done": ({"due_at": NOON.isoformat(), "reason": ""}, "This field is required"),
}


def path_of(session, *parts):
    return "/".join(["/sessions", str(session.public_id), *map(str, parts), ""])


@pytest.mark.parametrize("name", STORED)
def test_a_form_is_stored_once_however_often_it_is_sent(clinic, name):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    fields, rows = STORED[name]
    pages, before = Pages(clinic.nurse), getattr(session, rows).count()
    guard = {"for_patient": str(session.patient.public_id)}
    key = "7a8f4c0e-5f1d-4a53-9b7e-3c1f0f6f2b11"
    for _ in range(2):
        assert pages.post(path_of(session, name), fields | guard, key=key).status_code == 302
    assert getattr(session, rows).count() == before + 1


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_why_and_keeps_what_was_typed(clinic, name):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    fields, words = REFUSED[name]
    guard = {"for_patient": str(session.patient.public_id)}
    answer = Pages(clinic.nurse).post(path_of(session, name), fields | guard)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_from_a_stop_in_one_tap_to_what_was_given(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    pages, guard = Pages(clinic.nurse), {"for_patient": str(session.patient.public_id)}
    shown = text_of(pages.get(path_of(session)))
    assert "Record stop (stopped at the pump?)" in shown
    assert pages.post(path_of(session, "end"), guard).status_code == 302
    assert "Stopped early at" in text_of(pages.get(path_of(session)))
    stop = session.infusion_events.get(kind="end")
    detail = path_of(session, "events", stop.public_id, "detail")
    assert pages.post(detail, guard | {"reason": "Asked to stop"}).status_code == 302
    refused = pages.post(path_of(session, "totals"), guard | {"pump_microlitres": "90", "used": "pump"})
    assert refused.status_code == 422
    assert "differ by more than 10 % of the dose" in text_of(refused)
    assert 'value="90"' in refused.content.decode()
    stored = {"pump_microlitres": "30", "used": "pump", "flush_microlitres": "0"}
    assert pages.post(path_of(session, "totals"), guard | stored).status_code == 302
    shown = text_of(pages.get(path_of(session)))
    assert "They agree within 10 % of the dose." in shown
    assert "Line not flushed." in shown
    assert InfusionSession.objects.get(pk=session.pk).given_micrograms == 10_500


def test_a_forgotten_pause_and_one_that_never_was(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    pages, guard = Pages(clinic.nurse), {"for_patient": str(session.patient.public_id)}
    path = path_of(session, "events", "forgotten")
    assert pages.get(path).status_code == 200
    for kind, minutes in (("pause", 30), ("resume", 25)):
        at = (NOON - timedelta(minutes=minutes)).astimezone(session.site.zone).strftime("%H:%M")
        told = guard | {"kind": kind, "at": at, "reason": "Pump's log"}
        assert pages.post(path, told).status_code == 302
    assert InfusionSession.objects.get(pk=session.pk).infused_seconds == 35 * 60
    pause = session.infusion_events.get(kind="pause")
    strike = path_of(session, "events", pause.public_id, "strike")
    assert pages.get(strike).status_code == 200
    assert pages.post(strike, guard | {"reason": "Another chair's"}).status_code == 302
    assert InfusionSession.objects.get(pk=session.pk).infused_seconds == 40 * 60


def test_a_cannula_is_shown_with_its_removal(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    pages, guard = Pages(clinic.nurse), {"for_patient": str(session.patient.public_id)}
    fields, _rows = STORED["iv-accesses"]
    pages.post(path_of(session, "iv-accesses"), fields | guard)
    access = session.iv_accesses.get()
    assert "Hand, left 22 G flushes freely, 1 attempt" in text_of(pages.get(path_of(session)))
    removed = path_of(session, "iv-accesses", access.public_id, "remove")
    assert pages.post(removed, guard | {"condition": "bruise", "ago": "0"}).status_code == 302
    assert "bruise" in text_of(pages.get(path_of(session)))
