"""Which courses belong together, and what was given elsewhere? The episode around one course.

Three queries, however many courses there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.accounts.actor import Actor
from sessions.models import Course, CoursePhase, OutsideInfusion
from sessions.rules.episodes import members_of

INDUCTION = CoursePhase.Phase.INDUCTION
SHOWN = ("public_id", "patient_id", "site_id", "ordered_at", "protocol_version__protocol__name")
"""What an episode tells of a course beside the one that is looked at: the rest of two wide rows is left where it is."""


@dataclass(frozen=True, slots=True)
class Part:
    """One course of the episode. ``said`` is the row that stands; None: nobody has said anything."""

    course: Any
    said: CoursePhase | None

    @property
    def phase(self) -> str:
        return self.said.phase if self.said else INDUCTION

    @property
    def label(self) -> Any:
        return CoursePhase.Phase(self.phase).label

    @property
    def begins(self) -> bool:
        return self.phase == INDUCTION


@dataclass(frozen=True, slots=True)
class Episode:
    """The courses that go on from one another, in the order of their orders, and the infusions given elsewhere.

    Attributes:
        is_partial: a course from which one of them goes on is at a site that the reader may not open.
        has_others: the patient has any course that is not of the episode.
    """

    course: Course
    parts: tuple[Part, ...]
    outside: tuple[OutsideInfusion, ...]
    is_partial: bool
    has_others: bool

    @property
    def own(self) -> Part:
        """The part that the course itself is."""
        return next(part for part in self.parts if part.course.pk == self.course.pk)

    @property
    def is_alone(self) -> bool:
        """One course, and nothing from elsewhere."""
        return len(self.parts) == 1 and not self.outside

    @property
    def first_day(self) -> date:
        """The day of the first order, or of the first infusion elsewhere where that was earlier."""
        ordered = [part.course.ordered_at.date() for part in self.parts]
        return min([*ordered, *(infusion.given_on for infusion in self.outside)])


def episode_of(course: Course, *, actor: Actor) -> Episode:
    """Courses at sites that the reader may not open are left out; ``course`` itself was loaded through the scope."""
    mine = Course.objects.for_user(actor).filter(patient=course.patient_id)
    courses = mine.select_related("protocol_version__protocol").only(*SHOWN).order_by("ordered_at", "pk")
    known = {row.pk: row for row in courses} | {course.pk: course}
    said: dict[int, CoursePhase] = {}
    for row in (
        CoursePhase.objects.filter(course__in=known).select_related("taken_by").order_by("entered_at", "pk")
    ):
        said[row.course_id] = row
    chosen = members_of(course.pk, {pk: row.continues_id for pk, row in said.items()})
    parts = tuple(Part(row, said.get(row.pk)) for row in known.values() if row.pk in chosen)
    outside = OutsideInfusion.objects.filter(course__in=chosen & known.keys()).select_related("taken_by")
    rows: list[Any] = list(outside.order_by("given_on", "pk"))
    struck = {row.corrects_id for row in rows}
    return Episode(
        course=course,
        parts=parts,
        outside=tuple(row for row in rows if row.pk not in struck and not row.retracted),
        is_partial=bool(chosen - known.keys()),
        has_others=bool(known.keys() - chosen),
    )


def courses_to_continue(course: Course, *, actor: Actor) -> Sequence[Any]:
    """What a course may go on from: the patient's earlier courses, the latest first."""
    mine: Iterable[Any] = Course.objects.for_user(actor).filter(
        patient=course.patient_id, ordered_at__lt=course.ordered_at
    )
    return list(mine.select_related("site", "protocol_version__protocol").order_by("-ordered_at"))  # type: ignore[attr-defined]
