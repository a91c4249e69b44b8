"""One patient over months: an induction, an infusion elsewhere, maintenance whose spacing shrinks, moods every day."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from clinic.accounts.actor import Actor
from patients.models import Assessment
from patients.operations.assessing import record_assessment
from sessions.demo import patients as record
from sessions.demo.people import Person
from sessions.demo.protocols import DEPRESSION
from sessions.demo.story import Clinic, beginning, visits
from sessions.demo.visits import Step, Treated
from sessions.models import CoursePhase, OutsideInfusion, Protocol, ProtocolVersion
from sessions.operations.episodes import record_outside_infusion, set_course_phase
from sessions.operations.planning import close_course, order_course
from sessions.operations.protocols import approve_version, create_protocol, draft_version

MAINTENANCE = {
    # No source gives a fixed interval for maintenance; these numbers are an example, not approved (GK).
    "min_gap_days": 7,
    "target_gap_days": 21,
    "max_gap_days": 35,
    "planned_infusions": 6,
    "reevaluate_after_infusions": 3,
}
BEGAN_DAYS_AGO = 132
GAPS = (26, 22, 15)
"""Days between the maintenance infusions so far: shorter and shorter."""


def maintenance_protocol(*, author: Actor, director: Actor, at: datetime) -> ProtocolVersion:
    """The example protocol of maintenance, approved on the first call."""
    protocol = Protocol.objects.filter(code="ketamine-maintenance").first()
    if protocol is None:
        protocol = create_protocol(
            code="ketamine-maintenance",
            name="IV ketamine, maintenance",
            indication="Treatment-resistant depression",
            by=author,
            now=at,
        )
        draft = draft_version(protocol=protocol, content=DEPRESSION | MAINTENANCE, by=author, now=at)
        approve_version(version=draft, by=director, now=at + timedelta(hours=1))
    version: ProtocolVersion = protocol.versions.select_related("protocol").get(
        state=ProtocolVersion.State.APPROVED
    )
    return version


def maintained(clinic: Clinic, person: Person, version: ProtocolVersion) -> Iterator[Step]:
    """Six infusions of induction with a response, one on a journey, and maintenance under way."""
    first = clinic.local_day(clinic.now) - timedelta(days=BEGAN_DAYS_AGO)
    induction = clinic.treated(person)
    yield from beginning(clinic, induction, person, first_day=first)
    days = [first + timedelta(days=4 * number) for number in range(clinic.version.planned_infusions)]
    yield from visits(clinic, induction, days, responds=0.62, follow_up=True)
    closed = _at(clinic, days[-1] + timedelta(days=12))
    by = clinic.crew.prescriber
    yield (
        closed,
        lambda: close_course(
            course=induction.known_course(), state="completed", by=by, reason="", now=closed
        ),
    )
    going_on = Treated(crew=clinic.crew, version=version, kilograms=induction.kilograms, seen_at=clinic.now)
    ordered = closed + timedelta(minutes=20)
    yield ordered, _ordered(clinic, induction, going_on, ordered)
    journey = days[-1] + timedelta(days=17)
    told = _at(clinic, journey + timedelta(days=9))
    yield told, _elsewhere(clinic, going_on, journey, told)
    later = [journey + timedelta(days=18 + sum(GAPS[:number])) for number in range(len(GAPS) + 1)]
    yield from visits(clinic, going_on, later, responds=0.35)
    yield from _moods(clinic, induction, [*days, *later], first - timedelta(days=4))


def _at(clinic: Clinic, day: date, hour: int = 16) -> datetime:
    return datetime.combine(day, time(hour, 0), clinic.site.zone).astimezone(UTC)


def _ordered(clinic: Clinic, before: Treated, after: Treated, at: datetime) -> Callable[[], None]:
    def order() -> None:
        patient, by = before.known_patient(), clinic.crew.prescriber
        consent = record.consent(patient, document=clinic.document, crew=clinic.crew, at=at)
        after.patient = patient
        after.course = order_course(
            patient=patient,
            site=clinic.site,
            protocol_version=after.version,
            diagnosis_code="F33.2",
            consent=consent,
            by=by,
            now=at,
        )
        set_course_phase(
            course=after.course,
            phase=CoursePhase.Phase.MAINTENANCE,
            continues=before.known_course(),
            by=by,
            now=at,
        )

    return order


def _elsewhere(clinic: Clinic, treated: Treated, day: date, at: datetime) -> Callable[[], None]:
    def told() -> None:
        record_outside_infusion(
            course=treated.known_course(),
            given_on=day,
            place="Riverside infusion centre",
            source=OutsideInfusion.Source.RECORDS,
            micrograms=35_000,
            note="On a journey; their letter is in the record.",
            by=clinic.crew.nurse,
            now=at,
        )

    return told


def _moods(clinic: Clinic, treated: Treated, infusions: list[date], first: date) -> Iterator[Step]:
    """A mood every day but for some that were forgotten: better after an infusion, for a shorter time each month."""
    chance = clinic.new_chance()
    today = clinic.local_day(clinic.now)
    for number in range((today - first).days):
        day = first + timedelta(days=number)
        if chance.random() < 0.12:
            continue
        since = min(((day - one).days for one in infusions if one < day), default=99)
        lasts = 16 - number / 14
        level = 3.2 + min(number, 30) / 15 + (2.4 * max(0.0, 1 - since / lasts) if since < lasts else -0.6)
        value = min(10, max(0, round(level + chance.uniform(-0.6, 0.6))))
        at = _at(clinic, day, 8)
        yield at, _mood(clinic, treated, value, at)


def _mood(clinic: Clinic, treated: Treated, value: int, at: datetime) -> Callable[[], None]:
    def said() -> None:
        record_assessment(
            patient=treated.known_patient(),
            instrument="mood",
            answers={"mood": value},
            mode=Assessment.Mode.SELF,
            by=clinic.crew.nurse,
            now=at,
        )

    return said
