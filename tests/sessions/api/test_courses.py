"""Protocols and courses through the API: what an order may say, and who may change what."""

import pytest

from clinic.common import clock
from sessions.api.serializers.protocols import VersionIn
from sessions.demo.protocols import DEPRESSION
from sessions.models import Course, ProtocolVersion
from sessions.states import Status
from tests.patients.api.client import Api
from tests.patients.scenes import consent_for
from tests.scenes import make_site, staff
from tests.sessions.api.client import codes, twice
from tests.sessions.scenes import make_clinic, make_course, make_patient, session_at


@pytest.fixture
def content():
    return dict(VersionIn(DEPRESSION).data)


def order(clinic, patient, **values):
    named = {
        "patient": str(patient.public_id),
        "site": str(clinic.site.public_id),
        "protocol_version": str(clinic.version.public_id),
        "diagnosis_code": "F33.2",
    }
    return named | values


def test_an_order_takes_what_it_leaves_out_from_the_protocol(clinic, prescriber):
    patient = make_patient(clinic)
    course = twice(prescriber, "courses/", order(clinic, patient))
    said = VersionIn(DEPRESSION).data
    for name in ("dose_mg_per_kg", "cap_mg", "duration_minutes", "planned_infusions"):
        assert course[name] == said[name], name
    assert (course["state"], course["consent"], course["revision"]) == ("active", None, 1)
    opened = prescriber.get(f"courses/{course['id']}/")
    assert (opened["ETag"], opened.json()) == ('"1"', course)


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"duration_minutes": 39}, 422, "order.duration"),
        ({"duration_minutes": 61}, 422, "order.duration"),
        ({"duration_minutes": 400, "order_reason": "Slow"}, 422, "order.duration"),
        ({"dose_mg_per_kg": "0"}, 422, "order.dose"),
        ({"dose_mg_per_kg": "0.75"}, 422, "reason.missing"),
        ({"dose_mg_per_kg": "0.7501234"}, 422, "field.max_decimal_places"),
        ({"dose_mg_per_kg": "-1"}, 422, "field.min_value"),
        ({"cap_mg": "0"}, 422, "order.cap"),
        ({"planned_infusions": 0}, 422, "field.min_value"),
        ({"planned_infusions": 61}, 422, "order.planned"),
        ({"diagnosis_code": ""}, 422, "field.blank"),
        ({"diagnosis_code": "F33.2 and more"}, 422, "field.max_length"),
        ({"patient": "somebody"}, 422, "field.invalid"),
        ({"dose_mg": "200"}, 422, "field.unknown"),
    ],
)
def test_an_order_that_cannot_be_right(clinic, prescriber, values, status, code):
    answer = prescriber.post("courses/", order(clinic, make_patient(clinic)) | values)
    assert (answer.status_code, codes(answer)) == (status, {code})
    assert not Course.objects.exists()


def test_who_cannot_be_ordered_for(clinic, prescriber):
    minor = make_patient(clinic, birth_date=clock.now().date().replace(day=1, year=clock.now().year - 17))
    assert codes(prescriber.post("courses/", order(clinic, minor))) == {"patient.minor"}
    adult = make_patient(clinic)
    assert codes(Api(clinic.nurse).post("courses/", order(clinic, adult))) == {"permission.missing"}
    other = consent_for(make_patient(clinic))
    refused = prescriber.post("courses/", order(clinic, adult, consent=str(other.public_id)))
    assert codes(refused) == {"consent.other_patient"}


def test_an_example_protocol_is_for_demo_sites_only(clinic):
    site = make_site("real", is_demo=False)
    patient = make_patient(clinic)
    patient.registrations.create(site=site, record_number="1", registered_at=clock.now())
    body = order(clinic, patient, site=str(site.public_id))
    assert codes(Api(staff("prescriber", site)).post("courses/", body)) == {"order.protocol"}


def test_courses_are_listed_as_asked_for(clinic, prescriber, django_assert_num_queries):
    first, second = make_course(clinic), make_course(clinic)
    make_course(make_clinic("south", now=clock.now()))

    def found(**query):
        return {row["id"] for row in prescriber.get("courses/", **query).json()["results"]}

    one, two = str(first.public_id), str(second.public_id)
    # Session, user, rights; count, courses with everything they name.
    with django_assert_num_queries(5):
        assert found() == {one, two}
    assert found(patient=first.patient.public_id) == {one}
    assert found(site=clinic.site.public_id) == {one, two}
    body = {"state": "stopped", "code": "moved", "reason": "Moved away"}
    prescriber.end(f"courses/{one}/close/", body, revision=first.revision)
    assert found(state="stopped") == {one}
    assert found(state=["active", "completed"]) == {two}


def test_a_course_is_closed_by_whoever_has_read_it(clinic, prescriber):
    course = make_course(clinic)
    path = f"courses/{course.public_id}/close/"
    empty = prescriber.end(path, {"state": "stopped"}, revision=course.revision)
    assert codes(empty) == {"course.code_missing", "reason.missing"}
    assert codes(prescriber.end(path, {"state": "completed"}, revision=9)) == {"revision.stale"}
    closed = prescriber.end(path, {"state": "completed"}, revision=course.revision)
    assert (closed.json()["state"], closed["ETag"]) == ("completed", f'"{course.revision + 1}"')
    again = prescriber.end(path, {"state": "completed"}, revision=course.revision + 1)
    assert codes(again) == {"order.inactive"}


def test_a_course_under_way_is_not_closed(clinic, prescriber):
    course = session_at(Status.INFUSING, clinic=clinic).course
    body = {"state": "stopped", "code": "cost", "reason": "x"}
    answer = prescriber.end(f"courses/{course.public_id}/close/", body, revision=course.revision)
    assert codes(answer) == {"course.under_way"}


def test_versions_are_numbered_and_the_approved_one_replaces_the_one_before(clinic, prescriber, content):
    protocol = clinic.version.protocol
    versions = f"protocols/{protocol.public_id}/versions/"
    draft = twice(prescriber, versions, content | {"planned_infusions": 8})
    assert (draft["number"], draft["state"], draft["planned_infusions"]) == (2, "draft", 8)
    approve = f"protocol-versions/{draft['id']}/approve/"
    director = Api(clinic.director)
    assert codes(director.end(approve, {}, revision=3)) == {"revision.stale"}
    assert director.end(approve, {}, revision=1).json()["approved_by"] == clinic.director.label
    assert codes(director.end(approve, {}, revision=2)) == {"protocol.not_draft"}
    listed = prescriber.get(versions).json()["results"]
    assert [(row["number"], row["state"]) for row in listed] == [(2, "approved"), (1, "retired")]


def test_a_version_may_say_the_longest_gap(clinic, prescriber, content):
    versions = f"protocols/{clinic.version.protocol.public_id}/versions/"
    said = {"max_gap_days": 7, "reevaluate_after_infusions": 3}
    drafted = prescriber.post(versions, content | said).json()
    assert {name: drafted[name] for name in said} == said
    path = f"protocol-versions/{drafted['id']}/"
    assert codes(prescriber.patch(path, {"max_gap_days": 1}, revision=1)) == {"protocol.max_gap"}
    silent = prescriber.patch(path, dict.fromkeys(said), revision=1).json()
    assert {name: silent[name] for name in said} == dict.fromkeys(said)


def test_an_approved_version_is_not_edited(clinic, prescriber):
    path = f"protocol-versions/{clinic.version.public_id}/"
    answer = prescriber.patch(path, {"cap_mg": "50"}, revision=clinic.version.revision)
    assert codes(answer) == {"protocol.frozen"}


def test_a_draft_is_edited_by_whoever_has_read_it(clinic, prescriber, content):
    draft = prescriber.post(f"protocols/{clinic.version.protocol.public_id}/versions/", content).json()
    path = f"protocol-versions/{draft['id']}/"
    assert prescriber.patch(path, {"cap_mg": "50"}).status_code == 428
    edited = prescriber.patch(path, {"cap_mg": "50"}, revision=1)
    # What is left out stays as it was.
    assert edited.json() == draft | {"cap_mg": "50", "revision": 2}
    assert codes(prescriber.patch(path, {"cap_mg": "51"}, revision=1)) == {"revision.stale"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"duration_minutes": 39}, "order.duration"),
        ({"max_dose_mg_per_kg": "0.1"}, "protocol.max_dose"),
        ({"checklist": [{"code": "horoscope", "requirement": "required"}]}, "field.invalid_choice"),
        ({"limits": [{"parameter": "systolic"}]}, "field.required"),
        ({"limits": "none"}, "field.not_a_list"),
        ({"discharge_criteria": ["happy"]}, "field.invalid_choice"),
        ({"instruments": ["horoscope"]}, "field.instrument"),
        ({"concentration_mg_per_ml": "0"}, "field.min_value"),
        ({"drug": ""}, "field.blank"),
    ],
)
def test_a_version_that_could_not_be_used(clinic, prescriber, content, change, code):
    before = ProtocolVersion.objects.count()
    path = f"protocols/{clinic.version.protocol.public_id}/versions/"
    answer = prescriber.post(path, content | change)
    assert answer.status_code == 422
    assert code in codes(answer)
    assert ProtocolVersion.objects.count() == before


def test_a_protocol_has_a_code_of_its_own(clinic, prescriber):
    body = {"code": "example", "name": "Other", "indication": "Chronic pain"}
    assert codes(prescriber.post("protocols/", body)) == {"protocol.exists"}
    made = twice(prescriber, "protocols/", body | {"code": "pain"})
    assert prescriber.get(f"protocols/{made['id']}/").json() == made
    assert [row["code"] for row in prescriber.get("protocols/").json()["results"]] == ["example", "pain"]
    assert codes(Api(clinic.nurse).post("protocols/", body)) == {"permission.missing"}
