"""The four ways an action can be turned down, each with a sentence for the person who asked.

A page, the API and a command show the same sentence; tests assert the code. Nothing else in the house
decides what an error looks like: :mod:`clinic.common.http` draws it for pages and
:mod:`clinic.common.api.problems` writes it as problem JSON.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words.

    Attributes:
        code: stable, dotted name, for tests and for other systems.
        message: translatable sentence with ``%(name)s`` places: what is wrong, and what to do.
        params: values for those places.
        link: a page or an anchor where the reader can mend it.
    """

    code: str
    message: Any
    params: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class ClinicError(Exception):
    """Base of every expected refusal. ``status`` is the HTTP status it is answered with."""

    status = 400

    def __init__(self, problem: Problem, *, also: Iterable[Problem] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.problems: tuple[Problem, ...] = (problem, *also)

    @property
    def code(self) -> str:
        return self.problem.code

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)


class Refused(ClinicError):
    """This person may not do this (403)."""

    status = 403


class PasswordNeeded(Refused):
    """The person may, but the session has to be confirmed with the password first (403)."""


class Conflict(ClinicError):
    """Not possible in the present state of the record (409).

    Several obstacles can stand in the way at once; ``problems`` lists them all.
    """

    status = 409


class Stale(Conflict):
    """Someone else has saved a newer version since this one was read (412). ``current`` is their version."""

    status = 412

    def __init__(self, problem: Problem, *, current: Any = None) -> None:
        super().__init__(problem)
        self.current = current


class PreconditionRequired(ClinicError):
    """An edit came without saying which version it edits (428)."""

    status = 428


class Invalid(ClinicError):
    """What was typed cannot be stored as it is (422): ``{field: [problems]}``, the whole form under ``""``."""

    status = 422

    def __init__(self, fields: Mapping[str, Problem | Iterable[Problem]]) -> None:
        self.fields: dict[str, list[Problem]] = {
            name: [problems] if isinstance(problems, Problem) else list(problems)
            for name, problems in fields.items()
        }
        first, *rest = [problem for problems in self.fields.values() for problem in problems]
        super().__init__(first, also=rest)


def stale(current: Any = None) -> Stale:
    """The refusal of an edit based on an older version."""
    return Stale(
        Problem(
            "revision.stale",
            _("Someone else changed this while you had it open. Compare both versions, then save again."),
        ),
        current=current,
    )


def problems_of(check: Callable[..., object], **arguments: Any) -> tuple[Problem, ...]:
    """What a check would refuse with; nothing where it lets pass."""
    try:
        check(**arguments)
    except ClinicError as refusal:
        return refusal.problems
    return ()
