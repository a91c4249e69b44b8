"""By what a patient may be reminded, and on whose clocks."""

import pytest

from clinic.common.errors import Invalid
from patients.operations.registering import edit_patient
from tests.pages import Pages, text_of
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.scenes import make_clinic, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db):
    return make_clinic()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"time_zone": "Mars/Base"}, "patient.time_zone"),
        ({"time_zone": "localtime"}, "patient.time_zone"),
        ({"reminders_by": "pigeon"}, "field.invalid_choice"),
    ],
)
def test_what_is_no_channel_and_no_zone_is_refused(clinic, changes, code):
    patient = make_patient(clinic)
    with refused(Invalid, code) as caught:
        edit_patient(patient=patient, changes=changes, by=clinic.desk, expected_revision=1)
    assert set(caught.value.fields) == set(changes)


def test_what_was_agreed_is_shown_and_taken_back(clinic):
    patient, pages = make_patient(clinic), Pages(staff("front_desk", make_site()))
    record = f"/patients/{patient.public_id}/"
    assert "none agreed" in text_of(pages.get(record))
    typed = {"family_name": "Silva", "birth_date": "1980-05-17", "sex": "male", "phone": "555 0101"}
    told = {"reminders_by": "sms", "time_zone": "America/Chicago", "revision": "1"}
    assert pages.post(f"{record}edit/", typed | told, patient=patient).status_code == 302
    shown = text_of(pages.get(record))
    assert "Reminders by Text message" in shown and "America/Chicago" in shown
    back = {"reminders_by": "", "revision": "2"}
    assert pages.post(f"{record}edit/", typed | back, patient=patient).status_code == 302
    assert "none agreed" in text_of(pages.get(record))
