"""What today shows beside its visits: who answers, the opening list, follow-ups, an answer that waits for review."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from patients.models import AnswerCover, SuicideReview
from patients.operations.answer_cover import accept_answers
from patients.operations.suicide_reviews import assign_review
from patients.rules.review_climbing import job_at
from sessions.demo.duty import AFTER, BEFORE
from sessions.demo.patients import tell_of_suicide
from sessions.demo.story import Clinic
from sessions.demo.visits import Step
from sessions.models import InfusionSession
from sessions.operations.day_list import answer_day_list
from sessions.operations.following_up import add_follow_up, log_attempt
from sessions.operations.late_effects import report_late_effect
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.review_climbing import pass_on_reviews
from sessions.rules.responsible import on_call_clinician, responsible_prescriber
from sessions.states import Status

ANSWERED_BEFORE = timedelta(minutes=63)
"""Longer than a review may wait: it has just climbed when the demo is opened."""
NIGHT = timedelta(hours=9)
LOOKED_AT = (
    ("oxygen", "ok", ""),
    ("airway", "ok", ""),
    ("suction", "not_ok", "Tubing cracked; replaced from the store room"),
    ("defibrillator", "ok", ""),
)
"""The rest of the opening list is left open."""


def opened(clinic: Clinic) -> Iterator[Step]:
    """Before the visits of today: who answers for them."""
    yield clinic.now - BEFORE, partial(_name, clinic)


def shown_today(clinic: Clinic) -> Iterator[Step]:
    """After them: what is left for whoever looks at the demo."""
    acts: tuple[Callable[[Clinic], None], ...] = (
        _open_the_day,
        _follow_up,
        _told_later,
        _answer_on_suicide,
        _accept_the_night,
    )
    for act in acts:
        yield clinic.now, partial(act, clinic)


def _name(clinic: Clinic) -> None:
    begins, ends = clinic.now - BEFORE, clinic.now + AFTER
    director = User.objects.get(username="director")
    on_site = len(clinic.chairs) > 5
    for kind, user, known in (
        ("responsible", clinic.crew.prescriber.user, responsible_prescriber(clinic.site, begins)),
        ("on_call", director, on_call_clinician(clinic.site, begins)),
    ):
        is_here = kind == "responsible" and on_site
        if known is None and user is not None:
            name_responsible(
                site=clinic.site,
                kind=kind,
                user=user,
                presence="on_site" if is_here else "by_phone",
                phone="" if is_here else "555 0142",
                starts_at=begins,
                ends_at=ends,
                by=clinic.crew.nurse,
                now=begins,
            )


def _open_the_day(clinic: Clinic) -> None:
    for item, outcome, note in LOOKED_AT:
        answer_day_list(
            site=clinic.site,
            moment="opening",
            item=item,
            outcome=outcome,
            note=note,
            by=clinic.crew.nurse,
            now=clinic.now,
        )


def _gone_before_today(clinic: Clinic) -> list[InfusionSession]:
    """The last visits of earlier days, the latest first."""
    rows = InfusionSession.objects.filter(site=clinic.site, status=Status.DISCHARGED)
    earlier = rows.filter(local_date__lt=clinic.local_day(clinic.now)).select_related("site", "patient")
    return list(earlier.order_by("-scheduled_start", "-pk")[:3])


def _follow_up(clinic: Clinic) -> None:
    """A call that is overdue and was tried once, and one for tonight."""
    by, visits = clinic.crew.nurse, _gone_before_today(clinic)
    for session, due, reason in zip(
        visits, (-2, 4), ("Ask how the night was", "Was dizzy on the way home last time"), strict=False
    ):
        opened = add_follow_up(
            session=session,
            kind="next-day" if due < 0 else "other",
            reason=reason,
            due_at=clinic.now + timedelta(hours=due),
            by=by,
            now=clinic.now - timedelta(hours=5),
        )
        if due < 0:
            log_attempt(follow_up=opened, text="No answer, message left", by=by, now=clinic.now)


def _told_later(clinic: Clinic) -> None:
    """The day after, on the phone."""
    for session in _gone_before_today(clinic)[2:]:
        assert session.closed_at is not None
        told = min(session.closed_at + timedelta(hours=18), clinic.now)
        report_late_effect(
            session=session,
            term="headache",
            severity="moderate",
            reporter="patient",
            words="Headache since the evening, paracetamol helped a little",
            onset_at=min(session.closed_at + timedelta(hours=4), told),
            reported_at=told,
            by=clinic.crew.nurse,
            now=told,
        )


def _answer_on_suicide(clinic: Clinic) -> None:
    """A patient who comes later today has answered item 9; its review was not confirmed, and has climbed once."""
    ahead = InfusionSession.objects.filter(site=clinic.site, status=Status.SCHEDULED)
    session = ahead.filter(local_date=clinic.local_day(clinic.now)).select_related("patient").last()
    if session is not None:
        by: Actor = clinic.crew.nurse
        asked = clinic.now - ANSWERED_BEFORE
        tell_of_suicide(session.patient, crew=clinic.crew, at=asked, chance=clinic.new_chance())
        review = SuicideReview.objects.filter(patient=session.patient).latest("opened_at")
        assert by.user is not None
        assign_review(review=review, owner=by.user, by=by, now=asked)
        pass_on_reviews(site=clinic.site, by=job_at([clinic.site]), now=review.due_at)


def _accept_the_night(clinic: Clinic) -> None:
    """Whoever is on call reads tonight's answers, so that links may go out in these hours."""
    begins, ends = clinic.now + AFTER, clinic.now + AFTER + NIGHT
    if AnswerCover.objects.standing().filter(site=clinic.site).overlapping(begins, ends).exists():
        return
    director = Actor.of_user(User.objects.get(username="director"))
    accept_answers(site=clinic.site, starts_at=begins, ends_at=ends, by=director, now=clinic.now)
