"""What two people do at the same moment ends as if one had come first."""

import uuid

import pytest
from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import DevicePerson, Membership, Role, TrustedDevice, User
from clinic.accounts.operations.pins import enter_by_pin
from clinic.accounts.operations.roles import end_membership, give_role
from clinic.accounts.operations.staff import add_member
from clinic.accounts.rules.pins import TRIES
from clinic.audit.models import AuditEvent
from clinic.audit.verify import verify_all
from clinic.common import clock, idempotency
from clinic.common.errors import Refused
from clinic.common.models import IdempotencyKey
from clinic.facilities.models import Chair, Shift, Site
from clinic.facilities.operations.chairs import add_chair
from clinic.facilities.operations.copying import copy_week
from clinic.facilities.operations.sites import edit_site
from tests.clinic.accounts.shared_device import tablet, with_pin
from tests.clinic.facilities.roster_scene import MONDAY, NOW, shift
from tests.clinic.processes import at_once
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 3


@pytest.fixture
def admins(db):
    site = make_site()
    return [staff("administrator", site) for _number in range(PEOPLE)]


def actor(user_id):
    return Actor.of_user(User.objects.get(pk=user_id))


def remove(user_id, other_id):
    end_membership(membership=Membership.objects.get(user_id=other_id), by=actor(user_id))


def add_window(user_id):
    add_chair(site=Site.objects.get(), name="Window", by=actor(user_id))


def rename(user_id):
    edit_site(site=Site.objects.get(), changes={"phone": user_id}, by=actor(user_id), expected_revision=1)


def take_on(user_id):
    add_member(
        username="mira",
        display_name="Mira",
        password="a quiet morning in june",
        role=Role.objects.get(code="nurse"),
        site=Site.objects.get(),
        by=actor(user_id),
    )


def promote(user_id, other_id):
    give_role(
        user=User.objects.get(pk=other_id),
        site=Site.objects.get(),
        role=Role.objects.get(code="manager"),
        by=actor(user_id),
    )


def roster(manager_id, nurse_id, times):
    nurse = actor(nurse_id)
    shift(Site.objects.get(), nurse, times, by=actor(manager_id))


def copy_on(manager_id, week):
    copy_week(site=Site.objects.get(), week=MONDAY, by=actor(manager_id), weeks=int(week), now=NOW)


def guess(device_id, user_id, pin):
    device, user = TrustedDevice.objects.get(pk=device_id), User.objects.get(pk=user_id)
    enter_by_pin(device=device, user=user, pin=pin, by=None)


def claim(key):
    mark = idempotency.fingerprint("POST /things/", {})
    with transaction.atomic():
        if idempotency.first_time(actor="user:1", key=uuid.UUID(key), fingerprint=mark, now=clock.now()):
            add_window(User.objects.order_by("pk").first().pk)


def test_administrators_who_remove_each_other_leave_one(admins):
    keys = [admin.user.pk for admin in admins]
    round_the_table = zip(keys, [*keys[1:], keys[0]], strict=True)
    answers = at_once(remove, round_the_table)
    assert Membership.objects.count() >= 1
    # Who was removed before they could act has the right no more; the last one standing is refused.
    assert set(answers) <= {"done", "staff.last_administrator", "permission.missing"}
    assert answers.count("done") == PEOPLE - Membership.objects.count()
    assert verify_all().broken == ""


def test_one_chair_of_a_name(admins):
    answers = at_once(add_window, [(admin.user.pk,) for admin in admins])
    assert sorted(answers) == [*["chair.name_taken"] * (PEOPLE - 1), "done"]
    assert Chair.objects.count() == 1


def test_one_of_several_edits_of_the_same_version(admins):
    answers = at_once(rename, [(admin.user.pk,) for admin in admins])
    assert sorted(answers) == ["done", *["revision.stale"] * (PEOPLE - 1)]
    assert Site.objects.get().revision == 2


def test_one_account_of_a_user_name(admins):
    answers = at_once(take_on, [(admin.user.pk,) for admin in admins])
    assert sorted(answers) == ["done", *["staff.username_taken"] * (PEOPLE - 1)]
    assert AuditEvent.objects.filter(verb="staff.added").count() == 1
    assert verify_all().broken == ""


def test_one_role_given(admins):
    nurse = staff("nurse", make_site())
    answers = at_once(promote, [(admin.user.pk, nurse.user.pk) for admin in admins])
    assert sorted(answers) == ["done", *["staff.role_held"] * (PEOPLE - 1)]


def test_of_two_overlapping_shifts_of_a_person_one(admins):
    nurse = staff("nurse", make_site())
    times = ("08:00-16:00", "12:00-20:00", "15:30-16:30")
    runs = [(admin.user.pk, nurse.user.pk, each) for admin, each in zip(admins, times, strict=True)]
    answers = at_once(roster, runs)
    assert sorted(answers) == ["done", *["shift.taken"] * (PEOPLE - 1)]
    assert Shift.objects.count() == 1
    assert verify_all().broken == ""


def test_shifts_of_several_people_and_a_copied_week_do_not_hold_each_other_up(admins):
    site = make_site()
    nurses = [staff("nurse", site) for _number in range(PEOPLE)]
    for nurse in nurses:
        shift(site, nurse, by=admins[0])
    answers = at_once(copy_on, [(admin.user.pk, 2) for admin in admins])
    assert sorted(answers) == ["copy.none"] * (PEOPLE - 1) + ["done"]
    assert Shift.objects.count() == PEOPLE * 3
    assert verify_all().broken == ""


def test_guesses_at_once_are_no_more_than_guesses_in_a_row(admins):
    admin = with_pin(admins[0])
    device = tablet(make_site(), by=admin)
    for _try in range(TRIES - 2):
        with pytest.raises(Refused):
            guess(device.pk, admin.user_id, "8204")
    answers = at_once(guess, [(device.pk, admin.user_id, pin) for pin in ("8205", "8206", "8207")])
    # Two tries were left: one is wrong, the last one locks, and the third guess is not looked at any more.
    assert sorted(answers) == ["pin.locked", "pin.locked", "pin.wrong"]
    verbs = AuditEvent.objects.filter(verb__in=["pin.failed", "pin.locked"]).values_list("verb", flat=True)
    assert sorted(verbs) == ["pin.failed"] * (TRIES - 1) + ["pin.locked"]
    assert DevicePerson.objects.get(user=admin.user_id).tries == TRIES


def test_one_write_of_a_key(admins):
    answers = at_once(claim, [(uuid.UUID(int=7),)] * PEOPLE)
    assert answers == ["done"] * PEOPLE
    assert (Chair.objects.count(), IdempotencyKey.objects.count()) == (1, 1)
