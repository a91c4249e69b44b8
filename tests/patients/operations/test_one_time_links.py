"""One-time links: whom they are for, that only a digest is stored, how they end, and what states they pass through."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.accounts.patient_account import patient_by_link
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from clinic.facilities.models import Closure
from patients.models import Assessment, OneTimeLink
from patients.operations.assessing import record_assessment
from patients.operations.one_time_links import (
    answer_link,
    begin_link,
    keep_answers,
    make_link,
    renew_link,
    revoke_link,
    send_link,
)
from patients.operations.registering import record_death
from patients.rules.answer_cover import covered_from
from patients.rules.one_time_links import link_of, not_too_soon
from patients.scoring.registry import CURRENT
from tests.patients.scenes import phq9, registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.check_ins import make_ready

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
"""A Tuesday, noon in New York."""


@pytest.fixture
def site():
    return make_ready(make_site())


@pytest.fixture
def patient(site):
    return registered_patient(site=site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def made(patient, site, by, **told):
    given = {"parts": ["phq9"], "purpose": "asked", "expires_at": NOW + timedelta(days=2), "now": NOW} | told
    return make_link(patient=patient, site=site, by=by, **given)


def by_link(link):
    return patient_by_link(link_id=str(link.public_id), site_id=link.site_id)


def test_the_secret_is_told_once_and_only_its_digest_is_stored(patient, site, nurse):
    link, secret = made(patient, site, nurse)
    assert len(secret) >= 22 and len(link.secret_hash) == 64
    events = AuditEvent.objects.filter(subject_id=link.public_id)
    assert not any(secret in str(event.details) for event in events)
    assert link_of(secret, now=NOW) == link
    assert link_of(link.secret_hash, now=NOW) is None


def test_every_state_in_turn(patient, site, nurse):
    link, _secret = made(patient, site, nurse)
    found = [link.state(NOW)]
    link = send_link(link=link, by=nurse, now=NOW)
    found.append(link.state(NOW))
    link = begin_link(link=link, by=by_link(link), now=NOW)
    found += [link.state(NOW), link.state(link.expires_at)]
    keep_answers(link=link, part="phq9", answers={"phq9_1": "1"}, by=by_link(link), now=NOW)
    link = answer_link(link=link, by=by_link(link), now=NOW)
    found.append(link.state(link.expires_at))
    other, _secret = made(patient, site, nurse)
    found.append(revoke_link(link=other, by=nurse, now=NOW).state(NOW))
    assert found == ["made", "sent", "opened", "expired", "answered", "revoked"]
    verbs = AuditEvent.objects.filter(verb__startswith="link.").order_by("pk").values_list("verb", flat=True)
    opened = ["link.made", "link.sent", "link.opened", "link.answered"]
    assert list(verbs) == [*opened, "link.made", "link.revoked"]


def test_a_new_secret_ends_the_old_one(patient, site, nurse):
    link, old = made(patient, site, nurse)
    _link, new = renew_link(link=link, expires_at=link.expires_at, by=nurse, now=NOW)
    assert (link_of(old, now=NOW), link_of(new, now=NOW)) == (None, link)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"parts": []}, "link.parts"),
        ({"parts": ["phq9", "phq9"]}, "link.parts"),
        ({"parts": ["madrs"]}, "link.parts"),
        ({"parts": ["side-effects"]}, "link.parts"),
        ({"expires_at": NOW}, "link.life"),
        ({"expires_at": NOW + timedelta(days=32)}, "link.life"),
        ({"due_at": NOW + timedelta(days=3)}, "link.life"),
    ],
)
def test_what_cannot_be_asked_is_refused(patient, site, nurse, told, code):
    with refused(Invalid, code):
        made(patient, site, nurse, **told)


def test_a_manager_may_not_and_other_sites_patients_are_not_asked(patient, site, nurse):
    with refused(Refused, "permission.missing"):
        made(patient, site, staff("manager", site))
    south = make_ready(make_site("south"))
    with refused(Refused, "permission.missing"):
        made(patient, south, nurse)
    with refused(Invalid, "link.not_registered"):
        made(patient, south, staff("nurse", south))
    assert not OneTimeLink.objects.for_user(staff("nurse", south)).exists()


@pytest.mark.parametrize("lacks", ["phone", "crisis_line", "hours"])
def test_a_site_that_cannot_say_what_comes_first_asks_nobody(patient, site, nurse, lacks):
    if lacks == "hours":
        site.opening_hours.all().delete()
    else:
        setattr(site, lacks, "")
        site.save()
    with refused(Conflict, "link.site_not_ready"):
        made(patient, site, nurse)


def test_nobody_who_has_died_is_asked(patient, site, nurse):
    record_death(patient=patient, deceased_on=NOW.date(), by=nurse, expected_revision=1, now=NOW)
    patient.refresh_from_db()
    with refused(Conflict, "link.died"):
        made(patient, site, nurse)


def test_a_link_speaks_for_itself_only(patient, site, nurse):
    one, _secret = made(patient, site, nurse)
    other, _secret = made(patient, site, nurse)
    with refused(Refused, "link.other"):
        keep_answers(link=one, part="phq9", answers={"phq9_1": "1"}, by=by_link(other), now=NOW)
    with refused(Invalid, "link.part"):
        keep_answers(link=one, part="gad7", answers={"gad7_1": "1"}, by=by_link(one), now=NOW)


@pytest.mark.parametrize("how", ["revoked", "answered", "expired"])
def test_what_is_over_takes_nothing_more(patient, site, nurse, how):
    link, _secret = made(patient, site, nurse)
    by = by_link(link)
    keep_answers(link=link, part="phq9", answers={"phq9_1": "1"}, by=by, now=NOW)
    at = NOW
    if how == "revoked":
        revoke_link(link=link, by=nurse, now=NOW)
    elif how == "answered":
        answer_link(link=link, by=by, now=NOW)
    else:
        at = link.expires_at
    for act in (keep_answers, answer_link, begin_link):
        given = {"part": "phq9", "answers": {"phq9_2": "1"}} if act is keep_answers else {}
        with refused(Conflict, "link.over"):
            act(link=link, by=by, now=at, **given)


def test_an_overtaken_request_takes_nothing_away(patient, site, nurse):
    link, _secret = made(patient, site, nurse)
    for typed in ({"phq9_1": "1", "phq9_2": "2"}, {"phq9_1": "1"}):
        kept = keep_answers(link=link, part="phq9", answers=typed, by=by_link(link), now=NOW)
    assert kept.answers == {"phq9_1": 1, "phq9_2": 2}


def test_answered_and_revoked_at_once_cannot_be_stored(patient, site, nurse):
    link, _secret = made(patient, site, nurse)
    with pytest.raises(IntegrityError), transaction.atomic():
        OneTimeLink.objects.filter(pk=link.pk).update(answered_at=NOW, revoked_at=NOW)


def test_the_account_in_whose_name_patients_answer_opens_nothing(patient, site, nurse):
    link, _secret = made(patient, site, nurse)
    by = by_link(link)
    assert by_link(link).user == by.user
    assert not by.user.may_enter and not by.user.check_password("!")
    assert by.user.memberships.count() == 0


@pytest.mark.parametrize(("days", "asked"), [(13, ["mood"]), (14, ["phq9", "mood"])])
def test_a_questionnaire_is_not_asked_before_its_interval(patient, site, nurse, days, asked):
    answered = NOW - timedelta(days=days)
    record_assessment(patient=patient, instrument="phq9", answers=phq9(*[1] * 9), by=nurse, now=answered)
    assert CURRENT["phq9"].recall_days == 14
    assert not_too_soon(patient, ["phq9", "mood"], now=NOW, site=site) == asked
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-10 12:00", "2026-03-10 12:00"),
        ("2026-03-10 15:59", "2026-03-10 15:59"),
        # An hour is what a review may wait, and the site closes at five.
        ("2026-03-10 16:01", "2026-03-11 08:00"),
        ("2026-03-10 05:00", "2026-03-10 08:00"),
        ("2026-03-13 18:00", "2026-03-16 08:00"),
        ("2026-03-07 12:00", "2026-03-09 08:00"),
    ],
)
def test_questions_on_suicide_wait_for_somebody_who_reads_the_answers(site, at, opens):
    asked, wanted = (datetime.fromisoformat(text).replace(tzinfo=site.zone) for text in (at, opens))
    assert covered_from(site, asked.astimezone(UTC)) == wanted


def test_a_closed_day_is_no_covered_one(site):
    begins = datetime(2026, 3, 11, tzinfo=site.zone)
    told = {"starts_at": begins, "ends_at": begins + timedelta(days=1)}
    Closure.objects.create(site=site, reason="Holiday", **told)
    asked = datetime(2026, 3, 10, 18, tzinfo=site.zone)
    assert covered_from(site, asked) == datetime(2026, 3, 12, 8, tzinfo=site.zone)
    site.opening_hours.all().delete()
    assert covered_from(site, asked) is None
