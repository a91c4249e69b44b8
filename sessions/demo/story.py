"""What happens in the demo clinic: months of history, and a today in which every state can be seen."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from clinic.facilities.models import Chair, Site
from patients.models import ConsentDocument
from sessions.demo import patients as record
from sessions.demo import shown
from sessions.demo.answering import close_reviews
from sessions.demo.crew import Crew
from sessions.demo.house_rules import STRONG, WEAK
from sessions.demo.people import Person
from sessions.demo.scores import course_of_totals
from sessions.demo.visits import Step, Treated, Visit, steps
from sessions.models import Course, ProtocolVersion
from sessions.operations.arriving import no_show
from sessions.operations.planning import close_course, order_course
from sessions.states import Status

SLOTS = (time(9, 30), time(12, 0), time(14, 30))
"""Start times of infusions in the history; a booking around them takes 130 minutes."""

EFFECTS = (
    ("dissociation", 1, 18),
    ("nausea", 1, 24),
    ("dizziness", 1, 21),
    ("headache", 1, 33),
    ("nausea", 2, 27),
    ("anxiety", 1, 12),
    ("drowsiness", 1, 30),
    ("blurred-vision", 1, 16),
)


@dataclass(slots=True)
class Clinic:
    """A demo site with its people, and the book in which its history is kept free of collisions."""

    site: Site
    chairs: list[Chair]
    crew: Crew
    version: ProtocolVersion
    document: ConsentDocument
    chance: random.Random
    now: datetime
    taken: set[tuple[date, int, time]] = field(default_factory=set)

    def treated(self, person: Person) -> Treated:
        kilograms = Decimal(person.kilograms)
        return Treated(crew=self.crew, version=self.version, kilograms=kilograms, seen_at=self.now)

    def local_day(self, at: datetime) -> date:
        return at.astimezone(self.site.zone).date()

    def new_chance(self) -> random.Random:
        """A generator of its own for one strand, so that a change in one leaves the others as they were."""
        return random.Random(self.chance.random())

    def free_slot(self, day: date) -> tuple[datetime, Chair]:
        """The first free chair and time on a day, or on the next working day."""
        while True:
            for slot in SLOTS:
                for chair in self.chairs:
                    if day.weekday() < 5 and (day, chair.pk, slot) not in self.taken:
                        self.taken.add((day, chair.pk, slot))
                        return datetime.combine(day, slot, self.site.zone).astimezone(UTC), chair
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit of today: how far it has come, and when its infusion begins, in minutes from now."""

    until: Status
    minutes: int
    chair: int
    signed: int = 0
    worst: int = 18
    effects: tuple[tuple[str, int, int], ...] = ()
    pause_at: int | None = None
    silent_after: int | None = None
    extras: tuple[tuple[int, shown.Shown], ...] = ()
    product: str = STRONG


LARGE_SITE = (
    Plan(
        Status.DISCHARGED,
        -270,
        0,
        signed=2,
        effects=(("nausea", 1, 25),),
        extras=((27, shown.for_nausea), (45, shown.it_helped)),
    ),
    Plan(
        Status.DISCHARGED,
        -230,
        1,
        effects=(("dissociation", 1, 15),),
        extras=((13, shown.mistyped), (41, shown.not_woken), (76, shown.late)),
    ),
    Plan(Status.NO_SHOW, -210, 2),
    Plan(Status.NOT_STARTED, -220, 3),
    Plan(Status.LEFT, -240, 4, effects=(("anxiety", 2, 14),), extras=((32, shown.sealed),)),
    Plan(
        Status.TRANSFERRED,
        -250,
        5,
        worst=30,
        effects=(("chest-pain", 3, 19),),
        extras=((20, shown.emergency), (50, shown.sealed_and_seen)),
    ),
    Plan(
        Status.RECOVERING,
        -106,
        0,
        worst=24,
        effects=(("dissociation", 1, 20),),
        extras=((102, shown.waits_for_ride),),
    ),
    Plan(
        Status.INFUSING,
        -22,
        1,
        product=WEAK,
        effects=(("dissociation", 1, 16),),
        extras=(
            (-20, shown.wishes),
            (14, shown.without_network),
            (17, shown.slowed),
            (21, shown.little_oxygen),
        ),
    ),
    Plan(
        Status.INFUSING,
        -34,
        2,
        worst=41,
        silent_after=20,
        effects=(("headache", 1, 25),),
        extras=((-15, shown.own_limit),),
    ),
    Plan(
        Status.PAUSED,
        -28,
        3,
        worst=66,
        pause_at=24,
        effects=(("blood-pressure-rise", 2, 23),),
        extras=((22, shown.much_too_high), (25, shown.ordered_by_phone)),
    ),
    Plan(Status.READY, 9, 4, extras=((-20, shown.set_aside),)),
    Plan(Status.ARRIVED, 24, 5, extras=((-25, shown.high_before_start),)),
    Plan(Status.ARRIVED, 22, 6, extras=((-23, shown.fasts),)),
    Plan(Status.SCHEDULED, 165, 0),
    Plan(Status.SCHEDULED, 180, 1),
    Plan(Status.SCHEDULED, 195, 2),
    Plan(Status.CANCELLED, 195, 3),
)
SMALL_SITE = (
    Plan(Status.DISCHARGED, -255, 0, signed=1, effects=(("dizziness", 1, 22),)),
    Plan(Status.RECOVERING, -75, 1),
    Plan(Status.INFUSING, -14, 2),
    Plan(Status.ARRIVED, 25, 3),
    Plan(Status.SCHEDULED, 170, 0),
)


def under_way(clinic: Clinic, person: Person, plan: Plan, *, earlier: int) -> Iterator[Step]:
    """A patient in the middle of a course, and today's visit."""
    treated = clinic.treated(person)
    today = clinic.now + timedelta(minutes=plan.minutes)
    first = clinic.local_day(today) - timedelta(days=4 * earlier + 4)
    yield from beginning(clinic, treated, person, first_day=first)
    days = [first + timedelta(days=4 * number) for number in range(earlier)]
    yield from visits(clinic, treated, days, responds=clinic.chance.uniform(0.25, 0.7))
    yield from todays_visit(clinic, treated, plan)


def todays_visit(clinic: Clinic, treated: Treated, plan: Plan) -> Iterator[Step]:
    """One visit of today, until the state that the plan wants to show."""
    visit = Visit(
        treated=treated,
        chair=clinic.chairs[plan.chair],
        infusion_at=clinic.now + timedelta(minutes=plan.minutes),
        until=plan.until,
        signed=plan.signed,
        worst=plan.worst,
        effects=plan.effects,
        pause_at=plan.pause_at,
        silent_after=plan.silent_after,
        extras=plan.extras,
        product=plan.product,
    )
    return steps(visit, clinic.new_chance())


def completed(clinic: Clinic, person: Person, *, ended_days_ago: int, responds: float) -> Iterator[Step]:
    """A patient who went through a whole course some time ago."""
    treated = clinic.treated(person)
    planned = clinic.version.planned_infusions
    last = clinic.local_day(clinic.now) - timedelta(days=ended_days_ago)
    days = [last - timedelta(days=4 * (planned - 1 - number)) for number in range(planned)]
    yield from beginning(clinic, treated, person, first_day=days[0])
    yield from visits(clinic, treated, days, responds=responds, follow_up=True)
    closed = datetime.combine(last + timedelta(days=15), time(16, 0), clinic.site.zone)
    by = clinic.crew.prescriber
    yield (
        closed,
        lambda: close_course(course=treated.known_course(), state="completed", by=by, reason="", now=closed),
    )


def beginning(clinic: Clinic, treated: Treated, person: Person, *, first_day: date) -> Iterator[Step]:
    """Registration, consent and order, ten days before the first infusion."""
    chance = clinic.new_chance()
    came = datetime.combine(
        first_day - timedelta(days=10), time(9, chance.randrange(50)), clinic.site.zone
    ).astimezone(UTC)
    ordered = came + timedelta(minutes=50)

    def register() -> None:
        treated.patient = record.register(person, site=clinic.site, crew=clinic.crew, at=came, chance=chance)

    def order() -> None:
        patient = treated.known_patient()
        consent = record.consent(patient, document=clinic.document, crew=clinic.crew, at=ordered)
        treated.course = order_course(
            patient=patient,
            site=clinic.site,
            protocol_version=clinic.version,
            diagnosis_code="F33.2",
            consent=consent,
            by=clinic.crew.prescriber,
            now=ordered,
        )

    yield came, register
    yield ordered, order


def visits(
    clinic: Clinic, treated: Treated, days: Sequence[date], *, responds: float, follow_up: bool = False
) -> Iterator[Step]:
    """The infusions of a course with the scores before each, and one a week after the last."""
    chance = clinic.new_chance()
    depression = course_of_totals(chance.randrange(16, 24), len(days), responds, chance)
    anxiety = course_of_totals(chance.randrange(10, 18), len(days), responds * 0.8, chance)
    at = clinic.now
    for number, day in enumerate(days):
        at, chair = clinic.free_slot(day)
        asked = at - timedelta(minutes=50)
        yield asked, _score(treated, "phq9", depression[number], asked, chance)
        if number % 2 == 0:
            yield asked, _score(treated, "gad7", anxiety[number], asked, chance)
        yield from _past_visit(treated, at, chair, chance)
    if follow_up and days:
        asked = at + timedelta(days=7)
        yield asked, _score(treated, "phq9", depression[-1], asked, chance)
        yield asked, _score(treated, "gad7", anxiety[-1], asked, chance)


def _score(
    treated: Treated, instrument: str, total: int, at: datetime, chance: random.Random
) -> Callable[[], None]:
    def fill_in() -> None:
        record.score(treated.known_patient(), instrument, total, crew=treated.crew, at=at, chance=chance)

    return fill_in


def _past_visit(treated: Treated, at: datetime, chair: Chair, chance: random.Random) -> Iterator[Step]:
    luck = chance.random()
    called_off = {0: Status.NO_SHOW, 1: Status.CANCELLED}.get(int(luck * 33), Status.DISCHARGED)
    visit = Visit(
        treated=treated,
        chair=chair,
        infusion_at=at,
        until=called_off,
        worst=chance.randrange(10, 44),
        effects=tuple(chance.sample(EFFECTS, chance.choice((0, 1, 1, 2)))),
        stop_at=26 if 0.06 <= luck < 0.09 else None,
    )
    return steps(visit, random.Random(chance.random()))


def returning(clinic: Clinic, person: Person, course: Course, plan: Plan) -> Iterator[Step]:
    """Another day for a patient whom the demo knows: a new course where the old one is full, then today's visit."""
    treated = clinic.treated(person)
    treated.patient, treated.course = course.patient, course
    at = clinic.now - timedelta(days=6)

    def renew() -> None:
        patient, by = treated.known_patient(), clinic.crew.prescriber
        for session in course.sessions.filter(status=Status.SCHEDULED, scheduled_start__lt=clinic.now):
            no_show(session=session, by=clinic.crew.desk, reason="Not seen on the day", now=clinic.now)
        if not course.sessions.present().exists():
            close_course(
                course=course, state="stopped", code="other", by=by, reason="Demo day over", now=clinic.now
            )
        # What yesterday's demo has left to be reviewed would keep today's infusion from starting.
        close_reviews(patient, by=by, now=clinic.now - timedelta(hours=6))
        consent = record.consent(patient, document=clinic.document, crew=clinic.crew, at=at)
        treated.course = order_course(
            patient=patient,
            site=clinic.site,
            protocol_version=clinic.version,
            diagnosis_code="F33.2",
            consent=consent,
            by=by,
            now=at,
        )

    yield at, renew
    yield from todays_visit(clinic, treated, plan)
