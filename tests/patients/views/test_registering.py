import re
import uuid
from datetime import date
from urllib.parse import urlencode

import pytest

from clinic.common.submitting import KEY_FIELD
from patients.models import Patient
from patients.operations.registering import edit_patient
from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, address, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

TYPED = {"family_name": "García", "given_name": "Ana", "birth_date": "1984-03-12", "sex": "female"}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def actor(site):
    return staff("front_desk", site)


@pytest.fixture
def desk(actor):
    return Pages(actor)


def details_of(patient, **typed):
    """The edit form as it comes back from a browser that changed some fields."""
    form = Pages(staff("front_desk", patient.registrations.first().site)).get("edit", patient).context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    return said | {"birth_date": patient.birth_date.isoformat()} | typed


def test_a_person_is_registered_once_however_often_it_is_sent(site, desk):
    key = uuid.uuid4()
    for _time in range(2):
        answer = desk.post("register", key=key, site=site.public_id, phone="617 555 0101", **TYPED)
        assert goes_to(answer, "detail", key)
    patient = Patient.objects.get()
    assert (patient.public_id, patient.full_name, patient.phone) == (key, "García, Ana", "617 555 0101")


def test_a_form_that_was_stored_with_other_contents_comes_back_ready_to_be_sent(site, desk):
    key = uuid.uuid4()
    desk.post("register", key=key, site=site.public_id, **TYPED)
    other = TYPED | {"family_name": "Ruiz", "given_name": "Eva", "birth_date": "1990-01-01"}
    answer = desk.post("register", key=key, site=site.public_id, **other)
    assert answer.status_code == 409
    assert 'value="Ruiz"' in text_of(answer)
    fresh = re.search(r'name="idempotency_key" value="([0-9a-f-]{36})"', text_of(answer))[1]
    assert fresh != str(key)
    assert goes_to(desk.post("register", key=fresh, site=site.public_id, **other), "detail", fresh)


def test_what_the_browser_could_not_encode_is_refused_not_altered(site, desk):
    """Half a surrogate pair: no browser sends it, and reading it would put another sign in its place."""
    said = urlencode({KEY_FIELD: uuid.uuid4(), "site": site.public_id, **TYPED, "given_name": ""})
    answer = desk.client.post(
        address("register"),
        said.replace("given_name=", "given_name=An%ED%A0%80a"),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 422
    assert "unreadable character" in text_of(answer)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"family_name": ""}, "This field is required."),
        ({"birth_date": "3000-01-01"}, "The date of birth is in the future."),
        ({"birth_date": "1684-03-12"}, "more than 125 years ago"),
        ({"birth_date": "yesterday"}, "Enter a valid date."),
        ({"email": "ana at home"}, "Enter a valid email address."),
        ({"reminders_by": "sms"}, "Reminders by text message need a telephone number."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"given_name": "Ana\x00"}, "unreadable character"),
        ({"family_name": "x" * 121}, "at most 120 characters"),
        ({"site": str(uuid.uuid4())}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_refused_and_kept(site, desk, typed, sentence):
    said = {"site": site.public_id, "city": "Somerville", **TYPED, **typed}
    answer = desk.post("register", **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="Somerville"' in text_of(answer)
    assert not Patient.objects.exists()


def test_somebody_like_them_is_shown_and_nothing_typed_is_lost(site, desk):
    known = registered_patient(site=site)
    key = uuid.uuid4()
    said = {"site": site.public_id, **TYPED, "given_name": "Anna", "city": "Somerville"}
    answer = desk.post("register", key=key, **said)
    page = text_of(answer)
    assert answer.status_code == 409
    assert Patient.objects.count() == 1
    assert address("detail", known) in page
    assert "Same date of birth and a name in common." in page
    assert "12 Mar 1984" in page
    assert 'value="Somerville"' in page
    assert str(key) in page
    assert goes_to(desk.post("register", key=key, confirmed="1", **said), "detail", key)
    assert Patient.objects.get(public_id=key).city == "Somerville"


def test_somebody_of_another_site_is_a_number_until_they_are_registered_here(site, desk):
    elsewhere = registered_patient(site=make_site("south"), phone="617 555 0999")
    said = {"site": site.public_id, **TYPED}
    page = text_of(desk.post("register", **said))
    assert "1 person at another site fits too." in page
    assert "617 555 0999" not in page
    assert str(elsewhere.public_id) not in page
    answer = desk.post("register", known="1", **said)
    assert goes_to(answer, "detail", elsewhere)
    assert elsewhere.registrations.count() == 2


def test_a_taken_record_number_is_a_sentence(site, desk):
    registered_patient(site=site)
    said = {"site": site.public_id, **TYPED, "family_name": "Ruiz", "birth_date": "1990-01-01"}
    answer = desk.post("register", record_number="100001", **said)
    assert answer.status_code == 409
    assert "Record number 100001 belongs to another patient at this site." in text_of(answer)
    assert 'value="Ruiz"' in text_of(answer)


def test_registering_needs_the_right(site):
    manager = Pages(staff("manager", site))
    assert manager.get("register").status_code == 403
    assert manager.post("register", site=site.public_id, **TYPED).status_code == 403


def test_the_details_are_edited(site, desk):
    patient = registered_patient(site=site)
    said = details_of(patient, city="Boston")
    assert goes_to(desk.post("edit", patient, patient=patient, **said), "detail", patient, part="details")
    patient.refresh_from_db()
    assert (patient.city, patient.revision) == ("Boston", 2)


def test_reminders_and_their_zone_are_chosen(site, desk):
    patient = registered_patient(site=site, time_zone="UTC")
    assert "UTC" in dict(desk.get("edit", patient).context["form"].fields["time_zone"].choices)
    said = details_of(patient, email="ana@example.org", reminders_by="email", time_zone="America/Denver")
    assert goes_to(desk.post("edit", patient, patient=patient, **said), "detail", patient, part="details")
    patient.refresh_from_db()
    assert (patient.reminders_by, patient.time_zone) == ("email", "America/Denver")
    assert "America/Denver" in text_of(desk.get("detail", patient))


def test_two_edits_meet_with_both_versions_side_by_side(site, actor, desk):
    """What only one of the two has changed is chosen already; what both have changed stays mine until I choose."""
    patient = registered_patient(site=site, city="Salem")
    mine = details_of(patient, city="Boston", email="ana@example.org")
    changes = {"city": "Lynn", "phone": "617 555 0101"}
    edit_patient(patient=patient, changes=changes, by=actor, expected_revision=1)
    key = uuid.uuid4()
    answer = desk.post("edit", patient, patient=patient, key=key, **mine)
    assert answer.status_code == 409
    found = {one.name: one for one in answer.context["fields"]}
    differing = {
        name: (one.mine.raw, one.theirs.raw, one.keep_mine) for name, one in found.items() if one.differs
    }
    assert differing == {
        "city": ("Boston", "Lynn", True),
        "email": ("ana@example.org", "", True),
        "phone": ("", "617 555 0101", False),
    }
    assert f"{actor.label} saved another version" in text_of(answer)
    patient.refresh_from_db()
    assert (patient.city, patient.email) == ("Lynn", "")
    chosen = {name: (one.mine if one.keep_mine else one.theirs).raw for name, one in found.items()}
    said = chosen | {"revision": answer.context["revision"]}
    assert goes_to(
        desk.post("edit", patient, patient=patient, key=key, **said), "detail", patient, part="details"
    )
    patient.refresh_from_db()
    assert (patient.city, patient.phone, patient.email) == ("Boston", "617 555 0101", "ana@example.org")


def test_a_death_is_recorded_and_taken_back(site, desk):
    patient = registered_patient(site=site)
    answer = desk.post("death", patient, patient=patient, revision=1, deceased_on="2024-05-01")
    assert goes_to(answer, "detail", patient)
    assert "Deceased 1 May 2024" in text_of(desk.get("detail", patient))
    refused = desk.post("death", patient, patient=patient, revision=2)
    assert refused.status_code == 422
    assert goes_to(
        desk.post("death", patient, patient=patient, revision=2, reason="Another Ana"), "detail", patient
    )
    patient.refresh_from_db()
    assert patient.deceased_on is None


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("3000-01-01", "The date of death is in the future."), ("1980-01-01", "before the date of birth")],
)
def test_a_death_that_cannot_be_is_refused(site, desk, day, sentence):
    patient = registered_patient(site=site)
    answer = desk.post("death", patient, patient=patient, revision=1, deceased_on=day)
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_a_stale_death_form_goes_on_from_what_it_shows(site, actor, desk):
    patient = registered_patient(site=site)
    edit_patient(patient=patient, changes={"city": "Lynn"}, by=actor, expected_revision=1)
    answer = desk.post("death", patient, patient=patient, revision=1, deceased_on="2024-05-01")
    assert answer.status_code == 409
    revision = answer.context["form"]["revision"].value()
    answer = desk.post("death", patient, patient=patient, revision=revision, deceased_on="2024-05-01")
    assert goes_to(answer, "detail", patient)
    patient.refresh_from_db()
    assert patient.deceased_on == date(2024, 5, 1)
