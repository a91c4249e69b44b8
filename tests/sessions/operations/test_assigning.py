"""The nurse of a session: named by whoever plans, from those who may run infusions at the site."""

import pytest

from clinic.accounts.models import Membership
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Refused, Stale
from sessions.models import InfusionSession
from sessions.operations.assigning import assign_nurse
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import make_site, role_named, staff
from tests.sessions.scenes import NOON, session_at


@pytest.fixture
def session(clinic):
    return session_at(Status.SCHEDULED, clinic=clinic, now=NOON)


def assign(session, nurse, by, **told):
    return assign_nurse(session=session, nurse=nurse.user if nurse else None, by=by, now=NOON, **told)


def test_assign_nurse_names_one_and_takes_the_name_back(clinic, session):
    assign(session, clinic.nurse, clinic.desk, expected_revision=session.revision)
    assert InfusionSession.objects.get(pk=session.pk).nurse == clinic.nurse.user
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("session.nurse_assigned", session.public_id)
    assert event.details["after"] == {"nurse": clinic.nurse.label}
    again = assign(session, None, clinic.desk)
    assert (again.nurse, again.revision) == (None, session.revision + 2)
    assert AuditEvent.objects.latest("pk").details["before"] == {"nurse": clinic.nurse.label}


@pytest.mark.parametrize("role", ["front_desk", "manager", "auditor"])
def test_assign_nurse_takes_only_those_who_may_run_infusions_here(clinic, session, role):
    with refused(Conflict, "nurse.not_here"):
        assign(session, staff(role, clinic.site), clinic.desk)


def test_assign_nurse_takes_nobody_of_another_site_and_nobody_who_left(clinic, session):
    far, gone = staff("nurse", make_site("far")), staff("nurse", clinic.site)
    gone.user.is_active = False
    gone.user.save()
    for nurse in (far, gone):
        with refused(Conflict, "nurse.not_here"):
            assign(session, nurse, clinic.desk)
    Membership.objects.create(user=far.user, site=clinic.site, role=role_named("nurse"))
    assert assign(session, far, clinic.desk).nurse == far.user


@pytest.mark.parametrize("status", list(Status))
def test_assign_nurse_is_possible_until_the_visit_is_over(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    over = {Status.DISCHARGED, Status.LEFT, Status.TRANSFERRED, Status.NOT_STARTED}
    if status in over | {Status.CANCELLED, Status.NO_SHOW}:
        with refused(Conflict, "session.status"):
            assign(session, clinic.nurse, clinic.desk)
    else:
        assert assign(session, clinic.nurse, clinic.desk).nurse == clinic.nurse.user


def test_assign_nurse_needs_the_right_and_the_version_that_was_seen(clinic, session):
    with refused(Refused, "permission.missing"):
        assign(session, clinic.nurse, clinic.prescriber)
    assign(session, clinic.nurse, clinic.desk, expected_revision=session.revision)
    with refused(Stale, "revision.stale"):
        assign(session, None, clinic.desk, expected_revision=session.revision)
