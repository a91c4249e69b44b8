"""Which courses belong together, and what was given elsewhere? The episode around one course.

Two queries, and at most four, however many courses there are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.accounts.actor import Actor
from sessions.models import Course, CoursePhase, OutcomeBaseline, OutsideInfusion, Reevaluation
from sessions.reports.kinds import kinds_with_rows
from sessions.rules.corrections import standing
from sessions.rules.episodes import members_of

INDUCTION = CoursePhase.Phase.INDUCTION
SHOWN = ("public_id", "patient_id", "site_id", "ordered_at", "protocol_version__protocol__name")
"""What an episode tells of a course beside the one that is looked at: the rest of two wide rows is left where it is."""
PHASES, OUTSIDE, BASELINES, LOOKS = "phases", "outside", "baselines", "looks"
_ABOUT_COURSES: dict[str, Any] = {
    PHASES: CoursePhase,
    OUTSIDE: OutsideInfusion,
    BASELINES: OutcomeBaseline,
    LOOKS: Reevaluation,
}
KINDS = {
    kind: f"SELECT 1 FROM {model._meta.db_table} AS fact JOIN sessions_course AS course ON course.id = fact.course_id"
    " WHERE course.patient_id = %s"
    for kind, model in _ABOUT_COURSES.items()
}
"""What is said about courses and hardly ever is; asked for once and for all of a patient's courses."""


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
        there: of which kinds of :data:`KINDS` there is anything for any of the patient's courses.
        is_partial: a course from which one of them goes on is at a site that the reader may not open.
        others: inner keys of the patient's courses that are not of the episode, and what was given elsewhere beside
            them.
    """

    course: Course
    parts: tuple[Part, ...]
    outside: tuple[OutsideInfusion, ...]
    there: frozenset[str]
    is_partial: bool
    others: frozenset[int]
    outside_others: tuple[OutsideInfusion, ...]

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
    there = kinds_with_rows(KINDS, course.patient_id)
    said: dict[int, CoursePhase] = _said(known) if PHASES in there else {}
    chosen = members_of(course.pk, {pk: row.continues_id for pk, row in said.items()})
    parts = tuple(Part(row, said.get(row.pk)) for row in known.values() if row.pk in chosen)
    outside = standing(_outside(known)) if OUTSIDE in there else []
    return Episode(
        course=course,
        parts=parts,
        outside=tuple(row for row in outside if row.course_id in chosen),
        there=there,
        is_partial=bool(chosen - known.keys()),
        others=frozenset(known.keys() - chosen),
        outside_others=tuple(row for row in outside if row.course_id not in chosen),
    )


def _said(courses: Collection[int]) -> dict[int, CoursePhase]:
    """By course, the row that stands: the last one."""
    rows = CoursePhase.objects.filter(course__in=courses).select_related("taken_by")
    return {row.course_id: row for row in rows.order_by("entered_at", "pk")}


def _outside(courses: Collection[int]) -> Iterable[OutsideInfusion]:
    rows = OutsideInfusion.objects.filter(course__in=courses).select_related("taken_by")
    return rows.order_by("given_on", "pk")


def courses_to_continue(course: Course, *, actor: Actor) -> Sequence[Any]:
    """What a course may go on from: the patient's earlier courses, the latest first."""
    mine: Iterable[Any] = Course.objects.for_user(actor).filter(
        patient=course.patient_id, ordered_at__lt=course.ordered_at
    )
    return list(mine.select_related("site", "protocol_version__protocol").order_by("-ordered_at"))  # type: ignore[attr-defined]
