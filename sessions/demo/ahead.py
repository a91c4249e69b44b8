"""The days ahead in the demo clinic: what is booked, what waits to be booked, and what has to be settled.

Each act goes through its operation. One that finds no room at the hour at which the demo is made is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common.errors import ClinicError
from clinic.facilities.models import Closure, StaffLeave
from clinic.facilities.operations.chairs import take_out_of_service
from clinic.facilities.operations.leave import record_leave
from clinic.facilities.operations.opening import add_closure
from clinic.facilities.operations.sites import edit_site
from patients.models import Authorization
from patients.operations.entries import add_entry
from sessions.demo.duty import open_the_week, put_on_duty
from sessions.demo.reminders import write_texts
from sessions.demo.story import Clinic
from sessions.demo.visits import Step
from sessions.models import Booking, CallAttempt, CancelCode, Course, InfusionSession, ReadinessAnswer
from sessions.operations.arriving import cancel
from sessions.operations.assigning import assign_nurse
from sessions.operations.blocks import block_chair
from sessions.operations.booking import book
from sessions.operations.handing_over import offer_handover
from sessions.operations.readiness import answer_readiness, log_call
from sessions.operations.reevaluating import record_reevaluation
from sessions.operations.reminding import queue_reminders
from sessions.operations.series import Slot, book_series
from sessions.operations.waiting import add_to_waiting_list
from sessions.operations.wishes import remember_wishes
from sessions.reports.free_times import course_times
from sessions.reports.handover_summary import summarise
from sessions.rules.proposing import Proposal, Wishes, propose
from sessions.rules.wishes import stored
from sessions.states import PRESENT, Status

NURSES = {"lakeside": ("nurse", "nurse2", "nurse3"), "harbour": ("nurse4", "nurse5")}
PATIENTS_PER_NURSE = 2
LUNCH = timedelta(minutes=45)


def staffed(clinic: Clinic) -> Iterator[Step]:
    """Hours and shifts of the day, before anything of a later day's story is booked.

    Its nurses are counted afterwards only: somebody may be at lunch, or sick since an earlier run.
    """
    people = _people(clinic)
    for number, run in enumerate((_open, _staff, _count_no_nurses, _clear_the_book)):
        yield clinic.now - timedelta(days=8) + timedelta(seconds=number), partial(run, clinic, people)


def planned(clinic: Clinic) -> Iterator[Step]:
    """Everything that is planned, after the story of the day."""
    people = _people(clinic)
    acts: Sequence[Callable[[Clinic, dict[str, Actor]], None]] = (
        _open,
        _staff,
        _count_nurses,
        _close_a_day,
        _keep_chairs,
        _book_ahead,
        _overbook,
        _call_off,
        _wait,
        _get_ready,
        _look_again,
        _authorize,
        _break_down,
        _fall_ill,
        _hand_over,
        _remind,
    )
    for act in acts:
        yield clinic.now, partial(act, clinic, people)


def _people(clinic: Clinic) -> dict[str, Actor]:
    names = ("manager", "admin", "desk", "prescriber", *NURSES[clinic.site.code])
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    return {name: Actor.of_user(users[name]) for name in names}


def _tried(act: Callable[[], Any]) -> Any:
    """What came of an act, or None: there is not room for everything at every hour."""
    try:
        with transaction.atomic():
            return act()
    except ClinicError:
        return None


def _open(clinic: Clinic, people: dict[str, Actor]) -> None:
    open_the_week(clinic, by=people["manager"])


def _staff(clinic: Clinic, people: dict[str, Actor]) -> None:
    nurses = [people[name].user for name in NURSES[clinic.site.code]]
    put_on_duty(clinic, [user for user in nurses if user], by=people["manager"])


def _count_nurses(clinic: Clinic, people: dict[str, Actor], most: int = PATIENTS_PER_NURSE) -> None:
    clinic.site.refresh_from_db()
    rule = {"policy": {"patients_per_nurse": most}}
    edit_site(
        site=clinic.site,
        changes=rule,
        by=people["admin"],
        expected_revision=clinic.site.revision,
        now=clinic.now,
    )
    clinic.site.refresh_from_db()


def _count_no_nurses(clinic: Clinic, people: dict[str, Actor]) -> None:
    _count_nurses(clinic, people, most=0)


def _clear_the_book(clinic: Clinic, people: dict[str, Actor]) -> None:
    """What an earlier run has booked from today on makes room for the story of this day."""
    today = clinic.local_day(clinic.now)
    booked = InfusionSession.objects.filter(site=clinic.site, status=Status.SCHEDULED, local_date__gte=today)
    for session in booked:
        told: dict[str, Any] = {"reason": "The demo begins a new day", "code": CancelCode.CLINIC}
        cancel(session=session, by=people["desk"], now=clinic.now, **told)


def _working_day(clinic: Clinic, number: int, at: time) -> datetime:
    """A time on the first, second, ... working day after today."""
    day = clinic.local_day(clinic.now)
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return datetime.combine(day, at, clinic.site.zone)


def _close_a_day(clinic: Clinic, people: dict[str, Actor]) -> None:
    starts_at = _working_day(clinic, 7, time(0, 0))
    if Closure.objects.filter(site=clinic.site).standing().filter(ends_at__gt=clinic.now).exists():
        return
    add_closure(
        site=clinic.site,
        kind=Closure.Kind.HOLIDAY,
        reason="Founders' day",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=1),
        by=people["manager"],
        now=clinic.now,
    )


def _keep_chairs(clinic: Clinic, people: dict[str, Actor]) -> None:
    keep = partial(block_chair, by=people["desk"], now=clinic.now)
    repair, talk = _working_day(clinic, 2, time(13, 0)), _working_day(clinic, 1, time(16, 0))
    known = Course.objects.filter(site=clinic.site).exclude(state=Course.State.ACTIVE)
    course = known.select_related("patient").order_by("pk").first()
    chairs = clinic.chairs
    for chair, kind, title, start, minutes, patient in (
        (chairs[1], Booking.Kind.MAINTENANCE, "New arm rests", repair, 120, None),
        (chairs[0], Booking.Kind.CONSULTATION, "Talk after the course", talk, 45, course and course.patient),
    ):
        end = start + timedelta(minutes=minutes)
        told = {"chair": chair, "kind": kind, "title": title, "starts_at": start, "ends_at": end}
        _tried(partial(keep, patient=patient, **told))


def _waiting_for_dates(clinic: Clinic) -> list[Course]:
    """Active courses in which nothing is booked beyond today."""
    booked = InfusionSession.objects.filter(status=Status.SCHEDULED, scheduled_start__gt=clinic.now)
    rows = Course.objects.active().filter(site=clinic.site).exclude(pk__in=booked.values("course"))
    return list(rows.select_related("site", "patient", "protocol_version").order_by("pk"))


def _proposed(course: Course, clinic: Clinic, number: int, wishes: Wishes) -> list[Proposal]:
    times = course_times(course, now=clinic.now)
    return propose(
        times.known,
        number=min(number, times.to_book),
        spacing=times.spacing,
        wishes=wishes,
        previous=times.previous,
        days=times.days,
    )


def _book_ahead(clinic: Clinic, people: dict[str, Actor]) -> None:
    """Most courses get their next dates; every fourth is left for whoever looks at the demo to plan."""
    tomorrow = clinic.local_day(clinic.now) + timedelta(days=1)
    chairs = {chair.pk: chair for chair in clinic.chairs}
    last = clinic.chairs[-1].pk
    for place, course in enumerate(_waiting_for_dates(clinic)):
        wishes = Wishes(
            weekdays=frozenset(range(5)),
            starts_from=time(8 + place % 6, 0),
            chair=last if place == 1 else None,
            leaves_chair_open=place % 5 == 2,
            first_day=tomorrow,
        )
        if place % 4 == 3:
            kept = stored(weekdays=(1, 3), starts_from=time(9, 0), starts_until=time(12, 0))
            remember = partial(remember_wishes, course=course, wishes=kept, by=people["desk"])
            _tried(partial(remember, expected_revision=course.revision, now=clinic.now))
            continue
        found = [one for one in _proposed(course, clinic, 1 + place % 3, wishes) if one.starts_at]
        slots = [Slot(one.starts_at, chairs.get(one.chair or 0)) for one in found if one.starts_at]
        _tried(partial(book_series, course=course, slots=slots, by=people["desk"], now=clinic.now))
    _assign(clinic, people)


def _assign(clinic: Clinic, people: dict[str, Actor]) -> None:
    nurses = [people[name] for name in NURSES[clinic.site.code]]
    for place, session in enumerate(_ahead(clinic)):
        if place % 2 == 0:
            nurse = nurses[place // 2 % len(nurses)].user
            _tried(partial(assign_nurse, session=session, nurse=nurse, by=people["desk"], now=clinic.now))


def _ahead(clinic: Clinic) -> list[InfusionSession]:
    """Sessions booked for later days, the next first."""
    later = InfusionSession.objects.filter(
        site=clinic.site, status=Status.SCHEDULED, local_date__gt=clinic.local_day(clinic.now)
    )
    return list(later.select_related("site", "patient", "course", "chair", "booking"))


def _overbook(clinic: Clinic, people: dict[str, Actor]) -> None:
    """One visit against a taken chair, with the reason that somebody gave."""
    by = people[NURSES[clinic.site.code][0]]
    reason = "The visit before is short; the chair is free in time"
    for course in _waiting_for_dates(clinic)[:1]:
        for session in _ahead(clinic):
            told: dict[str, Any] = {
                "chair": session.chair,
                "starts_at": session.scheduled_start + timedelta(minutes=40),
            }
            act = partial(book, course=course, by=by, override_reason=reason, now=clinic.now, **told)
            if not session.booking.is_chair_provisional and _tried(act):
                return


def _call_off(clinic: Clinic, people: dict[str, Actor]) -> None:
    """A visit of the next days is called off, so that its time waits for somebody."""
    for session in _ahead(clinic)[1:2]:
        told: dict[str, Any] = {"reason": "Away for work, asks for a later date", "code": CancelCode.PATIENT}
        _tried(partial(cancel, session=session, by=people["desk"], now=clinic.now, **told))


def _wait(clinic: Clinic, people: dict[str, Actor]) -> None:
    wishes: tuple[dict[str, Any], ...] = (
        {"notice_hours": 2, "is_starred": True, "note": "Scores are rising; comes at short notice"},
        {"weekdays": [1, 3], "not_before": time(9, 0), "notice_hours": 24},
        {"not_after": time(12, 0), "notice_hours": 24, "note": "Has to be home by one"},
    )
    for course, wish in zip(_waiting_for_dates(clinic), wishes, strict=False):
        add = partial(add_to_waiting_list, course=course, wishes=wish, by=people["desk"])
        _tried(partial(add, now=clinic.now))


def _get_ready(clinic: Clinic, people: dict[str, Actor]) -> None:
    """Some patients of the next days were called."""
    item, outcome = ReadinessAnswer.Item, ReadinessAnswer.Outcome
    for place, session in enumerate(_ahead(clinic)[:4]):
        by = people["desk"]
        reached = place % 3 != 2
        spoken = CallAttempt.Outcome.REACHED if reached else CallAttempt.Outcome.LEFT_MESSAGE
        _tried(partial(log_call, session=session, outcome=spoken, by=by, now=clinic.now))
        if reached:
            ride = outcome.SETTLED if place == 0 else outcome.OPEN
            said = "Her sister drives" if place == 0 else "Will ask a neighbour"
            for what, how, note in ((item.RIDE, ride, said), (item.FASTING, outcome.SETTLED, "")):
                answer = partial(answer_readiness, session=session, item=what, outcome=how, note=note)
                _tried(partial(answer, by=by, now=clinic.now))


def _look_again(clinic: Clinic, people: dict[str, Actor]) -> None:
    """The prescriber looked again at one course; the others are on the worklist."""
    for course in _waiting_for_dates(clinic)[:1]:
        look = partial(record_reevaluation, course=course, decision="continue", by=people["prescriber"])
        _tried(partial(look, note="Sleeps better; go on as ordered.", now=clinic.now))


def _authorize(clinic: Clinic, people: dict[str, Actor]) -> None:
    today = clinic.local_day(clinic.now)
    courses = Course.objects.active().filter(site=clinic.site).select_related("patient").order_by("pk")
    for course, (infusions, left) in zip(courses, ((12, 60), (4, 20), (6, -3)), strict=False):
        if course.patient.authorization_entries.exists():
            continue
        entry = Authorization(
            patient=course.patient,
            payer="Example Health Plan",
            reference=f"EX-{course.pk:05}",
            infusions=infusions,
            valid_from=today - timedelta(days=90),
            valid_until=today + timedelta(days=left),
        )
        add_entry(entry=entry, by=people["desk"], now=clinic.now)


def _break_down(clinic: Clinic, people: dict[str, Actor]) -> None:
    """A chair that somebody is booked into goes out of service."""
    chair = clinic.chairs[-1]
    chair.refresh_from_db()
    act = partial(take_out_of_service, chair=chair, reason="The back rest does not hold", by=people["admin"])
    _tried(partial(act, expected_revision=chair.revision, now=clinic.now))


def _fall_ill(clinic: Clinic, people: dict[str, Actor]) -> None:
    """The second nurse is sick on the next working day."""
    nurse = people[NURSES[clinic.site.code][1]]
    starts_at = _working_day(clinic, 1, time(0, 0))
    assert nurse.user is not None
    away = partial(record_leave, user=nurse.user, kind=StaffLeave.Kind.SICK, by=nurse, now=clinic.now)
    _tried(partial(away, starts_at=starts_at, ends_at=starts_at + timedelta(days=1)))


def _hand_over(clinic: Clinic, people: dict[str, Actor]) -> None:
    """The first nurse offers everybody to the second over lunch; it waits to be accepted."""
    giver, taker = (people[name] for name in NURSES[clinic.site.code][:2])
    if not InfusionSession.objects.filter(site=clinic.site, nurse=giver.user, status__in=PRESENT).exists():
        return
    assert taker.user is not None
    offer = partial(offer_handover, site=clinic.site, to_nurse=taker.user, by=giver, summarise=summarise)
    _tried(partial(offer, until=clinic.now + LUNCH, note="Lunch", now=clinic.now))


def _remind(clinic: Clinic, people: dict[str, Actor]) -> None:
    write_texts(clinic, by=people["admin"])
    queue_reminders(site=clinic.site, by=people["desk"], now=clinic.now)
