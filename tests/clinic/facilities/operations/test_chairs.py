"""Chairs: added, renamed, out of service and back; never two of one name at a site."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.models import Chair
from clinic.facilities.operations.chairs import (
    add_chair,
    edit_chair,
    return_to_service,
    take_out_of_service,
)
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def admin(site):
    return staff("administrator", site)


@pytest.fixture
def chair(site, admin):
    return add_chair(site=site, name="Chair 1", by=admin)


def test_a_chair_comes_last_or_where_it_is_put(site, admin, chair):
    second = add_chair(site=site, name=" Chair 2 ", by=admin)
    first = add_chair(site=site, name="Window", by=admin, position=0)
    assert [(found.name, found.position) for found in site.chairs.all()] == [
        ("Window", 0),
        ("Chair 1", 1),
        ("Chair 2", 2),
    ]
    assert {second.is_in_service, first.is_in_service} == {True}
    verbs = AuditEvent.objects.at_site(site.public_id).values_list("verb", flat=True)
    assert list(verbs) == ["chair.added"] * 3


@pytest.mark.parametrize("name", ["Chair 1", " Chair 1", "chair 1"])
def test_a_name_is_taken_once_at_a_site(site, admin, chair, name):
    with refused(Conflict, "chair.name_taken"):
        add_chair(site=site, name=name, by=admin)
    other = add_chair(site=site, name="Chair 2", by=admin)
    with refused(Conflict, "chair.name_taken"):
        edit_chair(chair=other, changes={"name": name}, by=admin, expected_revision=1)
    south = make_site("south")
    assert add_chair(site=south, name=name, by=staff("administrator", south)).name == name.strip()


def test_a_chair_is_renamed_under_a_revision(admin, chair):
    edited = edit_chair(chair=chair, changes={"name": "CHAIR 1"}, by=admin, expected_revision=1)
    assert (edited.name, edited.revision) == ("CHAIR 1", 2)
    with refused(Stale, "revision.stale"):
        edit_chair(chair=chair, changes={"position": 9}, by=admin, expected_revision=1)
    assert edit_chair(chair=chair, changes={"position": 9}, by=admin, expected_revision=2).name == "CHAIR 1"


def test_a_chair_goes_out_of_service_with_a_reason_and_comes_back(admin, chair):
    with refused(Invalid, "chair.reason"):
        take_out_of_service(chair=chair, reason=" ", by=admin, expected_revision=1)
    out = take_out_of_service(chair=chair, reason="Broken pump", by=admin, expected_revision=1)
    assert list(Chair.objects.in_service()) == []
    assert AuditEvent.objects.get(verb="chair.taken_out_of_service").reason == "Broken pump"
    with refused(Conflict, "chair.out_of_service"):
        take_out_of_service(chair=chair, reason="Again", by=admin, expected_revision=2)
    back = return_to_service(chair=out, by=admin, expected_revision=2)
    assert list(Chair.objects.in_service()) == [back]
    with refused(Conflict, "chair.in_service"):
        return_to_service(chair=back, by=admin, expected_revision=3)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "field.blank"),
        ({"name": "n" * 41}, "field.max_length"),
        ({"name": "a\x00"}, "text.unreadable"),
        ({"position": -1}, "field.min_value"),
        ({"position": 1000}, "chair.position"),
    ],
)
def test_what_does_not_fit_is_refused(admin, chair, changes, code):
    with refused(Invalid, code):
        edit_chair(chair=chair, changes=changes, by=admin, expected_revision=1)
    with refused(Invalid, code):
        add_chair(**{"site": chair.site, "name": "Chair 3", "by": admin, **changes})


ACTS = {
    "add": lambda chair, by: add_chair(site=chair.site, name="Chair 2", by=by),
    "edit": lambda chair, by: edit_chair(chair=chair, changes={"name": "X"}, by=by, expected_revision=1),
    "out": lambda chair, by: take_out_of_service(chair=chair, reason="X", by=by, expected_revision=1),
    "in": lambda chair, by: return_to_service(chair=chair, by=by, expected_revision=1),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_only_who_manages_the_site_changes_its_chairs(site, chair, act):
    for by in (staff("nurse", site), staff("administrator", make_site("south"))):
        with refused(Refused, "permission.missing"):
            act(chair, by)
