"""The secret address of a person's calendar: whose it is, and that its secret is stored nowhere."""

import hashlib
from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Refused
from sessions.models import CalendarFeed
from sessions.operations.calendar_feeds import make_feed, replace_feed, revoke_feed
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON


@pytest.fixture
def nurse(db):
    return staff("nurse", make_site())


def test_only_a_digest_is_kept(nurse):
    feed, secret = make_feed(only_mine=True, by=nurse, now=NOON)
    assert feed.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) >= 43  # 256 bits, six to a letter
    event = AuditEvent.objects.get(verb="calendar_feed.made")
    assert secret not in str(event.details) and feed.digest not in str(event.details)


def test_one_stands_at_a_time(nurse):
    first, _secret = make_feed(only_mine=True, by=nurse, now=NOON)
    with refused(Conflict, "feed.stands"):
        make_feed(only_mine=True, by=nurse, now=NOON)
    second, _secret = replace_feed(only_mine=False, by=nurse, now=NOON + timedelta(hours=1))
    first.refresh_from_db()
    assert first.revoked_at == NOON + timedelta(hours=1)
    assert list(CalendarFeed.objects.standing()) == [second]


def test_revoked_once_and_made_anew(nurse):
    feed, _secret = make_feed(only_mine=True, by=nurse, now=NOON)
    for hours in (1, 2):
        revoke_feed(feed=feed, by=nurse, now=NOON + timedelta(hours=hours))
    feed.refresh_from_db()
    assert feed.revoked_at == NOON + timedelta(hours=1)
    assert AuditEvent.objects.filter(verb="calendar_feed.revoked").count() == 1
    make_feed(only_mine=True, by=nurse, now=NOON + timedelta(hours=3))


def test_no_token_and_no_job_has_one(nurse):
    token = Actor.of_user(nurse.user, only=["view_patients"])
    job = Actor.job("nightly", site_ids=[], permissions=[])
    for by, code in ((token, "feed.by_token"), (job, "actor.person")):
        with refused(Refused, code):
            make_feed(only_mine=True, by=by, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_made_at_once_are_one():
    nurse = staff("nurse", make_site())

    def make():
        make_feed(only_mine=True, by=nurse, now=NOON)

    assert tally([make, make]) == {DONE: 1, "feed.stands": 1}
    assert CalendarFeed.objects.standing().count() == 1
