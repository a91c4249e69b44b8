"""The demo clinic: made once for the module, from fewer patients than a visitor gets, at a fixed moment."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common import clock
from clinic.common.models import OfflineEntry
from clinic.facilities.models import Site
from clinic.stock.models import DrugProduct
from patients.models import AnswerCover, Assessment, Patient, ReviewStep, SuicideReview
from sessions.demo import seeding
from sessions.demo.founding import clinics
from sessions.demo.people import PEOPLE
from sessions.demo.story import LARGE_SITE, SMALL_SITE
from sessions.models import (
    Alert,
    Booking,
    CallAttempt,
    CheckAnswer,
    Course,
    DecisionRequest,
    Departure,
    DrugUse,
    EmergencyStep,
    FollowUp,
    Handover,
    InfusionSession,
    LateEffect,
    MedicationEffect,
    MedicineOrder,
    Note,
    PatientLimit,
    PatientWish,
    QuickPhrase,
    ReadinessAnswer,
    ReadingNotDone,
    ReadyToLeave,
    Reevaluation,
    Reminder,
    ResponsiblePrescriber,
    StandingOrder,
    VitalSigns,
    WaitingEntry,
)
from sessions.reports.chart import read_chart
from sessions.reports.conflicts import conflicts
from sessions.reports.freed_times import free_times
from sessions.reports.offline import with_offline_times
from sessions.reports.timeline import entries
from sessions.rules.signing import digest_of_chart
from sessions.states import Status
from tests.sessions.operations.test_histories import (
    a_chair_is_held_while_somebody_is_expected,
    no_two_bookings_overlap,
    the_status_follows_from_the_timeline,
    the_steps_follow_one_another,
    the_times_are_in_order,
)

MORNING = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
FEW = 25
"""Enough for every visit of today, and two courses that are over."""
MOST_OPERATIONS = 5000
TODAYS_VISITS = len(LARGE_SITE) + len(SMALL_SITE)


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[seeding.Seeded]:
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(seeding, "PEOPLE", PEOPLE[:FEW])
        yield seeding.seed(now=MORNING)
        transaction.set_rollback(True)


@pytest.fixture
def demo(seeded: seeding.Seeded, db: None) -> seeding.Seeded:
    return seeded


def today(now: datetime) -> set[str]:
    """The states of the sessions that are today at their own site."""
    sites = {site.pk: clock.local_date(now, site.time_zone) for site in Site.objects.all()}
    rows = InfusionSession.objects.values_list("site", "local_date", "status")
    return {status for site, day, status in rows if sites[site] == day}


def test_today_shows_every_state(demo: seeding.Seeded) -> None:
    assert today(MORNING) == set(Status)
    assert demo.patients == Patient.objects.count() == FEW
    assert demo.sessions == InfusionSession.objects.count()


def test_a_second_run_adds_nothing(demo: seeding.Seeded) -> None:
    events = AuditEvent.objects.count()
    assert seeding.seed(now=MORNING + timedelta(hours=1)) == seeding.Seeded(0, 0, 0)
    assert AuditEvent.objects.count() == events


def test_a_run_on_another_day_fills_that_day(demo: seeding.Seeded) -> None:
    """Those whom yesterday's run has left in their chairs have gone home in the meantime."""
    yesterday = clock.local_date(MORNING, "Europe/Lisbon")
    tomorrow = MORNING + timedelta(days=1)
    again = seeding.seed(now=tomorrow)
    assert again.patients == 0 and again.sessions >= TODAYS_VISITS
    assert today(tomorrow) == set(Status)
    assert not InfusionSession.objects.present().filter(local_date__lte=yesterday).exists()
    assert not InfusionSession.objects.filter(local_date=yesterday, status=Status.SCHEDULED).exists()
    assert seeding.seed(now=tomorrow) == seeding.Seeded(0, 0, 0)


def test_the_audit_chains_are_whole(demo: seeding.Seeded) -> None:
    chains = list(AuditChain.objects.all())
    assert len(chains) == 3  # two sites and the organisation
    assert [link for chain in chains for link in broken_links(chain)] == []


def test_it_was_made_by_the_operations(demo: seeding.Seeded) -> None:
    """Whoever made it otherwise would have left rows that no history of acts could leave."""
    known = InfusionSession.objects.select_related("booking")
    for session in known.prefetch_related("infusion_events", "status_changes", "signatures"):
        the_status_follows_from_the_timeline(session)
        the_steps_follow_one_another(session)
        a_chair_is_held_while_somebody_is_expected(session)
        the_times_are_in_order(session, now=MORNING)
        assert all(one.digest == digest_of_chart(session) for one in session.signatures.all())
    no_two_bookings_overlap()
    assert not Departure.objects.exists()
    assert not InfusionSession.objects.filter(status=Status.DISCHARGED, nurse=None).exists()


def test_there_is_history_with_scores(demo: seeding.Seeded) -> None:
    first = InfusionSession.objects.earliest("scheduled_start")
    assert MORNING - first.scheduled_start > timedelta(days=25)
    assert Assessment.objects.values("patient").distinct().count() > FEW / 2
    assert InfusionSession.objects.filter(signatures__meaning="review").exists()


def test_the_days_ahead_show_every_state_of_planning(demo: seeding.Seeded) -> None:
    later = Booking.objects.live().filter(starts_at__gt=MORNING)
    assert later.filter(is_chair_provisional=True).exists()
    assert later.filter(is_overbooked=True).exclude(override_reason="").exists()
    assert set(later.values_list("kind", flat=True)) >= {"infusion", "consultation", "maintenance"}
    assert InfusionSession.objects.filter(is_late_cancel=True, cancel_code="patient").exists()
    assert WaitingEntry.objects.waiting().filter(is_starred=True).exists()
    assert Course.objects.exclude(wishes={}).exists()
    for model in (CallAttempt, ReadinessAnswer, Reevaluation, Reminder):
        assert model.objects.exists(), model
    assert Handover.objects.filter(state=Handover.State.OFFERED).exists()


def test_one_alert_waits_and_all_others_were_answered(demo: seeding.Seeded) -> None:
    waiting = Alert.objects.open().get()
    assert (waiting.level, waiting.session.state) == ("stop", Status.INFUSING)
    assert Alert.objects.filter(entries__kind="acknowledged").exclude(entries__actions=[]).count() > 5


def test_the_chairside_shows_what_can_happen(demo: seeding.Seeded) -> None:
    for model in (
        EmergencyStep,
        LateEffect,
        MedicationEffect,
        PatientLimit,
        PatientWish,
        QuickPhrase,
        ReadingNotDone,
        ReadyToLeave,
    ):
        assert model.objects.exists(), model
    assert VitalSigns.objects.exclude(corrects=None).exists()
    assert set(CheckAnswer.objects.values_list("outcome", flat=True)) >= {"ok", "wait", "overridden"}
    assert DecisionRequest.objects.filter(decision=None).count() == 1
    assert FollowUp.objects.values("kind").distinct().count() >= 4
    assert SuicideReview.objects.exclude(entries__kind="closed").exists()
    assert SuicideReview.objects.filter(entries__outcome="plan_made").exists()
    assert ReviewStep.objects.filter(kind="climbed", to__isnull=False).exists()
    assert AnswerCover.objects.standing().count() == 2


def test_an_entry_made_without_network_stands_in_a_running_session(demo: seeding.Seeded) -> None:
    entry = OfflineEntry.objects.get()
    note = Note.objects.select_related("session").get(public_id=entry.key)
    assert note.session.state is Status.INFUSING
    read = read_chart(InfusionSession.objects.filter(pk=note.session_id))
    assert read is not None
    # It alone is marked: nothing else was entered by this person in that second.
    assert [row.fact for row in with_offline_times(entries(read)) if row.offline] == [note]
    assert note.taken_at < note.entered_at == entry.received_at


def test_every_medicine_has_its_order_and_every_drug_its_witness_but_one(demo: seeding.Seeded) -> None:
    assert ResponsiblePrescriber.objects.at(MORNING).count() == 4
    approved = StandingOrder.objects.filter(state=StandingOrder.State.APPROVED)
    assert approved.count() == 3 and not approved.filter(is_example=False).exists()
    assert DrugProduct.objects.count() == 4
    assert MedicineOrder.objects.filter(kind="verbal", answer=None).count() == 1
    unseen = DrugUse.objects.filter(kind="wasted", witness=None).exclude(seal="").get()
    assert unseen.session.state is Status.LEFT


def test_something_waits_to_be_settled(demo: seeding.Seeded) -> None:
    desk = Actor.of_user(User.objects.get(username="desk"))
    sites = Site.objects.filter(is_demo=True)
    assert any(conflicts(site, actor=desk, now=MORNING) for site in sites)
    assert any(free.matches for site in sites for free in free_times(site, actor=desk, now=MORNING))


NIGHT = datetime(2026, 3, 15, 4, 30, tzinfo=UTC)
"""Half past midnight on a Sunday at the lake, in the week in which its clocks have just changed."""


def test_it_can_be_made_at_any_hour(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "PEOPLE", PEOPLE[:FEW])
    seeding.seed(now=NIGHT)
    # At midnight nobody arrives the day before, so that not every state can be of today; but everybody is booked.
    assert InfusionSession.objects.count() > TODAYS_VISITS
    assert Booking.objects.live().filter(starts_at__gt=NIGHT).exists()


def test_staff_of_every_role_at_two_sites_in_two_zones(demo: seeding.Seeded) -> None:
    assert Site.objects.filter(is_demo=True).values("time_zone").distinct().count() == 2
    for site in Site.objects.all():
        roles = Membership.objects.filter(site=site).values_list("role__code", flat=True)
        assert set(roles) == set(DEFAULT_ROLES)
        assert site.chairs.count() >= 4
    assert seeding.is_demo_only()


def planned() -> list[datetime]:
    """The moments of all steps of the whole demo, planned and not taken."""
    chance = random.Random(seeding.SEED)
    found = [
        # The story itself: a visitor's first run plans no more than this.
        [at for at, _run in seeding._first_story(clinic, position)]
        for position, clinic in enumerate(clinics(now=MORNING, chance=chance))
    ]
    return [at for moments in found for at in moments if at <= MORNING]


def test_the_whole_demo_is_planned_alike_each_time_and_not_too_large(
    demo: seeding.Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "PEOPLE", PEOPLE)
    plan = planned()
    assert plan == planned()
    assert demo.steps < len(plan) <= MOST_OPERATIONS
