"""The worklist of check-ins, the course's, and the API: those without an answer first, and only within reach."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from patients.operations.one_time_links import revoke_link
from sessions.models import HomeCheckIn
from sessions.operations.asking import hand_over_check_in, queue_check_ins
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.check_ins import DAY_ONE, infused, job, make_ready
from tests.sessions.scenes import make_clinic

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)
OVER = TEN + timedelta(hours=48)


@pytest.fixture
def clinic(data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    settings.PUBLIC_URL = "https://clinic.example"
    clinic = make_clinic()
    make_ready(clinic.site)
    return clinic


def sent(clinic, **details):
    session = infused(clinic, DAY_ONE, **details)
    queue_check_ins(site=clinic.site, by=job(clinic), now=TEN)
    for check_in in HomeCheckIn.objects.filter(state="queued").select_related("session"):
        hand_over_check_in(check_in=check_in, by=job(clinic), now=TEN)
    return HomeCheckIn.objects.select_related("link__patient", "link__site", "session__patient").get(
        session=session
    )


def test_one_without_an_answer_is_on_the_list_for_a_fortnight(clinic):
    check_in = sent(clinic)
    pages = Pages(clinic.desk)
    shown = {}
    for hours in (47, 48, 24 * 14 - 1, 24 * 14):
        with travel(TEN + timedelta(hours=hours), tick=False):
            shown[hours] = check_in.session.patient.family_name in text_of(pages.get("/check-ins/"))
    assert shown == {47: False, 48: True, 24 * 14 - 1: True, 24 * 14: False}


def test_one_that_could_not_be_sent_says_why(clinic):
    sent(clinic, reminders_by="")
    with travel(TEN, tick=False):
        text = text_of(Pages(clinic.nurse).get("/check-ins/"))
    assert "Not sent The patient has agreed to no messages." in text


@pytest.mark.parametrize(
    ("how", "outcome", "lists"),
    [
        ("sent", "sent", {"all"}),
        ("missed", "missed", {"all", "missed"}),
        ("answered", "answered", {"all", "answered"}),
        ("revoked", "revoked", {"all"}),
    ],
)
def test_every_outcome_on_its_lists(clinic, how, outcome, lists):
    check_in = sent(clinic)
    if how == "answered":
        check_in.link.answered_at = TEN
        check_in.link.save()
    elif how == "revoked":
        revoke_link(link=check_in.link, by=clinic.nurse, now=TEN)
    at = OVER if how != "sent" else TEN
    with travel(at, tick=False):
        api = Api(clinic.nurse)
        found = {
            show: api.get(f"check-ins/?show={show}").json()["results"]
            for show in ("all", "missed", "answered")
        }
        assert {show for show, rows in found.items() if rows} == lists
        assert found["all"][0]["outcome"] == outcome
        course = text_of(Pages(clinic.nurse).get(f"/courses/{check_in.session.course.public_id}/"))
    assert "Check-ins between sessions" in course


def test_the_api_tells_what_was_asked_and_nothing_of_the_secret(clinic):
    check_in = sent(clinic)
    with travel(TEN, tick=False):
        (row,) = Api(clinic.nurse).get("check-ins/").json()["results"]
    assert (row["asked"], row["day"], row["channel"]) == (["side-effects", "mood"], 1, "sms")
    assert row["link"] == str(check_in.link.public_id)
    assert check_in.link.secret_hash not in str(row)


def test_other_sites_check_ins_are_out_of_reach(clinic):
    sent(clinic)
    stranger = staff("nurse", make_site("south"))
    with travel(OVER, tick=False):
        assert Api(stranger).get("check-ins/").json()["results"] == []
        assert "Every check-in of the last fortnight was answered" in text_of(
            Pages(stranger).get("/check-ins/")
        )


def test_the_list_asks_the_database_as_often_for_many_as_for_one(clinic):
    check_in = sent(clinic)
    pages = Pages(clinic.nurse)

    def queries():
        with travel(OVER, tick=False), CaptureQueriesContext(connection) as captured:
            assert pages.get("/check-ins/").status_code == 200
        return len(captured)

    queries()
    one = queries()
    told = {"parts": ["mood"], "due_at": TEN, "expires_at": OVER, "state": "failed", "why": "unknown"}
    for day in range(2, 12):
        HomeCheckIn.objects.create(session=check_in.session, day=day, **told)
    assert queries() == one


def test_the_worklist_has_one_row_for_a_patient_however_many_were_missed(clinic):
    check_in = sent(clinic)
    told = {"parts": ["mood"], "due_at": TEN + timedelta(days=1), "expires_at": OVER, "why": "refused"}
    HomeCheckIn.objects.create(session=check_in.session, day=2, state="failed", **told)
    with travel(OVER, tick=False):
        text = text_of(Pages(clinic.nurse).get("/check-ins/"))
    assert text.count(check_in.session.patient.family_name) == 1
    assert "day 2 Mood today Not sent 2 in a fortnight It was not accepted." in text
