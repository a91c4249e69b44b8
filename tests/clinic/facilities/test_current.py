"""The site a person works at: what their web session remembers, as long as they have a role there."""

import uuid
from datetime import timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.common import clock
from clinic.common.errors import Refused
from clinic.facilities.current import choose_site, current_site
from clinic.facilities.models import Shift
from tests.scenes import make_site, make_user, role_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites(db):
    return [make_site(code) for code in ("east", "north", "south")]


@pytest.fixture
def user(sites):
    user = make_user()
    for site in sites[1:]:
        Membership.objects.create(user=user, site=site, role=role_named("nurse"))
    return user


def request_of(user, session):
    request = RequestFactory().get("/")
    request.actor, request.session = Actor.of_user(user), session
    return request


def test_without_a_choice_it_is_the_first_by_name(user, sites):
    assert current_site(request_of(user, {})) == sites[1]


def test_the_choice_is_remembered(user, sites):
    session = {}
    assert choose_site(request_of(user, session), sites[2].public_id) == sites[2]
    assert session == {"site": str(sites[2].public_id)}
    assert current_site(request_of(user, session)) == sites[2]


def test_a_site_out_of_reach_cannot_be_chosen(user, sites):
    session = {}
    for public_id in (sites[0].public_id, uuid.uuid4()):
        with pytest.raises(Http404):
            choose_site(request_of(user, session), public_id)
    assert session == {}


@pytest.mark.parametrize("remembered", ["nonsense", None, 7, str(uuid.UUID(int=1))])
def test_what_the_session_holds_is_no_right(user, sites, remembered):
    assert current_site(request_of(user, {"site": remembered})) == sites[1]
    assert current_site(request_of(user, {"site": str(sites[0].public_id)})) == sites[1]


def test_who_has_no_role_is_told_whom_to_ask():
    with pytest.raises(Refused) as caught:
        current_site(request_of(make_user(), {}))
    assert caught.value.code == "site.none"


def test_the_sites_are_read_once_for_a_request(user, sites, django_assert_num_queries):
    request = request_of(user, {})
    # The sites, and once for a web session the shift that one has now.
    with django_assert_num_queries(2):
        current_site(request)
        choose_site(request, sites[2].public_id)
        assert current_site(request) == sites[2]


def test_without_a_choice_it_is_where_one_is_on_duty_and_stays_so(user, sites):
    now, session = clock.now(), {}
    north, south = sites[1:]
    hour = timedelta(hours=1)
    duty = Shift.objects.create(site=south, user=user, starts_at=now - hour, ends_at=now + hour)
    assert current_site(request_of(user, session)) == south
    duty.is_withdrawn = True
    duty.save()
    assert current_site(request_of(user, session)) == south, "a page does not change under somebody's hands"
    assert current_site(request_of(user, {})) == north
