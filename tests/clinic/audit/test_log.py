"""Reading the log: of the sites whose log one may read, narrowed by site, verb, person, day and patient."""

import uuid
from datetime import date, timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission
from clinic.audit.models import READ, AccessEvent, AuditEvent
from clinic.audit.recording import record, record_access
from clinic.common import clock
from tests.scenes import make_site, make_user, role_named, staff

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 8)
"""In New York this day has 23 hours."""
START, END = clock.day_range(DAY, "America/New_York")


class Log:
    """Two sites with an auditor each; a patient of either and one of both, and what was done for them."""

    def __init__(self) -> None:
        self.north, self.south = make_site(), make_site("south")
        self.nurse, self.other = staff("nurse", self.north), staff("nurse", self.south)
        # To the audit a patient is nothing but a public id.
        self.northern, self.southern, self.both = make_user(), make_user(), make_user()
        self.tell("patient.registered", self.north, self.northern)
        self.tell("session.started", self.north, self.both, at=START)
        self.tell("session.discharged", self.north, self.both, at=END)
        self.tell("sessions.counted", self.north, None)
        self.tell("patient.registered", self.south, self.southern, by=self.other)
        self.tell("patient.registered_here_too", self.south, self.both, by=self.other)
        record(verb="token.issued", subject=self.nurse.user, by=self.nurse, now=START)

    def tell(self, verb, site, patient, *, by=None, at=START - timedelta(microseconds=1)):
        record(verb=verb, subject=site, patient=patient, by=by or self.nurse, now=at, site=site)


@pytest.fixture
def log(db):
    return Log()


def verbs(events):
    return sorted(events.values_list("verb", flat=True))


def test_the_right_is_named_as_the_people_name_it():
    assert READ == Permission.VIEW_AUDIT


def test_one_reads_the_log_of_ones_sites_and_the_organisations(log):
    assert verbs(AuditEvent.objects.for_user(staff("auditor", log.south))) == [
        "patient.registered",
        "patient.registered_here_too",
        "token.issued",
    ]
    assert AuditEvent.objects.for_user(staff("administrator", log.north)).count() == 5


@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber", "manager"])
def test_others_read_nothing(log, role):
    reader = staff(role, log.north)
    assert AuditEvent.objects.for_user(reader).count() == 0
    assert AccessEvent.objects.for_user(reader).count() == 0


def test_the_right_counts_at_its_site_only(log):
    auditor = staff("auditor", log.south)
    Membership.objects.create(user=auditor.user, site=log.north, role=role_named("nurse"))
    reader = Actor.of_user(auditor.user)
    assert not AuditEvent.objects.for_user(reader).at_site(log.north.public_id).exists()


def test_by_verb_and_by_family_of_verbs(log):
    events = AuditEvent.objects.for_user(staff("auditor", log.north))
    assert verbs(events.with_verb("session.started")) == ["session.started"]
    for family in ("session", "session."):
        assert verbs(events.with_verb(family)) == ["session.discharged", "session.started"]
    assert verbs(events.with_verb("sess")) == []
    assert verbs(events.with_verb("")) == []


def test_by_day_at_the_site(log):
    events = AuditEvent.objects.for_user(staff("auditor", log.north)).at_site(log.north.public_id)
    assert verbs(events.between(START, END)) == ["session.started"]
    assert verbs(events.between(END, END + timedelta(days=1))) == ["session.discharged"]


def test_by_person_and_by_patient(log):
    events = AuditEvent.objects.for_user(staff("auditor", log.south))
    assert events.by_person(log.other.user.public_id).count() == 2
    assert verbs(events.by_person(log.nurse.user.public_id)) == ["token.issued"]
    assert verbs(events.about_patient(log.both.public_id)) == ["patient.registered_here_too"]
    assert not events.about_patient(uuid.uuid4()).exists()


def test_the_newest_first(log):
    events = list(AuditEvent.objects.for_user(staff("auditor", log.north)).newest_first())
    keys = [(event.at, event.pk) for event in events]
    assert keys == sorted(keys, reverse=True)
    assert events[0].verb == "session.discharged"


def test_who_opened_a_record_is_told_where_the_patient_is_known(log):
    """Also when somebody of another site opened it: whose record it is decides, not who read it."""
    for patient, reader in ((log.northern, log.other), (log.both, log.other), (log.southern, log.nurse)):
        record_access(what="patient", patient=patient, by=reader, now=START)
    seen = {
        site.code: set(
            AccessEvent.objects.for_user(staff("auditor", site)).values_list("patient_id", flat=True)
        )
        for site in (log.north, log.south)
    }
    assert seen == {
        "north": {log.northern.public_id, log.both.public_id},
        "south": {log.southern.public_id, log.both.public_id},
    }
    north = AccessEvent.objects.for_user(staff("auditor", log.north))
    assert north.about_patient(log.both.public_id).by_person(log.other.user.public_id).count() == 1
    assert not north.between(END, END + timedelta(days=1)).exists()


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, None, {}),
        (None, {"name": "A", "phone": None}, {"name": (None, "A")}),
        ({"name": "A"}, None, {"name": ("A", None)}),
        ({"name": "A", "phone": "1"}, {"name": "B", "phone": "1"}, {"name": ("A", "B")}),
        ({"rights": []}, {"rights": ["book"]}, {"rights": ([], ["book"])}),
    ],
)
def test_what_an_event_changed(before, after, changed):
    site = make_site()
    job = Actor.job("tidying", site_ids=[], permissions=[])
    event = record(verb="place.tidied", subject=site, by=job, now=START, before=before, after=after)
    assert AuditEvent.objects.get(pk=event.pk).changed() == changed
    assert event.site_key == ""
