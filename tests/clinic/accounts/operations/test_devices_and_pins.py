"""Trusting a device, setting a PIN, and coming back with it: few tries, counted before they are made."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import NEEDS_PASSWORD, Actor
from clinic.accounts.models import DevicePerson, PersonalPin, User
from clinic.accounts.models.device import RECENT
from clinic.accounts.operations.devices import LIFE, join_device, revoke_device, trust_device
from clinic.accounts.operations.pins import enter_by_pin, set_pin
from clinic.accounts.operations.staff import reset_password
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from clinic.accounts.rules.pins import TRIES
from clinic.audit.models import AuditEvent
from clinic.common import clock
from clinic.common.errors import ClinicError, Invalid, PasswordNeeded, Refused
from tests.clinic.accounts.shared_device import PASSWORD, PIN, tablet, with_pin
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

WRONG = "8204"


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def nurse(site):
    return with_pin(staff("nurse", site))


@pytest.fixture
def colleague(site):
    return with_pin(staff("nurse", site))


@pytest.fixture
def device(site, nurse, colleague):
    return tablet(site, by=nurse, used_by=[colleague])


def enter(device, actor, pin=PIN, **more):
    return enter_by_pin(device=device, user=actor.user, pin=pin, by=None, **more)


def code_of(device, actor, pin=PIN, **more):
    try:
        enter(device, actor, pin, **more)
    except ClinicError as refusal:
        return refusal.code
    return "entered"


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_a_pin_opens_the_session_of_its_owner(device, nurse, colleague):
    assert enter_by_pin(device=device, user=colleague.user, pin=PIN, by=nurse) == colleague.user
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.actor_id, event.chain.key) == (
        "user.switched",
        colleague.user_id,
        str(device.site.public_id),
    )
    assert event.details["after"] == {"device": "Tablet at chair 3", "instead_of": nurse.label}


def test_tries_are_few_and_a_password_gives_them_back(device, colleague):
    told = [code_of(device, colleague, WRONG) for _try in range(TRIES)]
    assert told == ["pin.wrong"] * (TRIES - 1) + ["pin.locked"]
    assert code_of(device, colleague, PIN) == "pin.locked"
    assert verbs()[-TRIES:] == ["pin.failed"] * (TRIES - 1) + ["pin.locked"]
    assert AuditEvent.objects.latest("pk").actor_kind == "device"
    join_device(device=device, by=colleague)
    assert code_of(device, colleague) == "entered"


def test_a_right_pin_gives_the_tries_back_and_another_person_has_their_own(device, nurse, colleague):
    for _try in range(TRIES - 1):
        code_of(device, colleague, WRONG)
    assert code_of(device, nurse) == "entered"
    assert code_of(device, colleague) == "entered"
    assert DevicePerson.objects.get(device=device, user=colleague.user).tries == 0


CLOSED = {
    "no device": (lambda device, actor: code_of(None, actor), "device.untrusted"),
    "a stranger": (
        lambda device, actor: code_of(device, with_pin(staff("nurse", device.site))),
        "pin.unknown",
    ),
    "nobody": (lambda device, actor: code_of(device, Actor.of_device("x", key="x")), "pin.unknown"),
    "expired": (lambda device, actor: code_of(device, actor, now=clock.now() + LIFE), "device.untrusted"),
    "password too long ago": (
        lambda device, actor: code_of(device, actor, now=clock.now() + RECENT + timedelta(minutes=1)),
        "pin.unknown",
    ),
}


@pytest.mark.parametrize("case", CLOSED)
def test_a_pin_opens_nothing_else(device, colleague, case):
    act, code = CLOSED[case]
    assert act(device, colleague) == code


def test_without_a_pin_or_an_open_account_nothing_opens(device, colleague):
    PersonalPin.objects.filter(user=colleague.user).delete()
    assert code_of(device, colleague) == "pin.unknown"
    set_pin(pin=PIN, password=PASSWORD, by=colleague)
    User.objects.filter(pk=colleague.user_id).update(is_active=False)
    assert code_of(device, Actor.of_user(User.objects.get(pk=colleague.user_id))) == "pin.unknown"


def test_a_new_password_from_an_administrator_takes_the_pin_away(device, site, colleague):
    reset_password(user=colleague.user, password="another quiet morning", by=staff("administrator", site))
    assert code_of(device, colleague) == "pin.unknown"


def test_a_pin_is_set_with_the_password_and_told_to_nobody(nurse):
    with refused(Invalid, "pin.password"):
        set_pin(pin="5208", password="something else", by=nurse)
    set_pin(pin="5208", password=PASSWORD, by=nurse)
    assert "5208" not in PersonalPin.objects.get(user=nurse.user).digest
    assert verbs()[-1] == "pin.set"
    assert AuditEvent.objects.latest("pk").details == {}


def by_pin(actor):
    return Actor.of_user(actor.user, by_pin=True)


def test_rights_too_far_reaching_are_withheld_from_a_pin(site):
    admin = staff("administrator", site)
    actor = by_pin(admin)
    assert admin.can(Permission.MANAGE_STAFF, site.pk)
    assert not actor.can(Permission.MANAGE_STAFF, site.pk)
    assert actor.grants[site.pk] == admin.grants[site.pk] - NEEDS_PASSWORD
    with refused(PasswordNeeded, "session.password_needed"):
        actor.require(Permission.MANAGE_STAFF, site.pk)
    with refused(Refused, "permission.missing"):
        actor.require(Permission.BOOK, site.pk)


NEEDING = {
    "pin": lambda actor, site: set_pin(pin="5208", password=PASSWORD, by=actor),
    "token": lambda actor, site: issue_token(
        user=actor.user, name="x", scopes=["book"], life=timedelta(days=1), by=actor
    ),
    "device": lambda actor, site: trust_device(site=site, name="Mine", by=actor),
}


@pytest.mark.parametrize("act", NEEDING)
def test_a_session_opened_by_a_pin_makes_no_other_way_in(nurse, site, act):
    with refused(PasswordNeeded, "session.password_needed"):
        NEEDING[act](by_pin(nurse), site)
    NEEDING[act](nurse, site)


@pytest.mark.parametrize(("role", "may"), [("administrator", True), ("manager", True), ("nurse", False)])
def test_who_ends_the_trust(device, nurse, site, role, may):
    actor = staff(role, site)
    if not may:
        with refused(Refused, "device.not_yours"):
            revoke_device(device=device, by=actor)
        actor = nurse
    revoke_device(device=device, by=actor)
    revoke_device(device=device, by=actor)
    assert verbs().count("device.revoked") == 1
    device.refresh_from_db()
    assert code_of(device, nurse) == "device.untrusted"


def test_a_device_is_trusted_by_somebody_of_its_site(nurse):
    with refused(Refused, "device.by_person"):
        trust_device(site=make_site("south"), name="Far away", by=nurse)
