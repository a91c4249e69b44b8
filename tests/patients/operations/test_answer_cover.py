"""Answers on suicide out of hours: accepted by a clinician for themselves, taken back, and whose review it then is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.models import AnswerCover, SuicideReview
from patients.operations.answer_cover import accept_answers, take_back_answers
from patients.operations.assessing import record_assessment
from patients.reports.suicide_reviews import review_line
from patients.rules.answer_cover import cover_out_of_hours, covered_from
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.patients.scenes import phq9, registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.check_ins import make_ready

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
"""A Tuesday, noon in New York; the site is open from eight to five."""
ROLES = ["front_desk", "nurse", "prescriber", "manager", "administrator", "auditor"]


@pytest.fixture
def site():
    return make_ready(make_site())


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


@pytest.fixture
def prescriber(site):
    return staff("prescriber", site)


def at(hours):
    """Hours from noon."""
    return NOW + timedelta(hours=hours)


def local(site, text):
    return datetime.fromisoformat(text).replace(tzinfo=site.zone)


def accept(site, by, start=5, end=10, now=NOW):
    return accept_answers(site=site, starts_at=at(start), ends_at=at(end), by=by, now=now)


# Accepting and taking back


@pytest.mark.parametrize("role", ROLES)
def test_a_clinician_accepts_for_themselves(site, role):
    by = staff(role, site)
    if role in {"nurse", "prescriber"}:
        cover = accept(site, by)
        assert (cover.user, cover.accepted_at) == (by.user, NOW)
        assert AuditEvent.objects.latest("pk").verb == "answer_cover.accepted"
    else:
        with refused(Refused, "permission.missing"):
            accept(site, by)
        assert not AnswerCover.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (-5, 0, "answer_cover.past"),
        (10, 5, "range.order"),
        (5, 5, "range.order"),
        (5, 5 + 24 * 7.01, "range.long"),
        (0, 9e5, "range.far"),
    ],
)
def test_a_time_that_cannot_be_meant(site, nurse, start, end, code):
    with refused(Invalid, code):
        accept(site, nurse, start, end)


@pytest.mark.parametrize(("start", "end"), [(5, 10), (4, 6), (9, 12), (6, 7), (0, 20)])
def test_one_person_at_a_time(site, nurse, prescriber, start, end):
    accept(site, nurse)
    with refused(Conflict, "answer_cover.taken"):
        accept(site, prescriber, start, end)
    other = {"site": site, "user": prescriber.user, "accepted_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerCover.objects.create(starts_at=at(start), ends_at=at(end), **other)
    accept(site, prescriber, 10, 12)
    accept(make_site("south"), staff("nurse", make_site("south")), start, end)


STATES = {"before": -1, "running": 6, "over": 10, "taken back": -1}


@pytest.mark.parametrize("role", [*ROLES, "themselves"])
@pytest.mark.parametrize("state", STATES)
def test_who_takes_it_back_in_which_state(site, nurse, role, state):
    cover, by = accept(site, nurse, now=at(-2)), nurse if role == "themselves" else staff(role, site)
    if state == "taken back":
        take_back_answers(cover=cover, by=nurse, expected_revision=1, now=at(-2))
        cover.refresh_from_db()
    told = {"cover": cover, "by": by, "expected_revision": cover.revision, "now": at(STATES[state])}
    if role not in {"themselves", "manager", "administrator"}:
        with refused(Refused, "answer_cover.not_theirs"):
            take_back_answers(**told)
    elif state in {"over", "taken back"}:
        with refused(Conflict, "answer_cover.over"):
            take_back_answers(**told)
    else:
        done = take_back_answers(**told)
        assert (done.is_withdrawn, done.ends_at) == ((True, at(10)) if state == "before" else (False, at(6)))
        accept(site, nurse, 6, 10, now=at(6))


def test_an_outdated_page_takes_nothing_back(site, nurse):
    cover = accept(site, nurse)
    with refused(Stale):
        take_back_answers(cover=cover, by=nurse, expected_revision=7, now=NOW)


# When answers are read


@pytest.mark.parametrize(
    ("accepted", "asked", "wanted"),
    [
        # Nobody: the next morning, as ever.
        (None, "2026-03-10 18:00", "2026-03-11 08:00"),
        (("2026-03-10 17:00", "2026-03-10 22:00"), "2026-03-10 18:00", "2026-03-10 18:00"),
        # A review may wait for an hour.
        (("2026-03-10 17:00", "2026-03-10 22:00"), "2026-03-10 21:00", "2026-03-10 21:00"),
        (("2026-03-10 17:00", "2026-03-10 22:00"), "2026-03-10 21:01", "2026-03-11 08:00"),
        # The evening goes on where the day ends.
        (("2026-03-10 17:00", "2026-03-10 22:00"), "2026-03-10 16:30", "2026-03-10 16:30"),
        (("2026-03-10 17:30", "2026-03-10 22:00"), "2026-03-10 16:30", "2026-03-10 17:30"),
        # Later accepted hours are waited for.
        (("2026-03-14 10:00", "2026-03-14 12:00"), "2026-03-13 18:00", "2026-03-14 10:00"),
        # Too short for a review to be confirmed.
        (("2026-03-14 10:00", "2026-03-14 10:30"), "2026-03-13 18:00", "2026-03-16 08:00"),
    ],
)
def test_links_wait_for_an_open_or_an_accepted_hour(site, nurse, accepted, asked, wanted):
    if accepted:
        start, end = (local(site, text) for text in accepted)
        accept_answers(site=site, starts_at=start, ends_at=end, by=nurse, now=NOW)
    assert covered_from(site, local(site, asked).astimezone(UTC)) == local(site, wanted)


def test_what_was_taken_back_covers_nothing(site, nurse):
    cover = accept(site, nurse, 5, 10)
    take_back_answers(cover=cover, by=nurse, expected_revision=1, now=NOW)
    assert covered_from(site, at(6)) == local(site, "2026-03-11 08:00")


def test_only_a_closed_site_is_covered_so(site, nurse):
    accept(site, nurse, -1, 10)
    assert cover_out_of_hours(site, NOW) is None
    assert cover_out_of_hours(site, at(4.99)) is None
    assert cover_out_of_hours(site, at(5)).user == nurse.user
    assert cover_out_of_hours(site, at(10)) is None


# Whose review it is


@pytest.mark.parametrize(("hour", "is_theirs"), [(4, False), (6, True), (9.99, True), (10, False)])
def test_the_review_of_an_answer_that_arrives_then_is_theirs(site, nurse, prescriber, hour, is_theirs):
    patient = registered_patient(site=site)
    accept(site, prescriber, -1, 10)
    given = phq9(*[None] * 8, 2)
    record_assessment(patient=patient, instrument="phq9", answers=given, by=nurse, now=at(hour))
    found = SuicideReview.objects.all().with_entries().get()
    line = review_line(found, now=at(hour))
    assert line.owner == (prescriber.user if is_theirs else None)
    steps = [(row.kind, row.step, row.channel, row.at) for row in found.steps.order_by("pk")]
    expected = [("climbed", "cover", "", at(hour)), ("delivered", "cover", "screen", at(hour))]
    assert steps == (expected if is_theirs else [])


# Seen


def test_page_and_api(site, nurse):
    with time_machine.travel(NOW, tick=False):
        pages = Pages(nurse)
        assert "Nobody has accepted." in text_of(pages.get("/patients/answer-cover/"))
        typed = {"first": "2026-03-10", "begins": "17:00", "last": "2026-03-11", "until": "08:00"}
        assert pages.post("/patients/answer-cover/", typed).status_code == 302
        again = pages.post("/patients/answer-cover/", typed)
        assert again.status_code == 409 and "has accepted from" in text_of(again)
        assert f"{nurse.user.printed_name} Tue 10 Mar 17:00" in text_of(pages.get("/patients/answer-cover/"))
        (row,) = Api(nurse).get(f"sites/{site.public_id}/answer-covers/").json()
        assert (row["user"], row["ends_at"]) == (str(nurse.user.public_id), "2026-03-11T12:00:00Z")
        path = f"answer-covers/{row['id']}/take-back/"
        assert Api(nurse).end(path, {}, revision=1).json()["is_withdrawn"] is True
        made = Api(nurse).post(
            f"sites/{site.public_id}/answer-covers/",
            {"starts_at": "2026-03-10T22:00:00Z", "ends_at": "2026-03-11T02:00:00Z"},
        )
        assert made.status_code == 201
        cover = AnswerCover.objects.standing().get()
        told = {"revision": cover.revision}
        assert pages.post(f"/patients/answer-cover/{cover.public_id}/take-back/", told).status_code == 302
        assert not AnswerCover.objects.standing().exists()
        desk = text_of(Pages(staff("front_desk", site)).get("/patients/answer-cover/"))
        assert "A clinician who confirms reviews accepts for themselves." in desk
