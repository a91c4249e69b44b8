"""The worklist of conflicts, a booking kept as planned, and where the number of conflicts is shown."""

from datetime import timedelta

import pytest
import time_machine

from sessions.operations.booking import book
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, make_course, make_patient, session_at
from tests.sessions.waiting_scene import FRIDAY_MORNING, LENGTH, booked, closed

CLOSED = "booking.site_closed"


@pytest.fixture
def pages(clinic):
    return Pages(clinic.nurse)


@pytest.fixture
def session(clinic):
    """A session of Friday morning at a site that is closed then."""
    made = booked(clinic, FRIDAY_MORNING)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)
    return made


def list_of(clinic):
    return f"/conflicts/{clinic.site.public_id}/"


def keep_path(session):
    return f"/conflicts/bookings/{session.booking.public_id}/keep/"


def out_of_service(chair):
    chair.is_in_service = False
    chair.save()


def counted(pages, clinic):
    """What the head of the Today board is told."""
    return text_of(pages.get(f"{list_of(clinic)}count/", **{"HX-Request": "true"}))


def test_a_quiet_site_says_so(clinic, pages):
    assert pages.get("/conflicts/")["Location"] == list_of(clinic)
    assert "Nothing is in the way of the bookings of the next two weeks." in text_of(
        pages.get(list_of(clinic))
    )
    assert "No conflict fits this filter." in text_of(pages.get(f"{list_of(clinic)}?ahead=today"))
    assert counted(pages, clinic) == "0 conflicts"


def test_each_conflict_says_what_is_wrong_and_where_the_booking_can_go(clinic, pages, session):
    out_of_service(clinic.chair)
    shown = pages.get(list_of(clinic))
    text, body = text_of(shown), shown.content.decode()
    assert "North clinic is closed then: Water damage." in text
    assert "Chair 1 is out of service." in text
    move = f"/sessions/{session.public_id}/move/?day=2026-03-13&amp;at=09:30&amp;chair="
    assert f"{move}{clinic.chairs[1].public_id}#book" in body
    assert f"/sessions/{session.public_id}/move/?day=2026-03-12&amp;at=09:30" in body
    assert f'{keep_path(session)}?kind={CLOSED}"' in body
    # The form of the move is filled in by the proposal.
    filled = pages.get(move.replace("&amp;", "&") + str(clinic.chairs[1].public_id)).content.decode()
    assert 'name="starts_at" value="09:30"' in filled
    assert counted(pages, clinic) == "2 conflicts"


def test_it_is_filtered_in_its_address(clinic, pages, session):
    out_of_service(clinic.chair)
    text = text_of(pages.get(f"{list_of(clinic)}?kind={CLOSED}"))
    assert "Water damage" in text and "out of service." not in text
    assert "No conflict fits" in text_of(pages.get(f"{list_of(clinic)}?chair={clinic.chairs[1].public_id}"))
    refused = pages.get(f"{list_of(clinic)}?ahead=ever")
    assert refused.status_code == 422
    assert "This filter has no such value: ever." in text_of(refused)


def test_a_booking_is_kept_with_a_reason_and_flagged(clinic, pages, session):
    path = f"{keep_path(session)}?kind={CLOSED}"
    assert "Site closed. North clinic is closed then" in text_of(pages.get(path))
    fields = {"kind": CLOSED, "revision": "1", "reason": ""}
    assert pages.post(keep_path(session), fields, patient=session.patient).status_code == 422
    fields["reason"] = "The side door is open"
    done = pages.post(keep_path(session), fields, patient=session.patient)
    assert done["Location"] == list_of(clinic)
    assert "Nothing is in the way" in text_of(pages.get(list_of(clinic)))
    again = pages.post(keep_path(session), fields | {"revision": "2"}, patient=session.patient)
    assert (again.status_code, "not in that conflict any more" in text_of(again)) == (409, True)
    with time_machine.travel(FRIDAY_MORNING, tick=False):
        assert "Site closed" in text_of(pages.get("/"))


def test_keeping_takes_the_right_the_site_and_the_patient(clinic, pages, session):
    path = f"{keep_path(session)}?kind={CLOSED}"
    assert Pages(clinic.desk).get(path).status_code == 403
    assert Pages(staff("nurse", make_site("far"))).get(path).status_code == 404
    assert pages.get(f"{keep_path(session)}?kind=weather").status_code == 404
    fields = {"kind": CLOSED, "revision": "1", "reason": "x"}
    answer = pages.post(keep_path(session), fields, patient=make_patient(clinic))
    assert (answer.status_code, "another patient" in text_of(answer)) == (409, True)
    assert "Keep as planned" not in text_of(Pages(clinic.desk).get(list_of(clinic)))


def test_the_list_keeps_to_right_and_site(clinic, session):
    assert Pages(staff("administrator", clinic.site)).get(list_of(clinic)).status_code == 403
    assert Pages(staff("front_desk", make_site("far"))).get(list_of(clinic)).status_code == 404
    reader = Pages(staff("prescriber", clinic.site)).get(list_of(clinic))
    assert "Water damage" in text_of(reader) and "Move to" not in text_of(reader)


def test_a_chair_out_of_service_tells_how_many_bookings_are_in_conflict(clinic, session):
    admin = Pages(staff("administrator", clinic.site))
    later = FRIDAY_MORNING + timedelta(days=60)
    booked(clinic, later)
    chair = clinic.chair
    path = f"/conflicts/chairs/{chair.public_id}/"
    fields = {"reason": "Broken", "revision": "1"}
    assert admin.post(f"/chairs/{chair.public_id}/out-of-service/", fields)["Location"] == "/sites/"
    assert path in admin.get("/sites/").content.decode()
    panel = text_of(admin.get(path, **{"HX-Request": "true"}))
    assert panel == "2 bookings are in conflict. The front desk finds them under Conflicts."
    link = f"{list_of(clinic)}?chair={chair.public_id}&ahead=year"
    nurse = Pages(clinic.nurse)
    assert link.replace("&", "&amp;") in nurse.get(path, **{"HX-Request": "true"}).content.decode()
    assert nurse.get(path)["Location"] == link
    assert text_of(nurse.get(link)).count("is out of service") == 2
    assert Pages(staff("administrator", make_site("far"))).get(path).status_code == 404


def test_the_board_flags_what_was_booked_against_the_rules(clinic, pages):
    now = NOON - timedelta(minutes=42)
    with time_machine.travel(now, tick=False):
        session_at(Status.ARRIVED, clinic=clinic, now=now)
        book(
            course=make_course(clinic),
            chair=clinic.chair,
            starts_at=now + timedelta(hours=1),
            by=clinic.nurse,
            override_reason="Shares the chair",
        )
        assert "Overbooked" in text_of(pages.get("/"))


def test_a_visit_that_runs_late_shows_though_nobody_wrote_anything(clinic, pages):
    running = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    booked(clinic, running.scheduled_end)
    assert counted(pages, clinic) == "0 conflicts"
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        assert counted(pages, clinic) == "1 conflict"


def test_the_board_asks_for_the_number_and_links_to_the_list_without_it(clinic, pages):
    board = pages.get("/").content.decode()
    assert f'hx-get="{list_of(clinic)}count/"' in board and f'href="{list_of(clinic)}"' in board
    assert pages.get(f"{list_of(clinic)}count/")["Location"] == list_of(clinic)


def test_the_number_of_queries_does_not_grow(clinic, pages, django_assert_max_num_queries):
    for number in range(3):
        for chair in clinic.chairs:
            booked(clinic, FRIDAY_MORNING + number * LENGTH, chair=chair)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + 4 * LENGTH)
    with django_assert_max_num_queries(30):
        assert text_of(pages.get(list_of(clinic))).count("Water damage") == 9
