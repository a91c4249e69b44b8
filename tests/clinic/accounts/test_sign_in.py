"""Signing in: by accounts that an administrator has made, and by the demo's only in demo mode."""

import pytest
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory

from clinic.accounts.models import User

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/login/"
PASSWORD = "a quiet morning in june"


@pytest.fixture
def request_of_sign_in():
    return RequestFactory().post(SIGN_IN)


def make_account(**fields):
    return User.objects.create_user("mira", PASSWORD, display_name="Mira Sandberg", **fields)


def authenticated(request, password=PASSWORD, username="mira"):
    return get_adapter(request).authenticate(request, username=username, password=password)


@pytest.mark.parametrize("demo", [True, False])
def test_staff_sign_in_whatever_the_mode(request_of_sign_in, settings, demo):
    settings.DEMO = demo
    assert authenticated(request_of_sign_in) is None
    user = make_account()
    assert authenticated(request_of_sign_in) == user
    assert authenticated(request_of_sign_in, password="another") is None


def test_the_accounts_of_the_demo_open_nothing_outside_demo_mode(request_of_sign_in, settings):
    user = make_account(is_demo=True)
    settings.DEMO = False
    assert authenticated(request_of_sign_in) is None
    settings.DEMO = True
    assert authenticated(request_of_sign_in) == user


def test_a_closed_account_does_not_sign_in(request_of_sign_in):
    make_account(is_active=False)
    assert authenticated(request_of_sign_in) is None


def test_sign_up_is_closed(request_of_sign_in):
    assert get_adapter(request_of_sign_in).is_open_for_signup(request_of_sign_in) is False


def test_a_session_of_the_demo_ends_with_the_demo(settings):
    """A browser that signed in while the demo ran carries its cookie on."""
    settings.DEMO = True
    browser = Client()
    browser.force_login(make_account(is_demo=True))
    assert browser.get("/api/v1/me/").status_code == 200
    settings.DEMO = False
    assert browser.get("/api/v1/me/").status_code == 401


@pytest.mark.django_db
def test_the_page_offers_nothing_that_leads_nowhere(client):
    page = client.get("/account/login/").content.decode()
    assert "Sign in" in page
    assert "Forgot" not in page
    assert "sign up" not in page.lower()
    assert "infusion-demo" not in page


@pytest.mark.django_db
def test_the_demo_lists_its_accounts_with_their_password(client, settings):
    settings.DEMO = True
    User.objects.create_user("desk", display_name="Dana Whitlock", is_demo=True)
    page = client.get("/account/login/").content.decode()
    assert "Dana Whitlock" in page
    assert "infusion-demo" in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/account/password/reset/", "/account/inactive/", "/account/signup/"])
def test_every_page_around_signing_in_stands_in_the_layout(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert 'id="main"' in answer.content.decode()
