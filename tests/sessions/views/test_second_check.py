"""The pages of dose, second check and moved courses: the second person is not shown what the first came to."""

from datetime import timedelta

from django.urls import reverse

from clinic.accounts.models import Membership
from sessions.demo.protocols import DEPRESSION
from sessions.models import Course, DoseCheck, DoseConfirmation
from sessions.operations.protocols import draft_version
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.scenes import role_named
from tests.sessions.api.client import at as api_at
from tests.sessions.api.client import codes, twice
from tests.sessions.scenes import NOON, make_course, session_at, under


def at(name, session, *more):
    return reverse(f"sessions:{name}", args=[session.public_id, *more])


def test_the_second_person_sees_order_and_vial_and_no_result(clinic):
    session = session_at(Status.READY, clinic=under(clinic, needs_second_check=True), now=NOON)
    nurse, second = Pages(clinic.nurse), Pages(clinic.prescriber)
    assert "asks for a second check" in text_of(nurse.get(at("session", session)))
    own = text_of(nurse.get(at("second-check", session)))
    assert "You confirmed this dose yourself" in own
    page = text_of(second.get(at("second-check", session)))
    assert [shown for shown in ("35 mg", "70 kg", "150 mL/h") if shown in page] == []
    assert "0.5 mg/kg" in page
    wrong = {"weight_grams": "70", "dose_micrograms": "53", "rate_microlitres_per_hour": "150"}
    answer = second.post(at("second-check", session), wrong, patient=session.patient)
    assert answer["Location"] == at("second-check", session)
    both = text_of(second.get(at("second-check", session)))
    assert "35 mg" in both and "53 mg" in both
    assert "came to another dose" in text_of(nurse.get(at("session", session)))
    right = wrong | {"dose_micrograms": "35"}
    second.post(at("second-check", session), right, patient=session.patient)
    assert [check.agrees for check in DoseCheck.objects.all()] == [False, True]
    told = text_of(nurse.get(at("session", session)))
    assert "Second check: 53 mg, differs" in told and "Second check: 35 mg, agrees" in told
    start = at("act", session, "start")
    assert nurse.post(start, patient=session.patient).status_code == 302


def test_a_dose_by_another_weight_is_typed_on_the_page(clinic):
    session = session_at(Status.ARRIVED, clinic=under(clinic, weight_basis="adjusted"), now=NOON)
    nurse = Pages(clinic.nurse)
    nurse.post(at("weight", session), {"value": "120", "unit": "kg"}, patient=session.patient)
    page = text_of(nurse.get(at("session", session)))
    assert "doses by: adjusted weight" in page and "60 mg" not in page
    api = Api(clinic.nurse)
    assert api.get(api_at(session, "dose/")).json() == {"computed": None, "confirmed": None}
    bare = nurse.post(at("dose", session), {}, patient=session.patient)
    assert bare.status_code == 422 and "Enter that weight" in text_of(bare)
    told = {"dosing_weight_grams": "80", "dosing_weight_source": "Dietician, 3 March"}
    assert nurse.post(at("dose", session), told, patient=session.patient).status_code == 302
    dose = DoseConfirmation.objects.get()
    assert (dose.dose_micrograms, dose.dosing_weight_source) == (40_000, "Dietician, 3 March")


def test_the_last_dose_is_shown_and_never_filled_in(clinic):
    course = make_course(clinic, now=NOON - timedelta(days=14))
    session_at(Status.DISCHARGED, clinic=clinic, course=course, now=NOON - timedelta(days=7))
    session = session_at(Status.ARRIVED, clinic=clinic, course=course, now=NOON)
    page = Pages(clinic.nurse).get(at("session", session))
    assert "Last time: 35 mg (0.5 mg/kg over 40 min)" in text_of(page)
    assert not page.context["dose_form"].initial


def test_a_course_is_moved_from_the_safety_worklist(clinic):
    course = make_course(clinic)
    draft = draft_version(protocol=clinic.version.protocol, content=DEPRESSION, by=clinic.director, now=NOON)
    director, prescriber, nurse = (Pages(who) for who in (clinic.director, clinic.prescriber, clinic.nurse))
    approve = reverse("sessions:approve-version", args=[draft.public_id])
    assert director.post(approve, {"revision": "1", "safety_reason": "Letter of 9 March"}).status_code == 302
    worklist = text_of(nurse.get(reverse("sessions:safety-worklist")))
    assert "Letter of 9 March" in worklist and "A prescriber decides." in worklist
    move = at("move-version", course)
    assert move in prescriber.get(reverse("sessions:safety-worklist")).content.decode()
    assert nurse.get(move).status_code == 403
    assert "nothing starts under this course" in text_of(nurse.get(at("course", course)))
    page = prescriber.get(move)
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("version", "dose_mg_per_kg", "cap_mg", "duration_minutes")}
    assert sent == {
        "version": str(draft.public_id),
        "dose_mg_per_kg": "0.5",
        "cap_mg": "60",
        "duration_minutes": 40,
    }
    wild = prescriber.post(
        move, sent | {"revision": "1", "reason": "x", "dose_mg_per_kg": "9"}, patient=course.patient
    )
    assert (wild.status_code, "dose_mg_per_kg" in wild.context["form"].errors) == (422, True)
    done = prescriber.post(move, sent | {"revision": "1", "reason": "Letter"}, patient=course.patient)
    assert done.status_code == 302
    assert Course.objects.get(pk=course.pk).protocol_version == draft
    assert "No course waits" in text_of(prescriber.get(reverse("sessions:safety-worklist")))


def test_second_check_and_move_through_the_api(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    nurse, prescriber, director = (Api(who) for who in (clinic.nurse, clinic.prescriber, clinic.director))
    body = {"weight_kg": "70", "dose_mg": "35", "rate_ml_per_hour": "150"}
    assert codes(nurse.post(api_at(session, "dose-checks/"), body)) == {"dose_check.self"}
    assert twice(prescriber, api_at(session, "dose-checks/"), body)["agrees"] is True
    draft = draft_version(protocol=clinic.version.protocol, content=DEPRESSION, by=clinic.director, now=NOON)
    approve = f"protocol-versions/{draft.public_id}/approve/"
    approved = director.end(approve, {"safety_reason": "Letter of 9 March"}, revision=1).json()
    assert (approved["state"], approved["safety_reason"]) == ("approved", "Letter of 9 March")
    (row,) = nurse.get("safety-worklist/").json()
    assert [each["course"] for each in row["courses"]] == [str(session.course.public_id)]
    path = f"courses/{session.course.public_id}/move-version/"
    told = {"protocol_version": draft.public_id, "reason": "Letter"}
    assert codes(nurse.end(path, told, revision=1)) == {"permission.missing"}
    moved = prescriber.end(path, told, revision=1)
    assert (moved.json()["protocol_number"], moved["ETag"]) == (2, '"2"')
    assert nurse.get("safety-worklist/").json() == []
    assert codes(nurse.post(api_at(session, "start/"))) == {"dose.order_changed"}


def test_one_who_is_both_still_needs_another(clinic):
    Membership.objects.create(user=clinic.nurse.user, site=clinic.site, role=role_named("prescriber"))
    session = session_at(Status.READY, clinic=under(clinic, needs_second_check=True), now=NOON)
    body = {"weight_kg": "70", "dose_mg": "35", "rate_ml_per_hour": "150"}
    assert codes(Api(clinic.nurse).post(api_at(session, "dose-checks/"), body)) == {"dose_check.self"}
