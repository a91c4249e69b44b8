"""Who comes in the next two days, and what is still missing for each? The huddle sheet.

As many queries for a full book as for one visit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from patients.models import Assessment, Authorization, Contact, Registration
from patients.scoring.phq9 import SUICIDE_ITEM
from patients.scoring.registry import CURRENT
from sessions.models import CallAttempt, InfusionSession, ReadinessAnswer, WeightMeasurement
from sessions.rules.capacity import CHAIR_TAKEN, CLOSED, NURSES, OUTSIDE_HOURS
from sessions.rules.checking import obstacles_of_order
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of
from sessions.rules.readiness import BEFORE_THE_END

DAYS = 2
AGAINST = {
    CHAIR_TAKEN: _("the chair is taken"),
    CLOSED: _("the site is closed"),
    OUTSIDE_HOURS: _("outside the opening hours"),
    NURSES: _("too few nurses"),
}
"""What a booking may have been made against, in words."""
Item, Outcome = ReadinessAnswer.Item, ReadinessAnswer.Outcome


@dataclass(frozen=True, slots=True)
class ScoreDue:
    """A questionnaire of the protocol that may be filled in again by the day of the visit, and when it last was."""

    code: str
    name: str
    last: date | None


@dataclass(frozen=True, slots=True)
class Cover:
    """How the payer's authorization stands on a day.

    Attributes:
        kind: ``none`` was ever recorded, ``covered``, ``used_up``, or ``lapsed``: there was one, and none holds then.
        left: infusions authorised minus those given since it began; None where none holds.
        until: its last day.
    """

    kind: str
    left: int | None = None
    until: date | None = None

    @property
    def is_missing(self) -> bool:
        """Whoever never had one pays otherwise: that is no alarm."""
        return self.kind in {"used_up", "lapsed"}


@dataclass(frozen=True, slots=True)
class ItemNine:
    """The last answer to the question about thoughts of death, where it was not "Not at all"."""

    answer: int
    day: date
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class WorstMoment:
    """The infusion before: its highest pressure, how far that was above the baseline, and the worst side effect.

    Example: ``WorstMoment(session, date(2026, 3, 7), (158, 92), 34, 36, "Nausea", 2)``
    """

    session: InfusionSession
    day: date
    highest: tuple[int, int] | None
    minute: int | None
    rise: int | None
    effect: str
    grade: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit with everything that should be settled before it.

    Attributes:
        ride, fasting: the answers that stand; None where nobody has asked.
        order_problems: why the order does not stand on that day.
        weight_age: days from the last weight to the visit; None where there is none.
        is_first: nobody has started an infusion for this patient before, at any site.
    """

    session: Any
    record_number: str
    ride: ReadinessAnswer | None
    fasting: ReadinessAnswer | None
    calls: tuple[CallAttempt, ...]
    escort: Contact | None
    order_problems: tuple[Problem, ...]
    consent_in_date: bool
    weight_age: int | None
    weight_valid: bool
    scores_due: tuple[ScoreDue, ...]
    cover: Cover
    item_nine: ItemNine | None
    is_first: bool
    last_time: WorstMoment | None

    @property
    def booking(self) -> Any:
        return self.session.booking

    @property
    def chair_is_open(self) -> bool:
        return bool(self.booking.is_chair_provisional)

    @property
    def against(self) -> tuple[Any, ...]:
        """The rules that it was booked against, in words."""
        return tuple(AGAINST.get(code, code) for code in self.booking.overrides)

    @property
    def last_call(self) -> CallAttempt | None:
        return self.calls[-1] if self.calls else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of what is left to do, in the order of the sheet."""
        found = {
            "ride": not is_settled(self.ride),
            "fasting": not is_settled(self.fasting),
            "consent": not self.consent_in_date,
            "order": bool(self.order_problems),
            "weight": not self.weight_valid,
            "scores": bool(self.scores_due),
            "authorization": self.cover.is_missing,
            "chair": self.chair_is_open,
        }
        return tuple(code for code, is_open in found.items() if is_open)


@dataclass(frozen=True, slots=True)
class Day:
    """A day at the site with its visits in the order of their times."""

    day: date
    visits: tuple[Visit, ...]

    @property
    def ready(self) -> int:
        return sum(not visit.missing for visit in self.visits)


def is_settled(answer: ReadinessAnswer | None) -> bool:
    return answer is not None and answer.outcome != Outcome.OPEN


def readiness(site: Site, *, first: date, actor: Actor) -> tuple[Day, ...]:
    """The visits of two days that are not over, each with what is missing."""
    days = [first + timedelta(days=number) for number in range(DAYS)]
    found = InfusionSession.objects.for_user(actor).filter(
        site=site, local_date__in=days, status__in=BEFORE_THE_END
    )
    visits = _visits(found, actor)
    return tuple(
        Day(day, tuple(visit for visit in visits if visit.session.local_date == day)) for day in days
    )


def readiness_of(session: InfusionSession, *, actor: Actor) -> Visit:
    """The same for one visit, whatever its status."""
    (visit,) = _visits(InfusionSession.objects.for_user(actor).filter(pk=session.pk), actor)
    return visit


def _visits(found: Any, actor: Actor) -> list[Visit]:
    sessions = _sessions(found, actor)
    known = _Known(sessions, actor)
    return [known.visit(session) for session in sessions]


def _sessions(found: Any, actor: Actor) -> list[Any]:
    before = (
        InfusionSession.objects.for_user(actor)
        .delivered()
        .filter(patient=OuterRef("patient"), infusion_started_at__lt=OuterRef("scheduled_start"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-infusion_started_at", "-pk")
    )
    weights: Any = WeightMeasurement.objects.current()
    latest = weights.filter(patient=OuterRef("patient")).order_by("-taken_at", "-pk")
    numbers = Registration.objects.filter(patient=OuterRef("patient"), site=OuterRef("site"))
    return list(
        found.with_number()
        .select_related(
            "site", "patient", "chair", "nurse", "booking", "course__protocol_version", "course__consent"
        )
        .prefetch_related("readiness_answers__taken_by", "call_attempts__taken_by")
        .annotate(
            last_session_id=Subquery(before.values("pk")[:1]),
            weighed_at=Subquery(latest.values("taken_at")[:1]),
            record_number=Subquery(numbers.values("record_number")[:1]),
        )
        .order_by("scheduled_start", "pk")
    )


class _Known:
    """What the record holds about the patients of some visits, each kind read once."""

    def __init__(self, sessions: Sequence[Any], actor: Actor) -> None:
        patients = {session.patient_id for session in sessions}
        self.assessments = _by_patient(
            Assessment.objects.for_user(actor)
            .filter(patient__in=patients)
            .current()
            .order_by("taken_at", "pk")
        )
        self.authorizations = _by_patient(
            Authorization.objects.for_user(actor).filter(patient__in=patients, entered_in_error=False)
        )
        escorts = Contact.objects.for_user(actor).filter(patient__in=patients, kind=Contact.Kind.ESCORT)
        self.escorts = _by_patient(escorts.active())
        # Days only, of every site: an authorization is used up wherever the infusion was given.
        given = InfusionSession.objects.delivered().filter(patient__in=patients)
        self.given: dict[int, list[tuple[int, date]]] = defaultdict(list)
        for patient, pk, day in given.values_list("patient_id", "pk", "local_date"):
            self.given[patient].append((pk, day))
        self.last_sessions = (
            InfusionSession.objects.for_user(actor)
            .select_related("site")
            .prefetch_related("vital_signs", "baseline_choices", "side_effects__entries")
            .in_bulk([session.last_session_id for session in sessions if session.last_session_id])
        )

    def visit(self, session: Any) -> Visit:
        patient, zone = session.patient_id, session.site.time_zone
        problems = obstacles_of_order(session)
        answers = {answer.item: answer for answer in session.readiness_answers.all()}
        assessments = self.assessments[patient]
        last = self.last_sessions.get(session.last_session_id)
        escorts = self.escorts[patient]
        return Visit(
            session=session,
            record_number=session.record_number or "",
            ride=answers.get(Item.RIDE),
            fasting=answers.get(Item.FASTING),
            calls=tuple(session.call_attempts.all()),
            escort=escorts[0] if escorts else None,
            order_problems=tuple(one for one in problems if not one.code.startswith("consent.")),
            consent_in_date=not any(one.code.startswith("consent.") for one in problems),
            weight_age=_age(session),
            weight_valid=_is_valid(session),
            scores_due=tuple(_scores_due(session, assessments, zone)),
            cover=_cover(self.authorizations[patient], self.given[patient], session.local_date),
            item_nine=_item_nine(assessments, zone),
            is_first=all(pk == session.pk for pk, _day in self.given[patient]),
            last_time=_worst_moment(last) if last else None,
        )


def _by_patient(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.patient_id].append(row)
    return found


def _age(session: Any) -> int | None:
    if session.weighed_at is None:
        return None
    day = clock.local_date(session.weighed_at, session.site.time_zone)
    return max(0, (session.local_date - day).days)


def _is_valid(session: Any) -> bool:
    """As :func:`sessions.rules.checking.valid_weight`, of the weight that was read with the session."""
    since = session.scheduled_start - timedelta(days=session.site.rules.weight_valid_days)
    return session.weighed_at is not None and session.weighed_at >= since


def _scores_due(session: Any, assessments: Sequence[Any], zone: str) -> Iterable[ScoreDue]:
    for code in session.protocol_version.instruments:
        instrument = CURRENT.get(code)
        if instrument is None:
            continue
        days = [clock.local_date(one.taken_at, zone) for one in assessments if one.instrument_code == code]
        last = max(days, default=None)
        if instrument.is_due(last, session.local_date):
            yield ScoreDue(code, instrument.name, last)


def _item_nine(assessments: Sequence[Any], zone: str) -> ItemNine | None:
    asked = [one for one in assessments if SUICIDE_ITEM in one.answers]
    if not asked or asked[-1].answers[SUICIDE_ITEM] < 1:
        return None
    last = asked[-1]
    return ItemNine(last.answers[SUICIDE_ITEM], clock.local_date(last.taken_at, zone), last)


def _cover(authorizations: Sequence[Any], given: Sequence[tuple[int, date]], day: date) -> Cover:
    """Of several that hold on the day, one follows the other: their numbers are added up."""
    if not authorizations:
        return Cover("none")
    holding = [one for one in authorizations if one.covers(day) and one.was_active_on(day)]
    if not holding:
        return Cover("lapsed")
    since = min(one.valid_from for one in holding)
    used = sum(since <= on <= day for _pk, on in given)
    left = max(0, sum(one.infusions for one in holding) - used)
    ends = [one.valid_until for one in holding]
    return Cover("covered" if left else "used_up", left, None if None in ends else max(ends))


def _worst_moment(last: Any) -> WorstMoment:
    readings = [one for one in standing(last.vital_signs.all()) if one.systolic]
    baseline = baseline_of(last, readings)
    after = [one for one in readings if last.phase_at(one.taken_at) != "pre"]
    highest = max(after, key=lambda one: (one.systolic, one.diastolic), default=None)
    graded = [(max(e.grade for e in one.entries.all()), one) for one in last.side_effects.all()]
    grade, effect = max(graded, key=lambda pair: pair[0], default=(None, None))
    rise = highest.systolic - baseline.systolic if highest and baseline else None
    return WorstMoment(
        session=last,
        day=last.local_date,
        highest=(highest.systolic, highest.diastolic) if highest else None,
        minute=clock.whole_minutes(highest.taken_at - last.infusion_started_at) if highest else None,
        rise=rise,
        effect=str(effect.get_term_display()) if effect else "",
        grade=grade,
    )
