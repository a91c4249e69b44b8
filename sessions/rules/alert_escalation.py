"""Who is told next of an alert that nobody acknowledges. Nothing here asks a database or reads a clock."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Step(StrEnum):
    """The people who are told, in this order."""

    NURSE = "nurse"
    PRESCRIBER = "prescriber"
    ON_CALL = "on_call"
    MANAGER = "manager"


STEP_WORDS: dict[str, Any] = {
    Step.NURSE.value: _("another nurse"),
    Step.PRESCRIBER.value: _("the responsible prescriber"),
    Step.ON_CALL.value: _("the clinician on call"),
    Step.MANAGER.value: _("the manager, for information"),
}


@dataclass(frozen=True, slots=True)
class People:
    """Who can be told at a site now, by inner key.

    Attributes:
        nurses: on duty, those with the fewest patients first.
        managers: they are informed and asked for nothing.
    """

    nurses: tuple[int, ...] = ()
    prescriber: int | None = None
    on_call: int | None = None
    managers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is due; ``to`` is None where nobody is there for it: that too is written down."""

    step: Step
    to: int | None


def steps_due(
    *, age: timedelta, done: Collection[str], people: People, carer: int | None, minutes: int
) -> list[Due]:
    """The steps whose time has come and that were not taken yet.

    Each step waits the site's minutes for the one before it. Where nobody is there for a step, nobody is waited for:
    the next one takes its time. The manager is told together with the clinician on call.

    Args:
        carer: who looks after the patient and has had the alert from the beginning.
        minutes: 0: the site has set no escalation, and nothing is ever due.
    """
    if not minutes:
        return []
    plan = _plan(people, carer, minutes)
    return [Due(step, to) for step, to, after in plan if after <= age and step.value not in done]


def next_step_in(
    *, age: timedelta, done: Collection[str], people: People, carer: int | None, minutes: int
) -> timedelta | None:
    """How long until the next step is due; None where none will be."""
    left = [after - age for step, _to, after in _plan(people, carer, minutes) if step.value not in done]
    return min(left, default=None) if minutes else None


def _plan(people: People, carer: int | None, minutes: int) -> Iterator[tuple[Step, int | None, timedelta]]:
    """Every step with who is told, and how long after the alert."""
    others = [user_id for user_id in people.nurses if user_id != carer]
    told = {
        Step.NURSE: others[0] if others else None,
        Step.PRESCRIBER: people.prescriber,
        Step.ON_CALL: people.on_call,
    }
    after = wait = timedelta(minutes=minutes)
    for step, to in told.items():
        last = after
        yield step, to, after
        if to is not None:
            after += wait
    yield Step.MANAGER, people.managers[0] if people.managers else None, last
