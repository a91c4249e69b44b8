"""Check-ins between sessions: asked when the plan's day has come, at most once, where somebody reads the answer."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from time_machine import travel

from clinic.accounts.patient_account import patient_by_link
from clinic.audit.models import AuditEvent
from clinic.common.errors import Refused
from clinic.common.models import JobRun
from patients.models import Assessment, OneTimeLink, Registration, SuicideReview
from patients.operations.answer_cover import accept_answers
from patients.operations.assessing import record_assessment
from patients.operations.one_time_links import keep_answers, revoke_link
from patients.operations.registering import edit_patient, record_death
from patients.reports.suicide_reviews import review_line
from patients.rules.one_time_links import link_of
from sessions.models import HomeCheckIn, LateEffect
from sessions.operations.asking import hand_over_check_in, queue_check_ins, record_half_filled
from sessions.operations.planning import close_course
from sessions.reports.check_ins import outcome_of
from sessions.states import Status
from tests.patients.scenes import phq9
from tests.patients.wordings import approved
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.check_ins import DAILY, DAY_ONE, WEEKLY, infused, job, make_ready
from tests.sessions.messages import text_messages
from tests.sessions.scenes import NOON, make_clinic, make_course, session_at, under

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)
"""Ten in the morning in New York, on the day after the infusion."""


@pytest.fixture
def clinic():
    clinic = make_clinic()
    make_ready(clinic.site)
    return clinic


@pytest.fixture(autouse=True)
def carriers(data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    settings.PUBLIC_URL = "https://clinic.example"
    return data_dir


def run(clinic, now):
    """What the command does at a moment: how many were queued, and the states that were left behind."""
    by = job(clinic)
    queued = queue_check_ins(site=clinic.site, by=by, now=now)
    waiting = HomeCheckIn.objects.filter(state="queued").select_related("session").order_by("pk")
    return queued, [hand_over_check_in(check_in=one, by=by, now=now) for one in waiting]


def secret_in(text):
    found = re.search(r"https://clinic\.example/q/([\w-]+)/", text)
    assert found
    return found[1]


def test_the_plan_asks_on_its_day_and_once(clinic, carriers):
    session = infused(clinic, DAY_ONE)
    assert run(clinic, TEN - timedelta(minutes=1)) == (0, [])
    assert run(clinic, TEN) == (1, ["sent"])
    assert run(clinic, TEN + timedelta(hours=3)) == (0, [])
    (message,) = text_messages(carriers)
    assert message.startswith("555 0101\n\nHello Rui, your clinic would like to know how you are: https://")
    assert "Open until Friday 13 March, 10:00. Our number: 555 0100" in message
    link = link_of(secret_in(message), now=TEN)
    assert (link.patient, link.parts, link.state(TEN)) == (session.patient, ["side-effects", "mood"], "sent")
    verbs = AuditEvent.objects.filter(verb__regex="^(check_in|link)").order_by("pk")
    assert [event.verb for event in verbs] == [
        "check_in.queued",
        "link.made",
        "check_in.handed_over",
        "link.sent",
        "check_in.sent",
    ]
    assert {event.actor_kind for event in verbs} == {"job"}


def test_the_secret_is_stored_nowhere(clinic, carriers):
    infused(clinic, DAY_ONE)
    run(clinic, TEN)
    secret = secret_in(text_messages(carriers)[0])
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in (name for name in tables if name.startswith(("patients_", "sessions_", "audit_"))):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert not any(secret in str(row) for row in cursor.fetchall()), table


@pytest.mark.parametrize(
    ("ask", "licensed", "asked", "why"),
    [
        (["qids", "mood"], True, ["qids", "mood"], ""),
        (["qids", "mood"], False, ["mood"], ""),
        (["qids"], False, None, "wording"),
    ],
)
def test_what_a_site_has_no_licence_for_is_left_out(clinic, ask, licensed, asked, why):
    if licensed:
        approved(clinic.site, "qids", staff("administrator", clinic.site), now=NOON)
    infused(clinic, DAY_ONE | {"ask": ask})
    run(clinic, TEN)
    found = HomeCheckIn.objects.get()
    assert (found.link and found.link.parts, found.why) == (asked, why)


def test_without_a_plan_nothing_is_asked(clinic):
    bare = under(clinic, code="bare", check_ins=[])
    course = make_course(bare, now=NOON - timedelta(days=8))
    session_at(Status.DISCHARGED, clinic=bare, now=NOON, course=course)
    for hour in range(0, 24 * 10, 5):
        assert queue_check_ins(site=clinic.site, by=job(clinic), now=NOON + timedelta(hours=hour)) == 0


def test_every_day_of_a_plan_in_turn(clinic):
    infused(clinic, DAY_ONE, DAILY)
    sent = {}
    for hour in range(24 * 6):
        now = NOON + timedelta(hours=hour)
        queued, states = run(clinic, now)
        if queued:
            sent[now.astimezone(clinic.site.zone).strftime("%d %H:%M")] = states
    assert sent == {"11 10:00": ["sent"], "12 18:00": ["sent"], "13 18:00": ["sent"]}


def test_the_time_is_that_of_the_patients_clocks(clinic):
    infused(clinic, DAY_ONE, time_zone="America/Los_Angeles")
    assert run(clinic, TEN + timedelta(hours=2, minutes=59)) == (0, [])
    assert run(clinic, TEN + timedelta(hours=3)) == (1, ["sent"])


def test_a_questionnaire_on_suicide_lands_in_covered_hours(clinic):
    """Day 18 is a Saturday, so it waits for Monday at eight."""
    infused(clinic, WEEKLY | {"from_day": 18, "until_day": 18})
    saturday = datetime(2026, 3, 28, 10, tzinfo=clinic.site.zone)
    monday = datetime(2026, 3, 30, 8, tzinfo=clinic.site.zone)
    assert run(clinic, saturday) == (0, [])
    assert run(clinic, monday - timedelta(minutes=1)) == (0, [])
    assert run(clinic, monday) == (1, ["sent"])
    assert OneTimeLink.objects.get().expires_at == monday + timedelta(hours=48)


def test_a_late_run_puts_it_off_to_the_next_covered_hour(clinic):
    infused(clinic, WEEKLY)
    due = datetime(2026, 3, 24, 10, tzinfo=clinic.site.zone)
    assert queue_check_ins(site=clinic.site, by=job(clinic), now=due) == 1
    evening, morning = due + timedelta(hours=9), due + timedelta(hours=22)
    assert run(clinic, evening) == (0, ["queued"])
    assert HomeCheckIn.objects.get().due_at == morning
    assert run(clinic, morning) == (0, ["sent"])


def test_the_interval_of_a_questionnaire_is_kept(clinic):
    session = infused(clinic, WEEKLY | {"ask": ["phq9", "mood"]})
    day = datetime(2026, 3, 24, 10, tzinfo=clinic.site.zone)
    told = {"instrument": "phq9", "answers": phq9(*[1] * 9), "by": clinic.nurse}
    record_assessment(patient=session.patient, now=day - timedelta(days=13), **told)
    assert run(clinic, day) == (1, ["sent"])
    assert OneTimeLink.objects.get().parts == ["mood"]


def test_nothing_left_to_ask_is_not_sent(clinic, carriers):
    session = infused(clinic, WEEKLY)
    day = datetime(2026, 3, 24, 10, tzinfo=clinic.site.zone)
    told = {"instrument": "phq9", "answers": phq9(*[1] * 9), "by": clinic.nurse}
    record_assessment(patient=session.patient, now=day - timedelta(days=13), **told)
    assert run(clinic, day) == (1, ["dropped"])
    assert HomeCheckIn.objects.get().why == "soon" and text_messages(carriers) == []


def test_who_cannot_be_reached_is_seen_by_staff(clinic, carriers):
    infused(clinic, DAY_ONE, reminders_by="")
    assert run(clinic, TEN) == (1, ["dropped"])
    assert [row.why for row in HomeCheckIn.objects.missed(TEN)] == ["channel"]
    assert text_messages(carriers) == [] and not OneTimeLink.objects.exists()


@pytest.mark.parametrize("how", ["died", "stopped", "later", "url", "site", "late", "channel"])
def test_what_has_changed_since_it_was_queued(clinic, carriers, settings, how):
    session = infused(clinic, DAY_ONE)
    at = TEN
    assert queue_check_ins(site=clinic.site, by=job(clinic), now=TEN) == 1
    patient = session.patient
    patient.refresh_from_db()
    given = {"patient": patient, "by": clinic.nurse, "expected_revision": patient.revision, "now": TEN}
    if how == "died":
        record_death(deceased_on=TEN.date(), **given)
    elif how == "stopped":
        told = {"state": "stopped", "code": "patient_wish", "reason": "Moves away"}
        close_course(course=session.course, by=clinic.prescriber, now=TEN, **told)
    elif how == "later":
        at = TEN + timedelta(hours=3)
        session_at(Status.DISCHARGED, clinic=clinic, now=at, course=session.course, chair=clinic.chairs[1])
    elif how == "url":
        settings.PUBLIC_URL = ""
    elif how == "site":
        clinic.site.opening_hours.all().delete()
    elif how == "late":
        at = TEN + timedelta(hours=48)
    else:
        edit_patient(changes={"reminders_by": ""}, **given)
    assert run(clinic, at)[1] == ["dropped"]
    assert HomeCheckIn.objects.get(session=session).why == how
    assert text_messages(carriers) == []


def test_an_e_mail_in_spanish(clinic):
    infused(clinic, DAY_ONE, reminders_by="email", language="Spanish")
    run(clinic, TEN)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["rui@example.org"], "¿Cómo está?")
    assert "Hola, Rui" in sent.body and "viernes 13 de marzo" in sent.body
    assert OneTimeLink.objects.get().language == "es"


def test_a_carrier_that_is_away_for_a_while_gets_another_secret(clinic, settings, carriers):
    settings.SMS_BACKEND = "tests.sessions.carriers.Busy"
    infused(clinic, DAY_ONE)
    assert run(clinic, TEN) == (1, ["queued"])
    before = OneTimeLink.objects.get().secret_hash
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    assert run(clinic, TEN + timedelta(minutes=14)) == (0, [""])
    assert run(clinic, TEN + timedelta(minutes=15)) == (0, ["sent"])
    link = OneTimeLink.objects.get()
    assert link.secret_hash != before
    assert link_of(secret_in(text_messages(carriers)[0]), now=TEN + timedelta(minutes=15)) == link


def test_a_run_that_dies_in_between_sends_nothing_again(clinic, carriers):
    infused(clinic, DAY_ONE)
    queue_check_ins(site=clinic.site, by=job(clinic), now=TEN)
    HomeCheckIn.objects.filter(state="queued").update(state="failed", why="unknown")
    assert run(clinic, TEN + timedelta(minutes=5)) == (0, [])
    assert text_messages(carriers) == []


def test_an_expired_one_was_missed_and_what_was_typed_is_recorded_all_the_same(clinic, carriers):
    session = infused(clinic, DAY_ONE)
    run(clinic, TEN)
    check_in = HomeCheckIn.objects.select_related("link").get()
    link = link_of(secret_in(text_messages(carriers)[0]), now=TEN)
    by = patient_by_link(link_id=str(link.public_id), site_id=link.site_id)
    typed = TEN + timedelta(hours=1)
    keep_answers(link=link, part="side-effects", answers={"nausea": "severe"}, by=by, now=typed)
    over = check_in.expires_at
    assert HomeCheckIn.objects.missed(over).get() == check_in
    assert record_half_filled(site=clinic.site, by=job(clinic), now=over) == 1
    assert record_half_filled(site=clinic.site, by=job(clinic), now=over) == 0
    late = LateEffect.objects.get()
    assert (late.session, late.taken_at, late.entered_at) == (session, typed, over)
    assert not HomeCheckIn.objects.missed(over).exists()


def test_who_left_the_site_is_in_nobody_s_way(clinic, carriers):
    session = infused(clinic, DAILY)
    other = infused(clinic, DAILY)
    evening = TEN + timedelta(hours=8)
    assert run(clinic, evening) == (2, ["sent", "sent"])
    for link in OneTimeLink.objects.select_related("patient", "site"):
        by = patient_by_link(link_id=str(link.public_id), site_id=link.site_id)
        keep_answers(link=link, part="mood", answers={"mood": "5"}, by=by, now=evening)
    gone = OneTimeLink.objects.get(patient=session.patient)
    Registration.objects.filter(patient=session.patient).update(site=make_site("south"))
    assert record_half_filled(site=clinic.site, by=job(clinic), now=gone.expires_at) == 1
    assert Assessment.objects.get().patient == other.patient
    gone.refresh_from_db()
    assert (gone.state(gone.expires_at), gone.answers.get().answers) == ("revoked", {"mood": 5})
    assert AuditEvent.objects.get(verb="link.revoked").reason
    assert record_half_filled(site=clinic.site, by=job(clinic), now=gone.expires_at) == 0
    assert run(clinic, evening + timedelta(days=1)) == (2, ["dropped", "sent"])
    assert HomeCheckIn.objects.get(session=session, state="dropped").why == "left"


def test_a_link_that_was_revoked_between_two_tries_is_not_sent(clinic, carriers, settings):
    settings.SMS_BACKEND = "tests.sessions.carriers.Busy"
    infused(clinic, DAY_ONE)
    assert run(clinic, TEN) == (1, ["queued"])
    link = OneTimeLink.objects.select_related("patient", "site").get()
    revoke_link(link=link, by=clinic.nurse, now=TEN)
    assert run(clinic, TEN + timedelta(minutes=15)) == (0, ["dropped"])
    assert HomeCheckIn.objects.get().why == "over"


def test_a_link_that_is_put_off_between_two_tries_is_open_as_long_as_its_message_says(
    clinic, carriers, settings
):
    settings.SMS_BACKEND = "tests.sessions.carriers.Busy"
    infused(clinic, WEEKLY | {"within_hours": 8, "at": "15:50"})
    due = datetime(2026, 3, 24, 15, 50, tzinfo=clinic.site.zone)
    assert run(clinic, due) == (1, ["queued"])
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    assert run(clinic, due + timedelta(minutes=15)) == (0, ["queued"])
    later = HomeCheckIn.objects.get().due_at
    assert later > OneTimeLink.objects.get().expires_at
    assert run(clinic, later) == (0, ["sent"])
    check_in = HomeCheckIn.objects.select_related("link").get()
    assert (check_in.link.expires_at, check_in.link.state(later)) == (check_in.expires_at, "sent")


def test_a_person_without_the_rights_sends_nothing(clinic):
    with refused(Refused, "permission.missing"):
        queue_check_ins(site=clinic.site, by=staff("auditor", clinic.site), now=TEN)


def test_the_command_notes_its_run(clinic, carriers, capsys):
    infused(clinic, DAY_ONE)
    with travel(TEN, tick=False):
        call_command("send_check_ins")
    assert capsys.readouterr().out == "1 queued, 1 sent\n"
    done = JobRun.objects.get(name="send_check_ins")
    assert (done.state, done.result) == ("done", {"queued": 1, "sent": 1})


def test_from_the_message_to_the_record(clinic, carriers):
    session = infused(clinic, WEEKLY | {"from_day": 15, "until_day": 15})
    day = datetime(2026, 3, 25, 10, tzinfo=clinic.site.zone)
    assert run(clinic, day) == (1, ["sent"])
    address = f"/q/{secret_in(text_messages(carriers)[0])}/"
    phone = Client()
    with travel(day + timedelta(minutes=5), tick=False):
        phone.post(address)
        phone.post(f"{address}1/", {f"phq9_{number}": "1" for number in range(1, 10)})
    assert Assessment.objects.get(patient=session.patient).total == 9
    assert SuicideReview.objects.get().patient == session.patient
    check_in = HomeCheckIn.objects.select_related("link").get()
    assert outcome_of(check_in, day) == "answered"


def test_a_link_goes_out_in_hours_that_somebody_has_accepted_and_the_review_is_theirs(clinic, carriers):
    session = infused(clinic, WEEKLY | {"from_day": 15, "until_day": 15, "at": "18:00"})
    due = datetime(2026, 3, 25, 18, tzinfo=clinic.site.zone)
    evening = {"starts_at": due - timedelta(hours=1), "ends_at": due + timedelta(hours=4)}
    accept_answers(site=clinic.site, by=clinic.prescriber, now=due - timedelta(hours=5), **evening)
    assert run(clinic, due) == (1, ["sent"])
    address = f"/q/{secret_in(text_messages(carriers)[0])}/"
    phone = Client()
    with travel(due + timedelta(minutes=5), tick=False):
        assert "and now, until Wednesday 25 March, 22:00" in phone.get(address).content.decode()
        phone.post(address)
        phone.post(f"{address}1/", {f"phq9_{number}": "1" for number in range(1, 10)})
    review = SuicideReview.objects.with_entries().get(patient=session.patient)
    assert review_line(review, now=due).owner == clinic.prescriber.user


def test_without_an_accepted_hour_it_waits_for_the_morning(clinic, carriers):
    infused(clinic, WEEKLY | {"from_day": 15, "until_day": 15, "at": "18:00"})
    due = datetime(2026, 3, 25, 18, tzinfo=clinic.site.zone)
    assert run(clinic, due) == (0, [])
    assert run(clinic, due + timedelta(hours=14)) == (1, ["sent"])
