"""API tokens: only a hash is kept; scopes and time narrow what a person may do; a token makes no other."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from clinic.accounts.actor import Actor
from clinic.accounts.models import ApiToken, Membership
from clinic.accounts.operations.tokens import issue_token, revoke_token
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import find_valid
from clinic.audit.models import AuditEvent
from clinic.common import clock
from clinic.common.errors import Invalid, Refused
from tests.refusals import refused
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def issue(actor, *, scopes=("view_patients",), life=30 * DAY, now=NOW, **changes):
    values = {"user": actor.user, "name": "Laboratory", "by": actor}
    return issue_token(**{**values, **changes}, scopes=scopes, life=life, now=now)


def test_only_a_hash_is_stored(nurse):
    token, text = issue(nurse)
    _scheme, prefix, secret = text.split("_", 2)
    assert token.prefix == prefix
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    stored = " ".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list()[0])
    assert secret not in stored
    assert secret not in str(AuditEvent.objects.get(verb="token.issued").details)
    assert find_valid(text, now=NOW) == token


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.replace("clinic_", "other_"),
        lambda text: text.replace("_", "-"),
        lambda text: text.rpartition("_")[0] if text.count("_") == 2 else text[:-4],
        lambda text: f"clinic_{'0' * 12}_{text.split('_', 2)[2]}",
        lambda text: f"clinic_{'é' * 12}_x",
        lambda text: f" {text}",
        lambda text: "",
        lambda text: "clinic__",
    ],
)
def test_another_text_finds_nothing(nurse, spoil):
    _token, text = issue(nurse)
    assert find_valid(spoil(text), now=NOW) is None


def test_a_token_ends_at_its_instant(nurse):
    token, text = issue(nurse, life=DAY)
    assert token.expires_at == NOW + DAY
    assert find_valid(text, now=NOW + DAY - timedelta(microseconds=1)) == token
    assert find_valid(text, now=NOW + DAY) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once(nurse):
    token, text = issue(nurse)
    revoke_token(token=token, by=nurse, now=NOW)
    revoke_token(token=token, by=nurse, now=NOW + DAY)
    token.refresh_from_db()
    assert token.revoked_at == NOW
    assert find_valid(text, now=NOW) is None
    assert AuditEvent.objects.filter(verb="token.revoked").count() == 1


def test_the_token_of_a_closed_account_opens_nothing(nurse):
    _token, text = issue(nurse)
    nurse.user.is_active = False
    nurse.user.save(update_fields=["is_active"])
    assert find_valid(text, now=NOW) is None


def test_scopes_narrow_and_never_widen(site, nurse):
    scopes = ["view_patients", "approve_protocol"]
    narrowed = Actor.of_user(nurse.user, only=scopes)
    assert narrowed.grants == {site.pk: frozenset({Permission.VIEW_PATIENTS})}
    Membership.objects.filter(user=nurse.user).delete()
    assert Actor.of_user(nurse.user, only=scopes).grants == {}


def test_a_token_is_issued_to_oneself_only(site, nurse):
    """Otherwise who manages the staff could act as a prescriber, and the prescriber would have done it."""
    with refused(Refused, "token.other_person"):
        issue(nurse, by=staff("administrator", site))
    assert ApiToken.objects.count() == 0


def test_a_token_makes_no_other(nurse):
    with refused(Refused, "token.by_token"):
        issue(Actor.of_user(nurse.user, only=Permission.values))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": ["fly"]}, "token.scope"),
        ({"scopes": []}, "token.no_scope"),
        ({"life": timedelta(0)}, "token.life"),
        ({"life": timedelta(days=367)}, "token.life"),
        ({"name": " "}, "field.blank"),
        ({"name": "n" * 81}, "field.max_length"),
    ],
)
def test_what_does_not_fit_is_refused(nurse, change, code):
    with refused(Invalid, code):
        issue(nurse, **change)


def test_who_manages_the_staff_of_one_of_the_sites_may_revoke(site, nurse):
    token, text = issue(nurse)
    for other in (staff("nurse", site), staff("administrator", make_site("south"))):
        with refused(Refused, "permission.missing"):
            revoke_token(token=token, by=other)
    revoke_token(token=token, by=staff("administrator", site), now=NOW)
    assert find_valid(text, now=NOW) is None


def test_tokens_in_reach(site, nurse):
    token, _text = issue(nurse)
    admin = staff("administrator", site)
    reach = {actor.label: actor for actor in (nurse, admin, staff("manager", site))}
    seen = {label: list(ApiToken.objects.for_user(actor)) for label, actor in reach.items()}
    assert list(seen.values()) == [[token], [token], []]
    Membership.objects.create(user=nurse.user, site=make_site("south"), role=role_named("nurse"))
    assert list(ApiToken.objects.for_user(staff("administrator", make_site("east")))) == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer {text}", 200),
        ("bearer   {text}", 200),
        ("Bearer {text}x", 401),
        ("Bearer", 401),
        ("Bearer \udce9", 401),
        ("Token {text}", 401),
        ("", 401),
    ],
)
def test_a_token_signs_the_api_in(nurse, header, status):
    _token, text = issue(nurse, now=clock.now())
    answer = APIClient(HTTP_AUTHORIZATION=header.format(text=text)).get("/api/v1/me/")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["sites"][0]["rights"] == ["view_patients"]


def test_a_token_of_the_demo_ends_with_the_demo(nurse, settings):
    nurse.user.is_demo = True
    nurse.user.save(update_fields=["is_demo"])
    token, text = issue(nurse)
    settings.DEMO = True
    assert find_valid(text, now=NOW) == token
    settings.DEMO = False
    assert find_valid(text, now=NOW) is None
