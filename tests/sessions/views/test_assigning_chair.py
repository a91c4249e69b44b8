"""A chair that was left open: assigned before the arrival, from wherever the visit stands, or kept by arriving."""

import uuid
from datetime import datetime, timedelta

import pytest

from clinic.common import clock
from sessions.models import InfusionSession
from sessions.operations.booking import book
from sessions.reports.seats import seats_of
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_course, make_patient, session_at

LATER = timedelta(hours=1)


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


@pytest.fixture
def left_open(clinic):
    """A visit of this afternoon; the first chair is held for it."""
    return reserve(clinic, None)


def reserve(clinic, chair, **more):
    return book(course=make_course(clinic), chair=chair, starts_at=NOON + LATER, by=clinic.nurse, **more)


def path_of(session):
    return f"/sessions/{session.public_id}/assign-chair/"


def chosen(chair):
    return {"chair": str(chair.public_id)}


def fresh(session):
    return InfusionSession.objects.select_related("booking", "chair").get(pk=session.pk)


def test_a_chair_is_assigned_once_and_the_held_one_is_proposed(clinic, pages, left_open):
    reserve(clinic, clinic.chairs[1])
    shown = pages.get(path_of(left_open))
    text = text_of(shown)
    assert "Chair 1 is held from 13:00 to 15:10, and stays the visit's chair if the patient arrives" in text
    assert "Chair 1, held for this visit Chair 2, taken from 13:00 to 15:10 Chair 3" in text
    held = f'value="{clinic.chairs[0].public_id}" class="wide" required id="id_chair_0" checked'
    assert held in " ".join(shown.content.decode().split())
    key, before = uuid.uuid4(), fresh(left_open).revision
    for _ in range(2):
        answer = pages.post(path_of(left_open), chosen(clinic.chairs[2]), patient=left_open.patient, key=key)
        assert answer["Location"] == f"/sessions/{left_open.public_id}/"
    assert "Chair 3 is assigned to" in text_of(pages.get(answer["Location"]))
    session = fresh(left_open)
    assert (session.chair.name, session.booking.is_chair_provisional) == ("Chair 3", False)
    assert session.revision == before + 1
    assert "Chair 3 is this visit's chair from 13:00 to 15:10." in text_of(pages.get(path_of(left_open)))


def test_what_cannot_be_assigned_is_refused_in_words(clinic, pages, left_open):
    reserve(clinic, clinic.chairs[1])
    answer = pages.post(path_of(left_open), chosen(clinic.chairs[1]), patient=left_open.patient)
    assert answer.status_code == 409
    assert "Chair 2 is taken from 13:00 to 15:10. Choose another time or chair." in text_of(answer)
    assert pages.post(path_of(left_open), {}, patient=left_open.patient).status_code == 422
    here = session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    shown = text_of(pages.get(path_of(here)))
    assert "Only a scheduled session's chair is assigned. This one is checking." in shown
    answer = pages.post(path_of(here), chosen(clinic.chairs[2]), patient=here.patient)
    assert (answer.status_code, "This one is checking." in text_of(answer)) == (409, True)


def test_it_keeps_to_right_site_and_patient(clinic, pages, left_open):
    assert Pages(staff("manager", clinic.site)).get(path_of(left_open)).status_code == 403
    assert Pages(staff("front_desk", make_site("far"))).get(path_of(left_open)).status_code == 404
    answer = pages.post(path_of(left_open), chosen(clinic.chairs[2]), patient=make_patient(clinic))
    assert (answer.status_code, "another patient" in text_of(answer)) == (409, True)


def test_a_site_without_a_chair_in_service_says_who_adds_them(clinic, pages, left_open):
    for chair in clinic.chairs:
        chair.is_in_service = False
        chair.save()
    assert "This site has no chair in service." in text_of(pages.get(path_of(left_open)))


def test_the_board_marks_it_and_leads_there_and_back(clinic, pages, left_open):
    reserve(clinic, clinic.chairs[1])
    reserve(clinic, clinic.chairs[1], override_reason="Comes from far away")
    board = text_of(pages.get("/"))
    later = board.split("Later today")[1].split("Done")[0]
    assert later.count("chair at check-in") == 1 and later.count("Overbooked") == 1
    assert "Chair 1 Free next 13:00" in board and "chair at check-in" in board.split("Later today")[0]
    address = f"{path_of(left_open)}?next=board"
    assert f'href="{address}"' in pages.get("/").content.decode()
    assert f'action="{address}"' in pages.get(address).content.decode()
    answer = pages.post(address, chosen(clinic.chairs[2]), patient=left_open.patient)
    assert answer["Location"] == "/"
    assert "chair at check-in" not in text_of(pages.get("/"))


@pytest.mark.parametrize(("role", "offered"), [("front_desk", True), ("manager", False)])
def test_it_is_offered_on_the_visit_and_its_session_to_whoever_checks_in(clinic, left_open, role, offered):
    link, reader = f'href="{path_of(left_open)}"', Pages(staff(role, clinic.site))
    for path in (f"/schedule/visits/{left_open.booking.public_id}/", f"/sessions/{left_open.public_id}/"):
        assert (link in reader.get(path).content.decode()) == offered, path
    settled = booked_session(clinic, starts_at=NOON + 4 * LATER, chair=clinic.chairs[2])
    path = f"/schedule/visits/{settled.booking.public_id}/"
    assert path_of(settled) not in reader.get(path).content.decode()


def test_arriving_keeps_the_held_chair_and_says_so_before(clinic, pages, left_open):
    own = f"/sessions/{left_open.public_id}/"
    text = text_of(pages.get(own))
    assert "Decided at check-in; Chair 1 is held for it. Marking the arrival keeps Chair 1." in text
    assert "The arrival keeps Chair 1" in text_of(pages.get(f"{own}arrive/"))
    assert pages.post(f"{own}arrive/", patient=left_open.patient)["Location"] == own
    session = fresh(left_open)
    assert (session.chair.name, session.booking.is_chair_provisional) == ("Chair 1", False)
    assert "Chair at check-in" not in text_of(pages.get(own))


@pytest.mark.parametrize(
    ("at", "keeps"), [("10:50", False), ("10:55", True), ("15:05", True), ("15:10", False)]
)
def test_only_what_shares_an_instant_keeps_a_chair(clinic, left_open, at, keeps, django_assert_num_queries):
    starts = clock.from_local(datetime.fromisoformat(f"2026-03-10 {at}"), clinic.site.time_zone)
    booked_session(clinic, starts_at=starts, chair=clinic.chairs[1])
    with django_assert_num_queries(2):
        held, second, third = seats_of(left_open, actor=clinic.desk)
    assert held.is_held and held.taken is None and third.taken is None
    assert second.taken == ((starts, starts + timedelta(minutes=130)) if keeps else None)


def test_a_visit_whose_own_chair_is_open_keeps_none(clinic, left_open):
    reserve(clinic, None)
    assert [seat.taken for seat in seats_of(left_open, actor=clinic.desk)] == [None] * 3
