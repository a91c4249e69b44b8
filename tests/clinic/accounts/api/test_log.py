"""The log over the API: scoped, filtered, and without a patient's values for who may not open the record."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.audit.recording import record, record_access
from tests.patients.api.client import Api
from tests.scenes import make_site, make_user, role_named, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READERS = {role for role, (_name, rights) in DEFAULT_ROLES.items() if Permission.VIEW_AUDIT in rights}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


@pytest.fixture
def patient(site, nurse):
    """To the audit, nothing but a public id."""
    patient = make_user()
    record(
        verb="patient.edited",
        subject=patient,
        patient=patient,
        by=nurse,
        now=NOW,
        site=site,
        reason="Moved",
        before={"city": "Lisbon", "phone": "1"},
        after={"city": "Porto", "phone": "1"},
    )
    record(verb="site.edited", subject=site, by=nurse, now=NOW + timedelta(hours=1), site=site)
    record_access(what="patient", patient=patient, by=nurse, now=NOW)
    return patient


@pytest.mark.parametrize("path", ["audit-events/", "access-events/"])
@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_the_log_is_for_who_may_read_it(site, patient, path, role):
    answer = Api(staff(role, site)).get(path)
    if role in READERS:
        assert (answer.status_code, answer.json()["count"] > 0) == (200, True)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")


def test_an_event_as_shown(site, nurse, patient):
    shown = Api(staff("auditor", site)).get("audit-events/", verb="patient").json()["results"]
    (event,) = shown
    assert event["site"] == str(site.public_id)
    assert (event["actor"], event["actor_label"]) == (str(nurse.user.public_id), nurse.label)
    assert (event["patient_id"], event["reason"]) == (str(patient.public_id), "Moved")
    assert event["sequence"] == 1 and len(event["hash"]) == 64


def test_a_patients_values_are_for_who_may_open_the_record(site, patient):
    auditor = staff("auditor", site)
    shown = Api(auditor).get("audit-events/", patient=str(patient.public_id)).json()["results"][0]
    assert shown["changes"] == {"city": {"before": None, "after": None}}
    Membership.objects.create(user=auditor.user, site=site, role=role_named("manager"))
    both = Api(Actor.of_user(auditor.user))
    shown = both.get("audit-events/", patient=str(patient.public_id)).json()["results"][0]
    assert shown["changes"] == {"city": {"before": "Lisbon", "after": "Porto"}}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 2),
        ({"verb": "site.edited"}, 1),
        ({"verb": "patient"}, 1),
        ({"since": "2026-03-02T10:00:00Z"}, 1),
        ({"until": "2026-03-02T10:00:00Z"}, 1),
        ({"since": "2026-03-02T09:00:00Z", "until": "2026-03-02T11:00:00+01:00"}, 1),
        ({"patient": str(uuid.UUID(int=1))}, 0),
        ({"actor": str(uuid.UUID(int=1))}, 0),
        ({"site": str(uuid.UUID(int=1))}, 0),
    ],
)
def test_filters(site, patient, query, found):
    assert Api(staff("auditor", site)).get("audit-events/", **query).json()["count"] == found


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"site": "north"}, {"patient": "x"}, {"verb": "v" * 61}]
)
def test_a_filter_that_cannot_be_read_is_refused(site, patient, query):
    answer = Api(staff("auditor", site)).get("audit-events/", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(query))


def test_of_another_site_nothing_is_told(patient):
    stranger = Api(staff("auditor", make_site("south")))
    assert stranger.get("audit-events/").json()["count"] == 0
    assert stranger.get("access-events/").json()["count"] == 0


def test_what_belongs_to_no_site_has_none(site):
    record(verb="token.issued", subject=site, by=Actor.job("x", site_ids=[], permissions=[]), now=NOW)
    (event,) = Api(staff("auditor", site)).get("audit-events/").json()["results"]
    assert (event["site"], event["actor"], event["actor_kind"]) == (None, None, "job")


def test_pages(site, patient):
    first = Api(staff("auditor", site)).get("audit-events/", page_size=1).json()
    assert (first["count"], len(first["results"]), first["results"][0]["verb"]) == (2, 1, "site.edited")
    assert first["next"] is not None
