from datetime import UTC, date, datetime

import pytest

from clinic.audit.models import AccessEvent, AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.models import Patient, Registration
from patients.operations.registering import (
    edit_patient,
    record_death,
    register_known_patient,
    register_patient,
)
from patients.rules.duplicates import PossibleDuplicate
from tests.patients.scenes import registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

ANA = {"family_name": "García", "given_name": "Ana", "birth_date": date(1984, 3, 12)}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site)


def test_register_makes_a_numbered_searchable_patient(site, desk):
    patient = register_patient(site=site, details=ANA | {"phone": "(617) 555-0101"}, by=desk)
    patient.refresh_from_db()
    assert patient.full_name == "García, Ana"
    assert patient.search_key == " ana garcia "
    assert patient.phone_key == "6175550101"
    assert patient.registrations.get().record_number == "100001"
    event = AuditEvent.objects.get(verb="patient.registered")
    assert (event.subject_id, event.patient_id, event.actor) == (
        patient.public_id,
        patient.public_id,
        desk.user,
    )


def test_history_names_the_author_and_the_moment(site, desk):
    now = datetime(2026, 1, 5, 15, tzinfo=UTC)
    patient = register_patient(site=site, details=ANA, by=desk, now=now)
    first = patient.history.get()
    assert (first.history_user, first.history_date) == (desk.user, now)


def test_register_needs_the_right_at_that_site(desk):
    with refused(Refused, "permission.missing"):
        register_patient(site=make_site("south"), details=ANA, by=desk)


def test_record_numbers_follow_each_other_past_those_from_elsewhere(site, desk):
    registered_patient(site=site, by=desk)
    registered_patient(site=site, by=desk, family_name="Other")
    register_patient(site=site, details=ANA, by=desk, record_number="100003", confirmed_not_duplicate=True)
    after = registered_patient(site=site, by=desk, family_name="Last")
    assert after.registrations.get().record_number == "100004"


def test_a_record_number_belongs_to_one_patient(site, desk):
    register_patient(site=site, details=ANA, by=desk, record_number="A-1")
    with refused(Conflict, "patient.record_number_taken"):
        register_patient(site=site, details=ANA, by=desk, record_number="A-1", confirmed_not_duplicate=True)


@pytest.mark.django_db(transaction=True)
def test_an_identifier_belongs_to_one_patient():
    site = make_site()
    desk = staff("front_desk", site)
    register_patient(site=site, details=ANA, by=desk, identifiers=[("other", "7")])
    with refused(Conflict, "patient.identifier_taken"):
        register_patient(
            site=site, details=ANA, by=desk, identifiers=[("other", "7")], confirmed_not_duplicate=True
        )
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"family_name": " "}, "family_name", "field.blank"),
        ({"family_name": "x" * 121}, "family_name", "field.max_length"),
        ({"family_name": "a\x00b"}, "family_name", "text.unreadable"),
        ({"given_name": "a\ud800"}, "given_name", "text.unreadable"),
        ({"birth_date": date(2031, 1, 1)}, "birth_date", "patient.birth_date_future"),
        ({"birth_date": date(1890, 1, 1)}, "birth_date", "patient.birth_date_too_early"),
        ({"birth_date": None}, "birth_date", "patient.no_birth_date"),
        ({"sex": "F"}, "sex", "field.invalid_choice"),
        ({"email": "nobody"}, "email", "field.invalid"),
        ({"reminders_by": "pigeon"}, "reminders_by", "field.invalid_choice"),
        ({"reminders_by": "email"}, "reminders_by", "patient.no_email"),
        ({"reminders_by": "sms", "phone": "none", "email": "a@b.org"}, "reminders_by", "patient.no_phone"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "patient.time_zone"),
    ],
)
def test_details_are_checked(site, desk, changes, field, code):
    now = datetime(2026, 1, 5, 15, tzinfo=UTC)
    with refused(Invalid, code) as refusal:
        register_patient(site=site, details=ANA | changes, by=desk, now=now)
    assert [problem.code for problem in refusal.value.fields[field]] == [code]


def test_today_is_the_day_at_the_site(desk):
    # One o'clock in the morning of the 6th in London is still the 5th in New York.
    now = datetime(2026, 1, 6, 1, tzinfo=UTC)
    with refused(Invalid):
        register_patient(site=make_site(), details=ANA | {"birth_date": date(2026, 1, 6)}, by=desk, now=now)
    register_patient(site=make_site(), details=ANA | {"birth_date": date(2026, 1, 5)}, by=desk, now=now)


def test_a_possible_duplicate_stops_until_somebody_confirms(site, desk):
    first = registered_patient(site=site, by=desk)
    details = {"family_name": "ana", "given_name": "GARCIA", "birth_date": first.birth_date}
    with refused(PossibleDuplicate) as refusal:
        register_patient(site=site, details=details, by=desk)
    assert [match.patient for match in refusal.value.found.here] == [first]
    assert Patient.objects.count() == 1
    register_patient(site=site, details=details, by=desk, confirmed_not_duplicate=True)
    assert Patient.objects.count() == 2


def test_somebody_at_another_site_is_a_number_without_a_name(desk, site):
    registered_patient(site=make_site("south"))
    with refused(PossibleDuplicate) as refusal:
        register_patient(site=site, details=ANA, by=desk)
    assert refusal.value.found.here == ()
    assert "García" not in str(refusal.value)
    assert [problem.code for problem in refusal.value.problems] == [
        "patient.possible_duplicate",
        "patient.possible_duplicate_elsewhere",
    ]


def test_somebody_known_elsewhere_is_registered_here_without_a_second_record(desk, site):
    known = registered_patient(site=make_site("south"))
    patient = register_known_patient(site=site, details=ANA, by=desk).patient
    assert patient == known
    assert set(Registration.objects.values_list("site__code", flat=True)) == {"north", "south"}
    assert AccessEvent.objects.get().patient_id == known.public_id
    assert known in Patient.objects.for_user(desk)


@pytest.mark.parametrize("details", [ANA | {"given_name": "Anna"}, ANA | {"birth_date": date(1984, 12, 3)}])
def test_only_the_very_same_person_is_taken_over(desk, site, details):
    registered_patient(site=make_site("south"))
    with refused(Conflict, "patient.not_found_elsewhere"):
        register_known_patient(site=site, details=details, by=desk)


def test_edit_changes_what_is_named(desk, site):
    patient = registered_patient(site=site, by=desk)
    edited = edit_patient(patient=patient, changes={"given_name": "Anna"}, by=desk, expected_revision=1)
    assert (edited.revision, edited.search_key, edited.sex) == (2, " anna garcia ", "female")
    event = AuditEvent.objects.get(verb="patient.edited")
    assert event.details["before"]["given_name"] == "Ana"
    assert event.details["after"]["given_name"] == "Anna"


def test_a_way_of_reminding_keeps_its_address(desk, site):
    patient = registered_patient(site=site)
    told = {"phone": "617 555 0101", "reminders_by": "sms", "time_zone": "America/Chicago"}
    edited = edit_patient(patient=patient, changes=told, by=desk, expected_revision=1)
    assert (edited.reminders_by, edited.time_zone) == ("sms", "America/Chicago")
    for changes, code in (
        ({"phone": ""}, "patient.no_phone"),
        ({"reminders_by": "email"}, "patient.no_email"),
    ):
        with refused(Invalid, code):
            edit_patient(patient=patient, changes=changes, by=desk, expected_revision=2)
    edit_patient(patient=patient, changes={"phone": "", "reminders_by": ""}, by=desk, expected_revision=2)


def test_edit_of_an_older_version_is_stale(desk, site):
    patient = registered_patient(site=site, by=desk)
    edit_patient(patient=patient, changes={"city": "Boston"}, by=desk, expected_revision=1)
    with refused(Stale) as refusal:
        edit_patient(patient=patient, changes={"city": "Salem"}, by=desk, expected_revision=1)
    assert refusal.value.current["city"] == "Boston"


def test_edit_knows_only_details(desk, site):
    patient = registered_patient(site=site, by=desk)
    with pytest.raises(TypeError):
        edit_patient(patient=patient, changes={"public_id": 1}, by=desk, expected_revision=1)


def test_edit_is_refused_at_another_site(site):
    patient = registered_patient(site=site)
    with refused(Refused):
        edit_patient(
            patient=patient, changes={"city": "x"}, by=staff("nurse", make_site("south")), expected_revision=1
        )


def test_death_is_recorded_and_taken_back_with_a_reason(desk, site):
    patient = registered_patient(site=site, by=desk)
    dead = record_death(patient=patient, deceased_on=date(2020, 5, 1), by=desk, expected_revision=1)
    assert dead.is_deceased
    assert dead.age_on(date(2026, 1, 1)) == 36
    with refused(Invalid, "patient.death_reason"):
        record_death(patient=dead, deceased_on=None, by=desk, expected_revision=2)
    alive = record_death(patient=dead, deceased_on=None, by=desk, expected_revision=2, reason="Wrong chart")
    assert not alive.is_deceased


def test_nobody_dies_before_birth(desk, site):
    patient = registered_patient(site=site, by=desk)
    with refused(Invalid, "patient.died_before_born"):
        record_death(patient=patient, deceased_on=date(1984, 3, 11), by=desk, expected_revision=1)


def test_scope_is_registration_where_records_may_be_opened(site, desk):
    patient = registered_patient(site=site)
    assert list(Patient.objects.for_user(desk)) == [patient]
    assert not Patient.objects.for_user(staff("front_desk", make_site("south"))).exists()
    assert not Patient.objects.for_user(staff("auditor", site)).exists()
