"""What each role may do, written down a second time: a right that moves between roles must be moved here too."""

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, Role
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.common.errors import Refused
from tests.scenes import make_site, make_user

ROLES = ("front_desk", "nurse", "prescriber", "manager", "administrator", "auditor")

# One column for each role, in the order above.
TABLE = """
    view_patients         x x x x - -
    edit_patients         x x x - - -
    import_patients       x - - - - -
    record_consent        x x x - - -
    record_scores         x x x - - -
    book                  x x - - - -
    overbook              - x - - - -
    check_in              x x - - - -
    run_infusion          - x - - - -
    decide_against        - x x - - -
    record_leaving        x x x - - -
    record_observations   - x x - - -
    override_check        - x x - - -
    override_dose         - - x - - -
    override_discharge    - x x - - -
    order_course          - - x - - -
    author_protocol       - - x - - -
    approve_protocol      - - - - - -
    license_wording       - - - - x -
    sign_chart            - x x - - -
    review_chart          - - x - - -
    view_reports          - - x x - -
    plan_roster           - - - x x -
    manage_staff          - - - - x -
    view_audit            - - - - x x
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (right, role, mark == "x") for right, *marks in ROWS for role, mark in zip(ROLES, marks, strict=True)
]


def test_the_table_is_complete():
    assert [right for right, *_marks in ROWS] == Permission.values
    assert set(ROLES) == set(DEFAULT_ROLES)


@pytest.mark.parametrize(("right", "role", "held"), CELLS)
def test_a_role_includes_a_right_or_not(right, role, held):
    assert (right in DEFAULT_ROLES[role][1]) is held


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_new_installation_has_the_role_and_somebody_in_it_the_rights(role):
    site, elsewhere, user = make_site(), make_site("south"), make_user()
    Membership.objects.create(user=user, site=site, role=Role.objects.get(code=role))
    actor = Actor.of_user(user)
    for right, _role, held in (cell for cell in CELLS if cell[1] == role):
        permission = Permission(right)
        assert actor.can(permission, site.pk) is held
        assert not actor.can(permission, elsewhere.pk)
        if held:
            actor.require(permission, site.pk)
            continue
        with pytest.raises(Refused) as caught:
            actor.require(permission, site.pk)
        assert caught.value.code == "permission.missing"
        assert str(permission.label) in str(caught.value)


@pytest.mark.django_db
def test_who_has_no_role_may_nothing_and_a_job_what_it_is_given():
    site, nobody = make_site(), Actor.of_user(make_user())
    assert nobody.site_ids == frozenset()
    assert not any(nobody.can(permission) for permission in Permission)
    job = Actor.job("nightly", site_ids=[site.pk], permissions=[Permission.VIEW_REPORTS])
    assert [right for right in Permission if job.can(right, site.pk)] == [Permission.VIEW_REPORTS]
    assert job.user_id is None
