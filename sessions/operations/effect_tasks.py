"""What a side effect leaves to be done: the tasks of a serious one, and the question whether it is over."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor, ActorKind
from sessions.models import FollowUp, InfusionSession, SideEffect
from sessions.operations.following_up import open_follow_up, settle

Kind, Task = FollowUp.Kind, FollowUp.Task


def open_tasks_of_serious(
    *, side_effect: SideEffect, session: InfusionSession, by: Actor, now: datetime
) -> None:
    """Tell the prescriber, write the narrative, review, report: once for each serious side effect.

    Who saw it tells and writes; who ordered the course reviews and reports. The hours are the site's, and 0 is no
    clock.
    """
    if side_effect.follow_ups.filter(kind=Kind.SERIOUS_EFFECT).exists():
        return
    rules, seen_by, prescriber = session.site.rules, by.user, session.course.ordered_by
    review_at = _after(now, rules.serious_review_hours)
    tasks = (
        (Task.TELL, now, seen_by),
        (Task.NARRATIVE, review_at, seen_by),
        (Task.REVIEW, review_at, prescriber),
        (Task.REPORT, _after(now, rules.serious_report_hours), prescriber),
    )
    for task, due_at, person in tasks:
        open_follow_up(
            session=session,
            kind=Kind.SERIOUS_EFFECT.value,
            task=task.value,
            side_effect=side_effect,
            reason=side_effect.get_term_display(),
            due_at=due_at,
            assigned_to=person,
            by=by,
            now=now,
        )


def follow_open_effect(
    *, side_effect: SideEffect, session: InfusionSession, by: Actor, now: datetime
) -> None:
    """The patient has gone and it was not over: somebody asks again."""
    open_follow_up(
        session=session,
        kind=Kind.UNRESOLVED_EFFECT.value,
        side_effect=side_effect,
        reason=_("%(effect)s was not over") % {"effect": side_effect.get_term_display()},
        due_at=_after(now, session.site.rules.effect_follow_up_hours),
        # A patient who told it through a link looks after nobody.
        assigned_to=session.nurse or (None if by.kind is ActorKind.LINK else by.user),
        by=by,
        now=now,
    )


def follow_open_effects(*, session: InfusionSession, by: Actor, now: datetime) -> None:
    """As :func:`follow_open_effect`, for everything that was not over when the visit was."""
    for effect in session.side_effects.prefetch_related("entries"):
        last = effect.latest
        if last is not None and last.resolved_at is None:
            follow_open_effect(side_effect=effect, session=session, by=by, now=now)


def settle_task(*, side_effect: SideEffect, task: str, by: Actor, now: datetime) -> None:
    """The task of a serious side effect has just been done."""
    done = {Task.NARRATIVE.value: _("The narrative was written."), Task.REVIEW.value: _("It was reviewed.")}
    settle(side_effect.follow_ups.filter(task=task), text=done[task], by=by, now=now)


def settle_open_effect(*, side_effect: SideEffect, by: Actor, now: datetime) -> None:
    """It is over, so nobody need ask again."""
    open_ones = side_effect.follow_ups.filter(kind=Kind.UNRESOLVED_EFFECT)
    settle(open_ones, text=_("The side effect is over."), by=by, now=now)


def _after(now: datetime, hours: int) -> datetime | None:
    return now + timedelta(hours=hours) if hours else None
