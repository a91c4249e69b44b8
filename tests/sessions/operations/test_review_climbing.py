"""Reviews that nobody confirms: to the prescriber of the day, to who is on call, the manager informed; told once."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Refused
from clinic.common.models import JobRun
from patients.models import ReviewStep, SuicideReview
from patients.operations.assessing import record_assessment
from patients.operations.review_climbing import climb_reviews, send_review_steps
from patients.operations.suicide_reviews import assign_review, close_review, confirm_review
from patients.reports.suicide_reviews import history_of, open_reviews, review_line
from patients.rules.review_climbing import People
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.review_climbing import pass_on_reviews
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.patients.scenes import phq9
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.messages import text_messages
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, make_clinic, make_patient


@pytest.fixture
def clinic(db):
    found = make_clinic()
    set_rules(found.site, suicide_escalation_minutes=15)
    return found


@pytest.fixture
def manager(clinic):
    return staff("manager", clinic.site)


@pytest.fixture
def on_call(clinic):
    """Somebody is responsible and somebody is on call, from an hour ago for nine hours."""
    other = staff("prescriber", clinic.site)
    for kind, who in (("responsible", clinic.prescriber), ("on_call", other)):
        name_responsible(
            site=clinic.site,
            kind=kind,
            user=who.user,
            presence="by_phone",
            phone="555 0142",
            starts_at=NOON - timedelta(hours=1),
            ends_at=NOON + timedelta(hours=8),
            by=clinic.nurse,
            now=NOON,
        )
    return other


@pytest.fixture
def review(clinic):
    patient = make_patient(clinic, now=NOON)
    answers = phq9(*[None] * 8, 2)
    record_assessment(patient=patient, instrument="phq9", answers=answers, by=clinic.nurse, now=NOON)
    return SuicideReview.objects.get()


def run(minute):
    out = StringIO()
    with time_machine.travel(NOON + timedelta(minutes=minute), tick=False):
        call_command("escalate_reviews", stdout=out)
    return out.getvalue().strip()


def steps(review):
    return [(row.kind, row.step, row.to, row.channel) for row in review.steps.order_by("pk")]


def climbed(review):
    return [(step, to) for kind, step, to, _channel in steps(review) if kind == "climbed"]


def give(review, clinic, minute=0):
    assign_review(
        review=review, owner=clinic.nurse.user, by=clinic.nurse, now=NOON + timedelta(minutes=minute)
    )


def test_from_the_owner_to_the_prescriber_to_who_is_on_call_and_the_manager_is_informed(
    review, clinic, on_call, manager
):
    give(review, clinic)
    told = [run(minute) for minute in (0, 59, 60, 60, 74, 75, 76, 400)]
    nothing = "Nothing was due."
    assert told == [nothing, nothing, "1 climbed", nothing, nothing, "2 climbed", nothing, nothing]
    assert steps(review) == [
        ("climbed", "prescriber", clinic.prescriber.user, ""),
        ("delivered", "prescriber", clinic.prescriber.user, "screen"),
        ("climbed", "on_call", on_call.user, ""),
        ("delivered", "on_call", on_call.user, "screen"),
        ("climbed", "manager", manager.user, ""),
        ("delivered", "manager", manager.user, "screen"),
    ]
    event = AuditEvent.objects.filter(verb="suicide_review.climbed").latest("pk")
    assert (event.actor_kind, event.details["after"]) == ("job", {"steps": ["on_call", "manager"]})
    assert JobRun.objects.filter(name="escalate_reviews", state="done").count() == 8


def test_a_review_that_nobody_has_gets_its_owner_at_the_first_run(review, clinic, on_call):
    assert run(1) == "1 climbed"
    line = review_line(SuicideReview.objects.all().with_entries().get(), now=NOON)
    assert (line.owner, line.is_confirmed) == (clinic.prescriber.user, False)
    confirm_review(review=review, by=clinic.prescriber, now=NOON + timedelta(minutes=9))
    assert run(90) == "Nothing was due."


@pytest.mark.parametrize("minutes", [15, 0])
def test_whoever_answers_for_the_hour_has_it_from_its_beginning_and_until_it_is_due(clinic, on_call, minutes):
    set_rules(clinic.site, suicide_escalation_minutes=minutes)
    patient = make_patient(clinic, now=NOON)
    told = {"patient": patient, "instrument": "phq9", "answers": phq9(*[None] * 8, 2)}
    record_assessment(**told, by=clinic.nurse, now=NOON)
    line = review_line(SuicideReview.objects.all().with_entries().get(), now=NOON)
    assert (line.owner, line.is_confirmed) == (clinic.prescriber.user, False)
    nothing = "Nothing was due."
    assert [run(minute) for minute in (0, 59)] == [nothing, nothing]
    run(60)
    steps_after = [("on_call", on_call.user), ("manager", None)] if minutes else []
    assert climbed(line.review) == [("prescriber", clinic.prescriber.user), *steps_after]


def test_any_of_them_may_confirm_and_has_it_then(review, clinic, on_call):
    give(review, clinic)
    run(60)
    confirm_review(review=review, by=clinic.nurse, now=NOON + timedelta(minutes=61))
    line = review_line(SuicideReview.objects.all().with_entries().get(), now=NOON)
    assert (line.owner, line.is_confirmed) == (clinic.nurse.user, True)
    assert run(200) == "Nothing was due."


def test_a_closed_one_climbs_no_further(review, clinic, on_call):
    close_review(review=review, outcome="hold", text="Spoke with her", by=clinic.prescriber, now=NOON)
    assert run(200) == "Nothing was due."


def test_that_nobody_is_named_is_written_down_once(review, clinic):
    assert [run(minute) for minute in (1, 2, 200)] == ["3 climbed", "Nothing was due.", "Nothing was due."]
    assert climbed(review) == [("prescriber", None), ("on_call", None), ("manager", None)]


def test_without_minutes_it_is_said_on_every_page_and_nothing_climbs(review, clinic, on_call):
    set_rules(clinic.site, suicide_escalation_minutes=0)
    assert run(500) == "Nothing was due."
    review.refresh_from_db()
    pages = Pages(clinic.nurse)
    for path in ("/patients/suicide-reviews/", f"/patients/suicide-reviews/{review.public_id}/"):
        assert "Not set at North clinic: a review that nobody confirms" in text_of(pages.get(path))
    found = Api(clinic.nurse).get(f"suicide-reviews/{review.public_id}/").json()
    assert (found["escalation_minutes"], found["steps"]) == (None, [])


def test_an_hour_that_is_not_the_sites_own_is_said_openly(review, clinic):
    pages, words = Pages(clinic.nurse), "Not set at North clinic: how soon a review is confirmed."
    paths = ("/patients/suicide-reviews/", f"/patients/suicide-reviews/{review.public_id}/")
    assert all(f"{words} This software asks for 60 minutes" in text_of(pages.get(path)) for path in paths)
    set_rules(clinic.site, suicide_review_minutes=60)
    assert not any(words in text_of(pages.get(path)) for path in paths)


def test_page_worklist_and_api_show_each_step_with_its_time_and_channel(review, clinic, on_call, manager):
    give(review, clinic)
    run(60)
    run(75)
    pages = Pages(clinic.nurse)
    page = text_of(pages.get(f"/patients/suicide-reviews/{review.public_id}/"))
    assert f"Passed on to the responsible prescriber: {clinic.prescriber.user.printed_name}" in page
    assert f"the clinician on call: {on_call.user.printed_name}, on the screen" in page
    assert f"Passed on to the manager, for information: {manager.user.printed_name}" in page
    worklist = text_of(pages.get("/patients/suicide-reviews/"))
    assert f"the clinician on call: {on_call.user.display_name}" in worklist
    assert "not confirmed" in worklist
    assert text_of(pages.get("/patients/suicide-reviews/count/")) == "1 open"
    found = Api(clinic.nurse).get(f"suicide-reviews/{review.public_id}/").json()
    assert found["owner"] == str(on_call.user.public_id)
    assert found["escalation_minutes"] == 15
    assert [(row["kind"], row["step"], row["channel"]) for row in found["steps"]][:2] == [
        ("climbed", "prescriber", ""),
        ("delivered", "prescriber", "screen"),
    ]
    assert found["steps"][0]["at"] == "2026-03-10T17:00:00Z"


def test_whoever_is_informed_has_it_on_the_screen(review, clinic, manager):
    home = Pages(manager).get("/").content.decode()
    assert 'href="/patients/suicide-reviews/"' in home
    assert review.patient.full_name in text_of(Pages(manager).get("/patients/suicide-reviews/"))


def test_entries_and_steps_stand_in_the_order_in_which_they_happened(review, clinic, on_call):
    give(review, clinic)
    run(60)
    confirm_review(review=review, by=clinic.prescriber, now=NOON + timedelta(minutes=70))
    line = review_line(SuicideReview.objects.all().with_entries().get(), now=NOON)
    assert [row.is_step for row in history_of(line)] == [False, True, False, False]


def test_the_worklist_asks_a_fixed_number_of_questions(clinic, on_call, django_assert_max_num_queries):
    for _number in range(4):
        patient = make_patient(clinic, now=NOON)
        answers = phq9(*[None] * 8, 2)
        record_assessment(patient=patient, instrument="phq9", answers=answers, by=clinic.nurse, now=NOON)
    run(1)
    with django_assert_max_num_queries(6):
        assert len(open_reviews(actor=clinic.nurse, now=NOON)) == 4


@pytest.mark.parametrize("role", ["manager", "administrator", "auditor"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_only_who_records_scores_lets_reviews_climb(review, clinic, on_call, role, confirmed):
    if confirmed:
        confirm_review(review=review, by=clinic.nurse, now=NOON)
    by = staff(role, clinic.site)
    for act in (pass_on_reviews, send_review_steps):
        with refused(Refused, "permission.missing"):
            act(site=clinic.site, by=by, now=NOON)
    assert not ReviewStep.objects.exists()


def test_the_database_refuses_a_step_taken_twice(review, clinic, on_call):
    run(1)
    again = {"review": review, "kind": "climbed", "step": "prescriber", "at": NOON}
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewStep.objects.create(to=clinic.prescriber.user, **again)
    ReviewStep.objects.create(to=None, **again)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewStep.objects.create(to=None, **again)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewStep.objects.filter(step="prescriber").update(note="later")


# Text messages


@pytest.fixture
def by_sms(clinic, data_dir, settings):
    set_rules(clinic.site, alert_by_sms=True)
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    clinic.prescriber.user.phone = "555 0199"
    clinic.prescriber.user.save()
    return data_dir


def test_the_person_is_told_once_without_a_name_and_without_what_it_is_about(review, clinic, on_call, by_sms):
    assert [run(minute) for minute in (1, 2)] == ["1 climbed, 1 delivered", "Nothing was due."]
    assert text_messages(by_sms) == [
        "555 0199\n\nNorth clinic: something waits for you. Open the clinic's worklists.\n"
    ]
    assert [row[0] for row in steps(review)] == ["climbed", "delivered", "sending", "delivered"]


def test_what_is_not_delivered_is_said(review, clinic, on_call, by_sms, settings):
    settings.SMS_BACKEND = "tests.sessions.carriers.Busy"
    assert run(1) == "1 climbed, 1 failed"
    assert ReviewStep.objects.get(kind="failed").note == "503 busy"
    assert run(2) == "Nothing was due."


def test_who_has_confirmed_meanwhile_is_not_written_to(review, clinic, on_call, by_sms):
    people = People(prescriber=clinic.prescriber.user.pk)
    told = {"site": clinic.site, "by": clinic.nurse, "now": NOON}
    assert climb_reviews(people=people, **told) == 1
    confirm_review(review=review, by=clinic.prescriber, now=NOON)
    assert send_review_steps(**told) == {"delivered": 0, "failed": 0}
    assert text_messages(by_sms) == []
