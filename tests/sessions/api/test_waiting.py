"""Waiting list, free times and conflicts through the API."""

import pytest

from clinic.accounts.permissions import Permission
from clinic.common import clock
from sessions.models import Booking, WaitingEntry
from tests.patients.api.client import Api
from tests.scenes import staff
from tests.sessions.api.client import ROOT, codes, twice, with_token
from tests.sessions.scenes import make_clinic, make_course
from tests.sessions.waiting_scene import FRIDAY_MORNING, LENGTH, booked, called_off, closed, waits

CLOSED = "booking.site_closed"


def of(entry, tail=""):
    return f"waiting-entries/{entry.public_id}/{tail}"


def below(clinic, tail):
    return f"sites/{clinic.site.public_id}/{tail}/"


def keep_path(session):
    return f"bookings/{session.booking.public_id}/keep/"


def test_an_entry_is_made_changed_and_taken_off(clinic, desk):
    course = make_course(clinic)
    body = {"course": str(course.public_id), "weekdays": [4, 0], "not_before": "09:00", "notice_hours": 6}
    entry = twice(desk, "waiting-entries/", body)
    assert (entry["weekdays"], entry["not_before"], entry["not_after"]) == ([0, 4], "09:00:00", None)
    assert (entry["state"], entry["notice_hours"], entry["session"]) == ("waiting", 6, None)
    path = f"waiting-entries/{entry['id']}/"
    opened = desk.get(path)
    assert (opened["ETag"], opened.json()) == ('"1"', entry)
    assert codes(desk.post("waiting-entries/", body)) == {"waiting.twice"}
    edited = desk.patch(path, {"is_starred": True}, revision=1)
    assert edited.json() == entry | {"is_starred": True, "revision": 2}
    assert codes(desk.patch(path, {"note": "x"}, revision=1)) == {"revision.stale"}
    assert codes(desk.patch(path, {"note": "x"})) == {"revision.missing"}
    assert codes(desk.end(f"{path}withdraw/", {"reason": ""}, revision=2)) == {"reason.missing"}
    done = desk.end(f"{path}withdraw/", {"reason": "Away"}, revision=2)
    assert (done.json()["state"], done["ETag"]) == ("withdrawn", '"3"')


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"weekdays": [7]}, "field.invalid_choice"),
        ({"not_before": "09:00", "not_after": "10:00"}, "waiting.times"),
        ({"until_day": "2020-01-01"}, "waiting.past"),
        ({"notice_hours": 400}, "waiting.notice"),
        ({"not_before": "noon"}, "field.invalid"),
    ],
)
def test_wishes_that_no_time_could_fit(clinic, desk, wishes, code):
    answer = desk.post("waiting-entries/", {"course": str(make_course(clinic).public_id)} | wishes)
    assert (answer.status_code, codes(answer)) == (422, {code})
    assert not WaitingEntry.objects.exists()


def test_entries_are_listed_as_asked_for(clinic, desk, django_assert_num_queries):
    first, second = waits(clinic), waits(clinic, is_starred=True)
    waits(make_clinic("south", now=clock.now()))

    def found(**query):
        return [row["id"] for row in desk.get("waiting-entries/", **query).json()["results"]]

    one, two = str(first.public_id), str(second.public_id)
    # Session, user, rights; count, entries with everything they name.
    with django_assert_num_queries(5):
        assert found() == [one, two]
    assert found(is_starred="true") == [two]
    assert found(course=first.course.public_id) == [one]
    assert found(state="booked") == []


def test_a_free_time_is_given_to_whom_it_suits(clinic, desk):
    called_off(clinic)
    entry = waits(clinic)
    waits(clinic, weekdays=[0])
    (free,) = desk.get(below(clinic, "free-times")).json()
    assert (free["chair"], free["starts_at"]) == (str(clinic.chair.public_id), "2026-03-13T13:30:00Z")
    (match,) = free["matches"]
    assert (match["entry"], match["starts_at"]) == (str(entry.public_id), free["starts_at"])
    body = {"chair": free["chair"], "starts_at": match["starts_at"]}
    session = twice(desk, of(entry, "book/"), body)
    assert desk.get(of(entry)).json()["session"] == session["id"]
    assert desk.get(below(clinic, "free-times")).json() == []
    assert codes(desk.post(of(entry, "book/"), body)) == {"waiting.over"}


def test_conflicts_are_listed_with_their_ways_out(clinic, desk):
    session = booked(clinic, FRIDAY_MORNING)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)
    (row,) = desk.get(below(clinic, "conflicts")).json()
    assert (row["kind"], row["session"]) == (CLOSED, str(session.public_id))
    assert row["detail"] == "North clinic is closed then: Water damage. Choose another time."
    assert [len(row["free_chairs"]), len(row["free_times"])] == [2, 3]
    assert desk.get(below(clinic, "conflicts"), ahead="today").json() == []
    assert desk.get(below(clinic, "conflicts"), kind=CLOSED, ahead="year").json() == [row]
    refused = desk.get(below(clinic, "conflicts"), kind="weather")
    assert (refused.status_code, codes(refused)) == (422, {"field.invalid_choice"})


def test_a_booking_is_kept_as_planned(clinic, nurse, desk):
    session = booked(clinic, FRIDAY_MORNING)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)
    body = {"kind": CLOSED, "reason": "The side door is open"}
    assert codes(desk.end(keep_path(session), body, revision=1)) == {"permission.missing"}
    assert codes(nurse.end(keep_path(session), body | {"reason": ""}, revision=1)) == {"reason.missing"}
    assert codes(nurse.end(keep_path(session), body, revision=2)) == {"revision.stale"}
    kept = nurse.end(keep_path(session), body, revision=1)
    assert (kept.json()["overrides"], kept["ETag"]) == ([CLOSED], '"2"')
    assert codes(nurse.end(keep_path(session), body, revision=2)) == {"conflict.none"}
    assert nurse.get(below(clinic, "conflicts")).json() == []


def test_other_sites_and_scopes(clinic, desk):
    far = make_clinic("south", now=clock.now())
    entry, session = waits(far), booked(far, FRIDAY_MORNING)
    assert desk.get(of(entry)).status_code == 404
    assert desk.patch(of(entry), {}, revision=1).status_code == 404
    assert desk.end(of(entry, "withdraw/"), {"reason": "x"}, revision=1).status_code == 404
    body = {"chair": str(far.chair.public_id), "starts_at": FRIDAY_MORNING.isoformat()}
    assert desk.post(of(entry, "book/"), body).status_code == 404
    assert desk.post("waiting-entries/", {"course": str(make_course(far).public_id)}).status_code == 404
    for tail in ("free-times", "conflicts"):
        assert desk.get(below(far, tail)).status_code == 404
        admin = Api(staff("administrator", clinic.site))
        assert codes(admin.get(below(clinic, tail))) == {"permission.missing"}
    kept = Api(clinic.nurse).end(keep_path(session), {"kind": CLOSED, "reason": "x"}, revision=1)
    assert kept.status_code == 404
    reader = with_token(clinic.desk, Permission.VIEW_PATIENTS)
    own = waits(clinic)
    assert reader.get(ROOT + of(own)).status_code == 200
    refused = reader.patch(ROOT + of(own), {"note": "x"}, headers={"If-Match": '"1"'})
    assert (refused.status_code, codes(refused)) == (403, {"permission.missing"})
    assert not Booking.objects.filter(site=clinic.site).exists()
