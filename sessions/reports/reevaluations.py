"""How often was a course looked at again, and what was decided?"""

from dataclasses import dataclass

from clinic.accounts.actor import Actor
from sessions.models import Course, Reevaluation


@dataclass(frozen=True, slots=True)
class Looks:
    """The re-evaluations of a course, the latest first, and how many infusions were given since.

    Attributes:
        after: how many the protocol lets pass; None where it asks for none.
    """

    rows: tuple[Reevaluation, ...]
    since: int
    after: int | None

    @property
    def is_due(self) -> bool:
        return self.after is not None and self.since >= self.after


def looks_at(course: Course, *, actor: Actor, given: int) -> Looks:
    """In one query. ``given`` are the infusions of the course so far, as its picture counts them."""
    found = Reevaluation.objects.for_user(actor).filter(course=course).select_related("taken_by")
    rows = tuple(found.order_by("-taken_at", "-pk"))
    version = course.protocol_version
    return Looks(rows, given - (rows[0].delivered if rows else 0), version.reevaluate_after_infusions)
