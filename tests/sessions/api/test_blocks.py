"""Other uses of a chair through the API."""

from datetime import timedelta

import pytest

from clinic.common import clock
from sessions.models import Booking
from tests.patients.api.client import Api
from tests.sessions.api.client import codes, twice
from tests.sessions.scenes import booked_session, make_clinic, make_patient


def moment(hours):
    return (clock.now() + timedelta(hours=hours)).replace(microsecond=0)


def block(chair, start=24, end=26, **more):
    times = {"starts_at": moment(start).isoformat(), "ends_at": moment(end).isoformat()}
    return {"chair": str(chair.public_id), "kind": "maintenance", "title": "New wheels", **times, **more}


def below(row, tail=""):
    return f"blocks/{row['id']}/{tail}"


def test_a_chair_is_kept_once_moved_and_freed(clinic, desk):
    kept = twice(desk, "blocks/", block(clinic.chair))
    assert (kept["kind"], kept["title"], kept["patient"], kept["is_live"]) == (
        "maintenance",
        "New wheels",
        None,
        True,
    )
    opened = desk.get(below(kept))
    assert (opened.json(), opened["ETag"]) == (kept, '"1"')
    later = {
        name: value
        for name, value in block(clinic.chairs[1], 25, 27).items()
        if name not in {"kind", "title"}
    }
    assert codes(desk.end(below(kept, "move/"), later, revision=7)) == {"revision.stale"}
    moved = desk.end(below(kept, "move/"), later, revision=1)
    assert (moved.status_code, moved["ETag"], moved.json()["chair_name"]) == (200, '"2"', "Chair 2")
    assert codes(desk.end(below(kept, "release/"), {"reason": ""}, revision=2)) == {"reason.missing"}
    freed = desk.end(below(kept, "release/"), {"reason": "Repaired"}, revision=2)
    assert (freed.status_code, freed.json()["is_live"]) == (200, False)
    assert codes(desk.end(below(kept, "release/"), {"reason": "Repaired"}, revision=3)) == {"block.released"}


def test_a_visit_with_a_patient(clinic, desk):
    patient = make_patient(clinic)
    body = block(clinic.chair, kind="consultation", patient=str(patient.public_id))
    assert twice(desk, "blocks/", body)["patient"] == str(patient.public_id)
    assert codes(desk.post("blocks/", body | {"chair": str(clinic.chairs[1].public_id)})) == {
        "booking.patient_taken"
    }
    far = make_patient(make_clinic("far", now=clock.now()))
    assert desk.post("blocks/", body | {"patient": str(far.public_id)}).status_code == 404


def test_a_taken_chair_takes_a_reason(clinic, desk, nurse):
    booked_session(clinic, starts_at=moment(24))
    assert codes(desk.post("blocks/", block(clinic.chair))) == {"booking.chair_taken"}
    kept = twice(nurse, "blocks/", block(clinic.chair, override_reason="The engineer comes today only"))
    assert (kept["is_overbooked"], kept["overrides"]) == (True, ["booking.chair_taken"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": " "}, "block.title"),
        ({"ends_at": "2026-03-11T16:00:00Z"}, "block.order"),
        ({"starts_at": "2026-03-10T15:00:00Z"}, "booking.past"),
    ],
)
def test_what_cannot_be_kept(clinic, desk, changed, code):
    answer = desk.post("blocks/", block(clinic.chair, **changed))
    assert (answer.status_code, code in codes(answer)) == (422, True)


def test_the_list_says_what_is_asked_for(clinic, desk, django_assert_num_queries):
    for number, chair in enumerate(clinic.chairs):
        desk.post("blocks/", block(chair, 24 * (number + 1), 24 * (number + 1) + 1))
    booked_session(clinic, starts_at=moment(24 * 9))
    first, second, third = Booking.objects.exclude(kind="infusion").order_by("starts_at")

    def found(**query):
        return [row["id"] for row in desk.get("blocks/", **query).json()["results"]]

    assert found() == [str(row.public_id) for row in (first, second, third)]
    assert found(chair=clinic.chair.public_id) == [str(first.public_id)]
    assert found(date_from=second.local_date, date_to=second.local_date) == [str(second.public_id)]
    assert found(kind="consultation") == found(is_live=False) == []
    # Session, user, rights; count, rows with everything they name.
    with django_assert_num_queries(5):
        found(site=clinic.site.public_id)


def test_blocks_keep_to_the_site_and_to_the_right(clinic, desk, prescriber):
    kept = desk.post("blocks/", block(clinic.chair)).json()
    far = make_clinic("far", now=clock.now())
    theirs = Api(far.desk)
    assert theirs.get("blocks/").json()["results"] == []
    assert theirs.get(below(kept)).status_code == 404
    assert theirs.end(below(kept, "release/"), {"reason": "x"}, revision=1).status_code == 404
    assert codes(prescriber.end(below(kept, "release/"), {"reason": "x"}, revision=1)) == {
        "permission.missing"
    }
    assert desk.post("blocks/", block(far.chair)).status_code == 404
    session = booked_session(clinic, starts_at=moment(48), chair=clinic.chairs[1])
    assert desk.get(f"blocks/{session.booking.public_id}/").status_code == 404
