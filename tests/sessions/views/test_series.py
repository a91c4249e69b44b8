"""A course planned on one page: proposed, changed by hand, booked all or none."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from clinic.facilities.models import Closure, OpeningHours
from sessions.models import Booking
from sessions.operations.booking import book
from sessions.operations.planning import close_course
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, approved_version, make_course
from tests.sessions.views.series_page import (
    MONDAYS_AND_THURSDAYS,
    TWICE_A_WEEK,
    fields_of,
    local,
    open_clinic,
    plan_of,
    times_in,
    wish,
    wished,
)


@pytest.fixture
def clinic(db):
    with time_machine.travel(NOON, tick=False):
        yield open_clinic()


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


def test_the_whole_course_is_proposed_at_once(clinic, pages):
    course = make_course(clinic)
    shown = pages.get(plan_of(course))
    assert "6 of 6 infusions are still to be booked." in text_of(shown)
    assert times_in(fields_of(shown))[:3] == ["2026-03-11 08:00", "2026-03-13 08:00", "2026-03-16 08:00"]
    assert not course.sessions.exists()


def test_wishes_are_kept_and_followed(clinic, pages):
    course = wished(clinic, pages, chair=str(clinic.chairs[1].public_id))
    assert course.wishes["weekdays"] == [0, 3]
    event = AuditEvent.objects.filter(verb="course.wishes_remembered").get()
    assert event.subject_id == course.public_id
    fields = fields_of(pages.get(plan_of(course)))
    assert times_in(fields) == TWICE_A_WEEK
    assert {fields[f"row-{n}-chair"] for n in range(6)} == {str(clinic.chairs[1].public_id)}
    # The same once more is no change.
    again = wish(course, **MONDAYS_AND_THURSDAYS, chair=str(clinic.chairs[1].public_id))
    pages.post(f"{plan_of(course)}wishes/", again, patient=course.patient)
    assert AuditEvent.objects.filter(verb="course.wishes_remembered").count() == 1


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"starts_until": "08:00"}, 422, "The latest start cannot be before the earliest one."),
        ({"spacing": "0"}, 422, "greater than or equal to 1"),
        ({"first_day": "9999-12-31"}, 422, "This day is at the end of the calendar."),
        ({"revision": "77"}, 409, "Someone else changed this while you had it open."),
        ({"chair": str(uuid.uuid4())}, 422, "Select a valid choice."),
    ],
)
def test_wishes_that_cannot_be_kept_come_back(clinic, pages, typed, status, sentence):
    course = make_course(clinic)
    sent = wish(course, **MONDAYS_AND_THURSDAYS) | typed
    answer = pages.post(f"{plan_of(course)}wishes/", sent, patient=course.patient)
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)
    assert 'name="starts_from" value="09:00"' in answer.content.decode()
    assert f'action="{plan_of(course)}"' in answer.content.decode(), "the series is sent to its own page"
    course.refresh_from_db()
    assert course.wishes == {}


def test_a_series_is_booked_once(clinic, pages):
    course, key = wished(clinic, pages), uuid.uuid4()
    fields = fields_of(pages.get(plan_of(course))) | {"do": "book"}
    for _ in range(2):
        answer = pages.post(plan_of(course), fields, patient=course.patient, key=key)
        assert answer["Location"] == f"/courses/{course.public_id}/"
    booked = course.sessions.order_by("scheduled_start")
    assert [session.scheduled_start for session in booked] == [local(text) for text in TWICE_A_WEEK]
    assert "6 sessions booked." in text_of(pages.get(answer["Location"]))
    left = text_of(pages.get(plan_of(course)))
    assert "All 6 planned infusions of this course are booked or given." in left


def test_a_chair_can_be_left_open(clinic, pages):
    course = wished(clinic, pages, chair="open")
    fields = fields_of(pages.get(plan_of(course)))
    assert {fields[f"row-{n}-chair"] for n in range(6)} == {"open"}
    pages.post(plan_of(course), fields | {"do": "book"}, patient=course.patient)
    assert Booking.objects.filter(course=course, is_chair_provisional=True).count() == 6


def test_what_is_in_the_way_stands_at_its_row_and_nothing_is_booked(clinic, pages):
    course = wished(clinic, pages)
    fields = fields_of(pages.get(plan_of(course))) | {"do": "book"}
    # Somebody is quicker, and somebody types.
    book(course=make_course(clinic), chair=clinic.chair, starts_at=local("2026-03-16 10:00"), by=clinic.desk)
    fields |= {
        "row-1-chair": str(clinic.chair.public_id),
        "row-3-starts_at": "17:00",
        "row-4-day": "2026-03-24",
    }
    answer = pages.post(plan_of(course), fields, patient=course.patient)
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "Nothing was booked. What is in the way stands at each row." in shown
    assert "Mon 16 Mar 09:00–11:10 not free Chair 1 is taken from 10:00 to 12:10." in shown
    assert "Mon 23 Mar 17:00–19:10 not free Mon 17:00 to 19:10 is outside the opening hours" in shown
    assert "Tue 24 Mar 09:00–11:10 not free There is a session on Mon 23 Mar." in shown
    assert shown.count("not free") == 3
    assert not course.sessions.exists()
    assert times_in(fields_of(answer)) == times_in(fields), "what was typed is still there"


def test_a_check_stores_nothing_and_says_what_a_booking_would(clinic, pages):
    course = wished(clinic, pages)
    fields = fields_of(pages.get(plan_of(course))) | {
        "do": "check",
        "row-0-day": "2026-03-09",
        "row-1-starts_at": "",
    }
    answer = pages.client.post(
        plan_of(course),
        fields | {"for_patient": str(course.patient.public_id)},
        headers={"HX-Request": "true"},
    )
    shown = text_of(answer)
    assert answer.status_code == 200
    assert "This time has passed. Choose a later one." in shown
    assert "No time yet This field is required." in shown
    assert "2 rows cannot be booked as they stand." in shown
    assert "What suits the patient" not in shown, "only the series is answered"


@pytest.mark.parametrize(("fold", "utc"), [("0", "05:30"), ("1", "06:30")])
def test_a_time_that_comes_twice_is_asked_about_at_its_row(clinic, fold, utc):
    """On the night of 1 November 2026 the clocks of New York show half past one twice."""
    OpeningHours.objects.filter(site=clinic.site).delete()
    with time_machine.travel(NOON + timedelta(days=230), tick=False):
        course, pages = make_course(clinic, planned_infusions=1), Pages(clinic.desk)
        fields = fields_of(pages.get(plan_of(course))) | {
            "do": "book",
            "row-0-day": "2026-11-01",
            "row-0-starts_at": "01:30",
        }
        asked = pages.post(plan_of(course), fields, patient=course.patient)
        assert asked.status_code == 422 and "comes twice" in text_of(asked), text_of(asked)
        assert 'name="row-0-fold" value="1"' in asked.content.decode()
        booked = pages.post(plan_of(course), fields | {"row-0-fold": fold}, patient=course.patient)
        assert booked.status_code == 302
        assert f"{course.sessions.get().scheduled_start:%H:%M}" == utc


def test_rows_are_removed_found_and_proposed_again(clinic, pages):
    course = wished(clinic, pages)

    def press(button, fields):
        answer = pages.post(plan_of(course), fields | {"do": button}, patient=course.patient)
        assert answer.status_code == 200
        return fields_of(answer)

    fields = fields_of(pages.get(plan_of(course)))
    fewer = press("remove-2", fields)
    assert times_in(fewer) == TWICE_A_WEEK[:2] + TWICE_A_WEEK[3:]
    # From a Tuesday on, the windows of those after it are others.
    later = press("follow-1", fewer | {"row-1-day": "2026-03-17"})
    assert times_in(later) == [
        TWICE_A_WEEK[0],
        "2026-03-17 09:00",
        "2026-03-19 09:00",
        "2026-03-23 09:00",
        "2026-03-26 09:00",
    ]
    found = press("again-1", later | {"row-1-starts_at": "17:00"})
    assert times_in(found)[1] == "2026-03-16 09:00"
    more = press("add", found)
    assert times_in(more)[-1] == "2026-03-30 09:00"
    assert times_in(press("add", more)) == times_in(more), "the order leaves no more"
    assert times_in(press("remove-99", more)) == times_in(more)
    assert not course.sessions.exists()


def test_why_a_wished_day_was_not_offered_is_told(clinic, pages):
    start = local("2026-03-16 00:00")
    Closure.objects.create(
        site=clinic.site,
        kind="holiday",
        reason="Spring day",
        starts_at=start,
        ends_at=start + timedelta(days=1),
    )
    shown = text_of(pages.get(plan_of(wished(clinic, pages))))
    assert "Mon 16 Mar : closed: Spring day" in shown
    assert "Infusion 2 Thu 19 Mar 09:00–11:10 free" in shown


def test_lateness_is_flagged_where_the_protocol_sets_a_longest_gap(clinic, pages):
    start = local("2026-03-13 00:00")
    Closure.objects.create(
        site=clinic.site, reason="Move", starts_at=start, ends_at=start + timedelta(days=10)
    )
    version = approved_version(by=clinic.director, max_gap_days=4, now=NOON)
    course = make_course(clinic)
    course.protocol_version = version
    course.save()
    shown = text_of(pages.get(plan_of(course)))
    assert "at most 4" in shown
    assert "Infusion 2 Mon 23 Mar 08:00–10:10 late Late: at the latest Sun 15 Mar" in shown
    assert "Nothing is free until Sun 15 Mar, the latest day. This is the first time after it." in shown


def test_a_rule_is_broken_only_with_the_right_and_a_reason(clinic, pages):
    course, nurse = wished(clinic, pages), Pages(clinic.nurse)
    fields = fields_of(pages.get(plan_of(course))) | {"row-5-starts_at": "17:00"}
    checked = pages.post(plan_of(course), fields | {"do": "check"}, patient=course.patient)
    assert "override_reason" not in checked.content.decode()
    checked = nurse.post(plan_of(course), fields | {"do": "check"}, patient=course.patient)
    assert "Book against this all the same, because" in text_of(checked)
    given = fields | {"do": "book", "override_reason": "Last visit before the holidays"}
    assert pages.post(plan_of(course), given, patient=course.patient).status_code == 403
    assert nurse.post(plan_of(course), given, patient=course.patient).status_code == 302
    assert Booking.objects.get(starts_at=local("2026-03-30 17:00")).overrides == ["booking.outside_hours"]


def test_who_may_not_book_may_not_plan(clinic):
    course = make_course(clinic)
    assert Pages(staff("manager", clinic.site)).get(plan_of(course)).status_code in {403, 404}
    assert Pages(staff("front_desk", make_site("south"))).get(plan_of(course)).status_code == 404


def test_a_closed_course_says_so(clinic, pages):
    course = make_course(clinic)
    close_course(course=course, state="completed", reason="", by=clinic.prescriber)
    shown = pages.get(plan_of(course))
    assert "This course is closed, so nothing more can be booked under it." in text_of(shown)
    assert "plan-form" not in shown.content.decode()


def test_the_page_asks_the_same_few_questions_whatever_the_book_holds(
    clinic, pages, django_assert_num_queries
):
    course = wished(clinic, pages)
    set_rules(clinic.site, patients_per_nurse=12)
    pages.get(plan_of(course))
    for day in range(2, 30):
        start = local("2026-03-10 08:00") + timedelta(days=day)
        other = make_course(clinic)
        Booking.objects.create(
            site=clinic.site,
            patient=other.patient,
            course=other,
            chair=clinic.chair,
            starts_at=start,
            ends_at=start + timedelta(minutes=130),
            local_date=start.date(),
            booked_by=clinic.desk.user,
            booked_at=NOON,
        )
    # Web session, user, rights (2), course, chairs; sessions, bookings (2), hours, closures, chairs, duties (4);
    # whether the course is full; banner (3); sites.
    with django_assert_num_queries(20):
        pages.get(plan_of(course))
