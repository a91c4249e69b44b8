"""How often was a course looked at again, and what was decided?"""

from dataclasses import dataclass

from clinic.accounts.actor import Actor
from sessions.models import Reevaluation
from sessions.reports.course_picture import CoursePicture
from sessions.reports.episodes import LOOKS


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


def looks_at(picture: CoursePicture, *, actor: Actor) -> Looks:
    """In one query at most, for the reader for whom the picture was made."""
    course = picture.course
    rows: tuple[Reevaluation, ...] = ()
    if LOOKS in picture.episode.there:
        found = Reevaluation.objects.for_user(actor).filter(course=course).select_related("taken_by")
        rows = tuple(found.order_by("-taken_at", "-pk"))
    given = picture.given - (rows[0].delivered if rows else 0)
    return Looks(rows, given, course.protocol_version.reevaluate_after_infusions)
