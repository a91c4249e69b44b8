"""An act that cannot be told does not happen: with the audit broken, nothing at all is written."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.accounts.models import Membership
from clinic.accounts.operations.roles import change_role, end_membership, give_role, grant_right
from clinic.accounts.operations.staff import add_member, deactivate_user, edit_member, reset_password
from clinic.accounts.operations.tokens import issue_token
from clinic.facilities.operations.chairs import add_chair, edit_chair, take_out_of_service
from clinic.facilities.operations.sites import edit_site
from patients.operations.registering import register_patient
from sessions.operations.running import start
from sessions.states import Status
from tests.clinic.audit.tampering import break_the_audit, everything
from tests.patients.api.client import Api
from tests.scenes import make_site, role_named, staff
from tests.sessions.scenes import session_at

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning in june"


class Place:
    """A site with an administrator, a nurse and a chair."""

    def __init__(self) -> None:
        self.site = make_site()
        self.admin = staff("administrator", self.site)
        self.nurse = staff("nurse", self.site)
        self.desk = staff("front_desk", self.site)
        self.membership = Membership.objects.get(user=self.nurse.user)
        self.chair = add_chair(site=self.site, name="Window", by=self.admin)


ACTS = {
    "add member": lambda place: add_member(
        username="mira",
        display_name="Mira",
        password=PASSWORD,
        role=role_named("nurse"),
        site=place.site,
        by=place.admin,
    ),
    "edit member": lambda place: edit_member(
        user=place.nurse.user, changes={"phone": "1"}, by=place.admin, expected_revision=1
    ),
    "reset password": lambda place: reset_password(user=place.nurse.user, password=PASSWORD, by=place.admin),
    "deactivate": lambda place: deactivate_user(user=place.nurse.user, by=place.admin),
    "give role": lambda place: give_role(
        user=place.nurse.user, site=place.site, role=role_named("manager"), by=place.admin
    ),
    "change role": lambda place: change_role(
        membership=place.membership, role=role_named("manager"), by=place.admin
    ),
    "end membership": lambda place: end_membership(membership=place.membership, by=place.admin),
    "grant right": lambda place: grant_right(
        membership=place.membership, permission="view_reports", by=place.admin
    ),
    "issue token": lambda place: issue_token(
        user=place.nurse.user, name="x", scopes=["book"], life=timedelta(days=1), by=place.nurse
    ),
    "edit site": lambda place: edit_site(
        site=place.site, changes={"phone": "1"}, by=place.admin, expected_revision=1
    ),
    "add chair": lambda place: add_chair(site=place.site, name="Garden", by=place.admin),
    "edit chair": lambda place: edit_chair(
        chair=place.chair, changes={"name": "Garden"}, by=place.admin, expected_revision=1
    ),
    "take out of service": lambda place: take_out_of_service(
        chair=place.chair, reason="x", by=place.admin, expected_revision=1
    ),
    "register patient": lambda place: register_patient(
        site=place.site,
        details={
            "family_name": "Silva",
            "given_name": "Rui",
            "birth_date": date(1980, 5, 17),
            "sex": "male",
        },
        by=place.desk,
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nothing_is_written_when_the_audit_fails(act):
    place = Place()
    break_the_audit()
    before = everything()
    with pytest.raises(IntegrityError, match="broken_audit"), transaction.atomic():
        act(place)
    assert everything() == before


def test_no_infusion_starts_that_cannot_be_told():
    session = session_at(Status.READY)
    nurse = staff("nurse", session.site)
    break_the_audit()
    before = everything()
    with pytest.raises(IntegrityError, match="broken_audit"), transaction.atomic():
        start(session=session, by=nurse)
    assert everything() == before


def test_a_write_over_the_api_gives_its_key_back_with_everything_else():
    place = Place()
    api = Api(place.admin)
    break_the_audit()
    before = everything()
    with pytest.raises(IntegrityError, match="broken_audit"):
        api.post(f"sites/{place.site.public_id}/chairs/", {"name": "Garden"})
    assert everything() == before
