from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.models import Consent, ConsentDocument
from patients.operations.consenting import publish_consent_document, record_consent, revoke_consent
from tests.patients.scenes import approver, consent_document, consent_for, registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def patient(db):
    return registered_patient()


@pytest.fixture
def nurse(patient):
    return staff("nurse", patient.registrations.get().site)


def test_record_derives_the_last_day(patient, nurse):
    consent = record_consent(patient=patient, document=consent_document(), by=nurse, now=NOW)
    assert (consent.given_on, consent.valid_until) == (TODAY, date(2027, 3, 2))
    assert consent.is_in_date(TODAY)
    assert [event.kind for event in consent.events.all()] == ["given"]
    assert AuditEvent.objects.filter(verb="consent.recorded", patient_id=patient.public_id).exists()


def test_without_a_limit_it_holds_until_revoked(patient, nurse):
    document = consent_document(code="sharing", valid_days=None)
    consent = record_consent(patient=patient, document=document, by=nurse, purpose="sharing", now=NOW)
    assert consent.is_in_date(date(2099, 1, 1))


def test_revoke_ends_it_that_day(patient, nurse):
    consent = consent_for(patient, given_on=TODAY - timedelta(days=10), now=NOW)
    revoked = revoke_consent(consent=consent, reason="Changed her mind", by=nurse, now=NOW)
    assert not revoked.is_in_date(TODAY)
    assert revoked.is_in_date(TODAY - timedelta(days=1))
    assert [event.kind for event in revoked.events.all()] == ["given", "revoked"]
    with refused(Conflict, "consent.revoked"):
        revoke_consent(consent=consent, reason="again", by=nurse, now=NOW)


def test_revoke_needs_a_reason_and_a_day_of_its_life(patient, nurse):
    consent = consent_for(patient, given_on=TODAY, now=NOW)
    with refused(Invalid, "consent.reason"):
        revoke_consent(consent=consent, reason=" ", by=nurse, now=NOW)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with refused(Invalid, "consent.revoked_on"):
            revoke_consent(consent=consent, reason="x", revoked_on=day, by=nurse, now=NOW)
    with refused(Stale):
        revoke_consent(consent=consent, reason="x", by=nurse, expected_revision=7, now=NOW)


def test_a_minor_needs_somebody_who_consents(nurse, patient):
    minor = registered_patient(given_name="Eva", birth_date=date(2012, 1, 1))
    with refused(Invalid, "consent.minor"):
        record_consent(patient=minor, document=consent_document(), by=nurse, now=NOW)
    record_consent(
        patient=minor, document=consent_document(), by=nurse, given_by="Luis García, father", now=NOW
    )


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 3, 3), "consent.future"), (date(1984, 3, 11), "consent.before_birth")],
)
def test_days_that_cannot_be(patient, nurse, day, code):
    with refused(Invalid, code):
        record_consent(patient=patient, document=consent_document(), by=nurse, given_on=day, now=NOW)


def test_nobody_consents_after_death(nurse):
    patient = registered_patient(given_name="Eva", deceased_on=date(2026, 1, 1))
    with refused(Invalid, "consent.after_death"):
        record_consent(patient=patient, document=consent_document(), by=nurse, given_on=TODAY, now=NOW)


def test_consent_needs_the_right(patient):
    with refused(Refused, "permission.missing"):
        consent_for(patient, by=staff("manager", make_site()))


def test_documents_follow_each_other(db):
    site = make_site()
    first = consent_document(site=site)
    with refused(Conflict, "consent_document.version"):
        consent_document(site=site, version=3)
    second = consent_document(site=site, version=2)
    assert list(ConsentDocument.objects.offered()) == [second]
    assert first.version == 1
    other = publish_consent_document(
        code="treatment", version=1, language="es", title="Consentimiento", body="…", by=approver(site)
    )
    assert set(ConsentDocument.objects.offered()) == {second, other}


def test_publishing_needs_approval_rights(db):
    with refused(Refused):
        publish_consent_document(code="x", version=1, title="x", body="x", by=staff("nurse", make_site()))


days = st.integers(-5, 5).map(lambda offset: TODAY + timedelta(days=offset))


@given(given_on=days, until=st.none() | days, revoked=st.none() | days, day=days)
def test_in_date_is_one_unbroken_stretch(given_on, until, revoked, day):
    consent = Consent(given_on=given_on, valid_until=until, revoked_on=revoked)
    stretch = [given_on + timedelta(days=offset) for offset in range(20)]
    stretch = [
        one for one in stretch if (until is None or one <= until) and (revoked is None or one < revoked)
    ]
    assert consent.is_in_date(day) == (day in stretch)


@pytest.mark.parametrize("revoked", [None, TODAY])
def test_in_date_for_many_agrees(patient, nurse, revoked):
    consent = consent_for(patient, given_on=TODAY - timedelta(days=2), now=NOW)
    if revoked:
        consent = revoke_consent(consent=consent, reason="x", revoked_on=revoked, by=nurse, now=NOW)
    for offset in range(-5, 400, 5):
        day = TODAY + timedelta(days=offset)
        assert Consent.objects.in_date(day).exists() == consent.is_in_date(day)
