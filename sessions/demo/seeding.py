"""Taking the steps of the story in the order of their times."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from django.db import transaction

from clinic.facilities.models import Site
from sessions.demo import story
from sessions.demo.ahead import planned, staffed
from sessions.demo.closing import bring_to_an_end, left_over
from sessions.demo.episode import maintained
from sessions.demo.founding import clinics, maintenance_version
from sessions.demo.people import PEOPLE
from sessions.demo.today import opened, shown_today
from sessions.demo.visits import Step
from sessions.models import Course, InfusionSession

SEED = 20_260_101
STEPS_A_TRANSACTION = 150
"""Each step is an operation that commits by itself; a fast disk is not everybody's, so they share commits."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a run has added."""

    steps: int
    sessions: int
    patients: int


def seed(*, now: datetime) -> Seeded:
    """Fill the demo clinic, or bring it up to today. A second run on the same day adds nothing."""
    now = now.replace(second=0, microsecond=0)
    before = _counts()
    plans: list[Step] = []
    for position, clinic in enumerate(clinics(now=now, chance=random.Random(SEED))):
        first = not Course.objects.filter(site=clinic.site).exists()
        if first:
            plans += [
                *opened(clinic),
                *_first_story(clinic, position),
                *shown_today(clinic),
                *planned(clinic),
            ]
        elif not _has_begun(clinic):
            plans += [*opened(clinic), *staffed(clinic), *_another_day(clinic, position)]
            plans += [*shown_today(clinic), *planned(clinic)]
    taken = _take(plans, until=now)
    after = _counts()
    return Seeded(steps=taken, sessions=after[0] - before[0], patients=after[1] - before[1])


def _counts() -> tuple[int, int]:
    from patients.models import Patient

    return InfusionSession.objects.count(), Patient.objects.count()


def _has_begun(clinic: story.Clinic) -> bool:
    """Whether somebody has come today; that somebody is booked for today an earlier run may have seen to."""
    today = InfusionSession.objects.filter(site=clinic.site, local_date=clinic.local_day(clinic.now))
    return today.filter(arrived_at__isnull=False).exists()


def _plans_of(clinic: story.Clinic) -> tuple[story.Plan, ...]:
    return story.LARGE_SITE if len(clinic.chairs) >= 6 else story.SMALL_SITE


def _first_story(clinic: story.Clinic, position: int) -> Iterable[Step]:
    """Everybody of this site: some in the middle of a course and here today, the others done."""
    people = [person for index, person in enumerate(PEOPLE) if (index % 3 == 2) == bool(position)]
    plans, version = _plans_of(clinic), maintenance_version(clinic)
    for number, plan in enumerate(plans):
        yield from story.under_way(clinic, people[number], plan, earlier=number % 4)
    for number, person in enumerate(people[len(plans) :]):
        if not (position or number):
            # One of the first site's patients is seen for months.
            yield from maintained(clinic, person, version)
            continue
        responds = (0.72, 0.3, 0.85, 0.55, 0.1, 0.64)[number % 6]
        yield from story.completed(clinic, person, ended_days_ago=20 + 23 * number, responds=responds)


def _another_day(clinic: story.Clinic, position: int) -> Iterable[Step]:
    """A later run: today's board again, with the patients whose courses are still under way."""
    for session in left_over(clinic):
        # Before everything of today, which takes its step six days ago at the earliest.
        yield clinic.now - timedelta(days=7), partial(bring_to_an_end, session, clinic=clinic)
    active = Course.objects.filter(site=clinic.site, state=Course.State.ACTIVE).select_related("patient")
    weights = {(person.family, person.given): person for person in PEOPLE}
    for plan, course in zip(_plans_of(clinic), active.order_by("pk"), strict=False):
        person = weights.get((course.patient.family_name, course.patient.given_name))
        if person is not None:
            yield from story.returning(clinic, person, course, plan)


def _take(plans: list[Step], *, until: datetime) -> int:
    due = sorted((step for step in plans if step[0] <= until), key=itemgetter(0))
    for start in range(0, len(due), STEPS_A_TRANSACTION):
        with transaction.atomic():
            for _at, run in due[start : start + STEPS_A_TRANSACTION]:
                run()
    return len(due)


def is_demo_only() -> bool:
    """Whether the installation holds no real site: only then may a demo be put into it."""
    return not Site.objects.filter(is_demo=False).exists()
