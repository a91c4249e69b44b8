"""One visit from the schedule: looked at, moved, given to a nurse; chairs kept for other uses, and freed."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine

from clinic.facilities.models import OpeningHours
from sessions.models import Booking, InfusionSession
from sessions.operations.assigning import assign_nurse
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.busy_day import busy_day, local
from tests.sessions.scenes import NOON, make_patient

HTMX = {"HX-Request": "true"}


@pytest.fixture
def busy(db):
    with time_machine.travel(NOON, tick=False):
        busy = busy_day()
        # Chairs and hours are what is in the way here.
        busy.site.policy = {}
        busy.site.save()
        yield busy


@pytest.fixture
def desk(busy):
    return Pages(busy.clinic.desk)


def path_of(booking, tail=""):
    return f"/schedule/visits/{booking.public_id}/{tail}"


def place(chair, at, *, revision, day="2026-03-10", **more):
    return {
        "day": day,
        "starts_at": at,
        "chair": str(chair.public_id) if chair else "",
        "revision": revision,
        **more,
    }


def fresh(session):
    return InfusionSession.objects.select_related("booking", "chair", "nurse").get(pk=session.pk)


def test_a_visit_tells_all_that_is_known_and_what_can_be_done(busy, desk):
    page = desk.get(path_of(busy.planned.booking))
    text = text_of(page)
    assert "Tue 10 Mar 14:00–16:10 Chair 3" in text and "1 of 6" in text
    assert "2 h 10 (preparation 30 min, infusion 40 min, recovery 60 min)" in text
    assert "Find another day" in text and "Cancel visit" in text and "Assign" in text
    for query in ("day=0001-01-01", "day=2026-02-31&at=25:00", "day=2026-03-08&at=02:30"):
        assert desk.get(path_of(busy.planned.booking, f"move/?{query}")).status_code == 200
    part = desk.get(path_of(busy.planned.booking), **HTMX)
    assert "<html" not in part.content.decode()
    block = text_of(desk.get(path_of(busy.maintenance)))
    assert "New armrest" in block and "Free the chair" in block and "Change times" in block
    reader = Pages(staff("manager", busy.site))
    text = text_of(reader.get(path_of(busy.planned.booking)))
    assert "Cancel visit" not in text and "Assign" not in text and busy.second.user.printed_name in text


def test_a_session_is_moved_once_and_the_schedule_says_so(busy, desk):
    session, key = fresh(busy.planned), uuid.uuid4()
    fields = place(busy.clinic.chairs[4], "14:20", revision=session.revision)
    for _ in range(2):
        answer = desk.post(path_of(session.booking, "move/"), fields, patient=session.patient, key=key)
        assert answer["Location"].startswith("/schedule/?site=")
    moved = fresh(session)
    assert (moved.chair.name, moved.scheduled_start) == ("Chair 5", local("2026-03-10 14:20"))
    assert moved.revision == session.revision + 1
    assert "Moved to Tue 10 Mar 14:20." in text_of(desk.get(answer["Location"]))


def test_in_the_dialog_a_stored_move_refreshes_the_schedule(busy, desk):
    session = fresh(busy.planned)
    fields = place(None, "14:25", revision=session.revision)
    hidden = {"idempotency_key": str(uuid.uuid4()), "for_patient": str(session.patient.public_id)}
    answer = desk.client.post(path_of(session.booking, "move/"), fields | hidden, headers=HTMX)
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
    assert fresh(session).booking.is_chair_provisional


@pytest.mark.parametrize(
    ("at", "chair", "status", "sentence", "outweighed"),
    [
        ("11:00", 2, 422, "This time has passed.", False),
        ("16:00", 4, 409, "is closed then: Training", True),
        ("17:30", 4, 409, "outside the opening hours", True),
        ("", 4, 422, "This field is required.", False),
    ],
)
def test_a_refusal_stands_beside_what_was_typed(busy, at, chair, status, sentence, outweighed):
    session = fresh(busy.planned)
    fields = place(busy.clinic.chairs[chair], at, revision=session.revision)
    for actor, may in ((busy.clinic.desk, False), (busy.clinic.nurse, outweighed)):
        answer = Pages(actor).post(path_of(session.booking, "move/"), fields, patient=session.patient)
        assert (answer.status_code, sentence in text_of(answer)) == (status, True)
        assert ("Reason for booking it all the same" in text_of(answer)) == may
        assert f'value="{at}"' in answer.content.decode() or not at
    assert fresh(session).scheduled_start == session.scheduled_start


def test_whoever_may_overbook_gives_the_reason_and_nobody_else(busy, desk):
    other, chair = fresh(busy.planned), busy.clinic.chairs[2]
    fields = place(chair, "14:05", revision=other.revision, override_reason="The patient's only day")
    answer = desk.post(path_of(other.booking, "move/"), fields, patient=other.patient)
    assert answer.status_code == 403 and "does not include this right" in text_of(answer)
    nurse = Pages(busy.clinic.nurse)
    assert nurse.post(path_of(other.booking, "move/"), fields, patient=other.patient).status_code == 302
    booking = fresh(other).booking
    assert booking.is_overbooked and booking.override_reason == "The patient's only day"


def test_two_who_move_the_same_visit_do_not_overwrite_each_other(busy, desk):
    session = fresh(busy.planned)
    path, chair = path_of(session.booking, "move/"), busy.clinic.chairs[4]
    desk.post(path, place(chair, "14:20", revision=session.revision), patient=session.patient)
    mine = place(None, "14:30", revision=session.revision)
    late = desk.post(path, mine, patient=session.patient)
    assert late.status_code == 409
    text = text_of(late)
    assert "has changed this" in text and "Tue 10 Mar 14:20–16:30 Chair 5" in text
    assert "Stored now Yours, not stored Starts at 14:20 14:30 Chair Chair 5 At check-in" in text
    assert 'value="14:30"' in late.content.decode(), "what was typed stands in the form"
    again = desk.post(path, mine | {"revision": shown_revision(late)}, patient=session.patient)
    assert again.status_code == 302, "sent again, the form knows of theirs"
    assert fresh(session).scheduled_start == local("2026-03-10 14:30")


def shown_revision(page):
    (found,) = re.findall(r'name="revision" value="(\d+)"', page.content.decode())
    return found


def test_another_use_is_moved_with_its_length(busy, desk):
    path = path_of(busy.consultation, "move/")
    proposed = desk.get(f"{path}?day=2026-03-11&at=10:00&chair={busy.clinic.chairs[3].public_id}")
    assert 'value="10:30"' in proposed.content.decode(), "half an hour, as before"
    fields = place(busy.clinic.chairs[3], "10:00", revision=busy.consultation.revision, day="2026-03-11")
    more = {"ends_at": "10:30", "last_day": "2026-03-11"}
    answer = desk.post(path, fields | more, patient=busy.consultation.patient)
    assert answer.status_code == 302
    booking = Booking.objects.get(pk=busy.consultation.pk)
    assert (booking.starts_at, booking.ends_at) == (local("2026-03-11 10:00"), local("2026-03-11 10:30"))
    assert (booking.chair, booking.overrides) == (busy.clinic.chairs[3], [])


def test_a_nurse_is_assigned_from_the_schedule(busy, desk):
    session, nurse = fresh(busy.planned), busy.clinic.nurse.user
    path = path_of(session.booking, "nurse/")
    shown = desk.get(f"{path}?nurse={nurse.public_id}").content.decode()
    assert f'value="{nurse.public_id}" selected' in shown
    assert str(busy.receptionist.user.public_id) not in shown
    fields = {"nurse": str(nurse.public_id), "revision": session.revision}
    assert desk.post(path, fields, patient=session.patient).status_code == 302
    assert fresh(session).nurse == nurse
    assert desk.post(path, fields, patient=session.patient).status_code == 409
    strange = fields | {"nurse": str(busy.receptionist.user.public_id)}
    assert desk.post(path, strange, patient=session.patient).status_code == 422
    assert desk.get(path_of(busy.consultation, "nurse/")).status_code == 404


def kept(busy, **changed):
    day = {"day": "2026-03-11", "starts_at": "14:00", "ends_at": "14:45", "last_day": "2026-03-11"}
    told = {"kind": "consultation", "title": "Second opinion", "chair": str(busy.clinic.chairs[5].public_id)}
    return day | told | changed


def test_a_chair_is_kept_once_with_and_without_a_patient(busy, desk):
    patient = make_patient(busy.clinic)
    number = patient.registrations.get().record_number
    for fields, whose in (
        (kept(busy), None),
        (kept(busy, starts_at="15:00", ends_at="15:30", record_number=number), patient),
    ):
        key = uuid.uuid4()
        for _ in range(2):
            assert desk.post("/schedule/blocks/new/", fields, key=key).status_code == 302
        booking = Booking.objects.get(public_id=key)
        assert (booking.patient, booking.title, booking.kind) == (whose, "Second opinion", "consultation")
    assert booking.ends_at - booking.starts_at == timedelta(minutes=30)
    proposed = desk.get(
        f"/schedule/blocks/new/?day=2026-03-11&at=09:30&chair={busy.clinic.chairs[5].public_id}"
    )
    assert 'value="10:00"' in proposed.content.decode()


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"title": " "}, 422, "This field is required."),
        ({"ends_at": "13:00"}, 422, "The end comes before the start."),
        ({"record_number": "nobody"}, 422, "has the record number nobody."),
        ({"starts_at": "08:00"}, 409, "outside the opening hours"),
        ({"last_day": "2026-05-11"}, 422, "at most 31 days"),
        ({"kind": "infusion"}, 422, "infusion is not one of the available choices"),
    ],
)
def test_a_chair_is_not_kept_against_the_rules(busy, desk, changed, status, sentence):
    answer = desk.post("/schedule/blocks/new/", kept(busy, **changed))
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)


def test_a_chair_is_freed_with_a_reason(busy, desk):
    path, key = path_of(busy.maintenance, "release/"), uuid.uuid4()
    assert desk.get(path).status_code == 200
    assert desk.post(path, {"reason": " ", "revision": busy.maintenance.revision}).status_code == 422
    for _ in range(2):
        answer = desk.post(path, {"reason": "Done sooner", "revision": busy.maintenance.revision}, key=key)
        assert answer.status_code == 302
    assert not Booking.objects.get(pk=busy.maintenance.pk).is_live
    assert desk.get(path_of(busy.maintenance)).status_code == 404
    assert "New armrest" not in text_of(desk.get("/schedule/"))


@pytest.mark.parametrize("tail", ["move/", "nurse/", "release/"])
def test_changes_keep_to_right_site_and_patient(busy, desk, tail):
    booking = fresh(busy.planned).booking if tail != "release/" else busy.consultation
    path = path_of(booking, tail)
    assert Pages(staff("manager", busy.site)).get(path).status_code == 403
    assert Pages(staff("front_desk", make_site("far"))).get(path).status_code == 404
    answer = desk.post(path, {"reason": "x"}, patient=make_patient(busy.clinic))
    assert (answer.status_code, "another patient" in text_of(answer)) == (409, True)


# The night on which an hour comes twice

NIGHT = "2026-11-01"


@pytest.mark.parametrize(("fold", "expected"), [("0", f"{NIGHT}T05:30"), ("1", f"{NIGHT}T06:30")])
def test_a_move_into_the_hour_that_comes_twice_is_asked_about(busy, desk, fold, expected):
    session = fresh(busy.planned)
    path = path_of(session.booking, "move/")
    OpeningHours.objects.all().delete()
    assert "before the clocks go back" not in text_of(desk.get(path))
    fields = place(busy.clinic.chairs[4], "01:30", day=NIGHT, revision=session.revision)
    asked = desk.post(path, fields, patient=session.patient)
    assert asked.status_code == 422
    assert "The first, before the clocks go back The second, after it" in text_of(asked)
    assert desk.post(path, fields | {"fold": fold}, patient=session.patient).status_code == 302
    assert fresh(session).scheduled_start.isoformat().startswith(expected)
    checked = f'value="{fold}" id="id_fold_{fold}" checked'
    assert checked in " ".join(desk.get(path).content.decode().split()), "which one it is, is known by now"


def test_both_ends_of_another_use_may_come_twice(busy, desk):
    OpeningHours.objects.all().delete()
    fields = kept(busy, day=NIGHT, last_day=NIGHT, starts_at="01:15", ends_at="01:45")
    asked = text_of(desk.post("/schedule/blocks/new/", fields))
    assert "Which of the two The first" in asked and "Which of the two for the end The first" in asked
    key = uuid.uuid4()
    assert desk.post("/schedule/blocks/new/", fields | {"fold": "0"}).status_code == 422
    answers = {"fold": "0", "end_fold": "1"}
    assert desk.post("/schedule/blocks/new/", fields | answers, key=key).status_code == 302
    booking = Booking.objects.get(public_id=key)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=90)
    shown = " ".join(desk.get(path_of(booking, "move/")).content.decode().split())
    assert 'value="0" id="id_fold_0" checked' in shown and 'value="1" id="id_end_fold_1" checked' in shown
    day = {"day": NIGHT, "last_day": NIGHT, "revision": booking.revision, "chair": fields["chair"]}
    moved = day | {"starts_at": "00:30", "ends_at": "01:45", "end_fold": "0"}
    assert desk.post(path_of(booking, "move/"), moved).status_code == 302
    booking.refresh_from_db()
    assert booking.ends_at - booking.starts_at == timedelta(minutes=75)


def test_the_hour_that_is_skipped_is_refused_without_a_question(busy, desk):
    session = fresh(busy.planned)
    fields = place(busy.clinic.chairs[4], "02:30", day="2027-03-14", revision=session.revision)
    answer = desk.post(path_of(session.booking, "move/"), fields, patient=session.patient)
    assert (answer.status_code, "02:30 does not exist" in text_of(answer)) == (422, True)
    assert "before the clocks go back" not in text_of(answer)


# Two people


def test_a_nurse_named_by_two_people_is_shown_twice(busy, desk):
    session = fresh(busy.planned)
    path = path_of(session.booking, "nurse/")
    assign_nurse(session=session, nurse=busy.clinic.nurse.user, by=busy.clinic.nurse)
    fields = {"nurse": "", "revision": session.revision}
    late = desk.post(path, fields, patient=session.patient)
    assert late.status_code == 409
    assert f"Nurse {busy.clinic.nurse.user.printed_name} Nobody yet" in text_of(late)
    again = fields | {"revision": shown_revision(late)}
    assert desk.post(path, again, patient=session.patient).status_code == 302
    assert fresh(session).nurse is None
