"""Who waits for a session at short notice, since when, and with which wishes?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.facilities.models import Site, Weekday
from patients.models import Registration
from sessions.models import Course, InfusionSession, WaitingEntry
from sessions.states import ENDED, OFF

State = WaitingEntry.State


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry as the list shows it.

    Attributes:
        days: those of the course's sessions that took place or may still.
        planned: the infusions that were ordered.

    Example: ``Waiting(entry, "100003", (date(2026, 3, 4), date(2026, 3, 9)), 6)``
    """

    entry: Any
    record_number: str
    days: tuple[date, ...]
    planned: int

    @property
    def weekday_words(self) -> str:
        """``Mon, Wed``; any day where none was named."""
        named = [str(Weekday(day).label)[:3] for day in self.entry.weekdays]
        return ", ".join(named) or _("Any day")

    @property
    def left(self) -> int:
        """Infusions of the course that are neither booked nor given."""
        return max(0, self.planned - len(self.days))

    @property
    def can_be_booked(self) -> bool:
        """Whether the course takes another session at all."""
        course, patient = self.entry.course, self.entry.patient
        return self.left > 0 and course.state == Course.State.ACTIVE and not patient.is_deceased


def entries_at(site: Site, *, actor: Actor, state: str = State.WAITING) -> QuerySet[WaitingEntry]:
    """The entries of a site in a state: those that wait oldest first, the others with the latest first."""
    found = WaitingEntry.objects.for_user(actor).filter(site=site, state=state)
    found = found.order_by("added_at", "pk") if state == State.WAITING else found.order_by("-added_at", "-pk")
    numbers = Registration.objects.filter(patient=OuterRef("patient"), site=OuterRef("site"))
    named = found.select_related("patient", "course__protocol_version__protocol", "added_by", "session")
    return named.annotate(record_number=Subquery(numbers.values("record_number")[:1]))


def waiting_rows(
    site: Site,
    *,
    actor: Actor,
    state: str = State.WAITING,
    only_starred: bool = False,
    start: int = 0,
    limit: int | None = None,
) -> list[Waiting]:
    """A part of a site's list, in two queries."""
    found = entries_at(site, actor=actor, state=state)
    found = found.filter(is_starred=True) if only_starred else found
    entries = list(found[start : None if limit is None else start + limit])
    days = days_of([entry.course_id for entry in entries])
    return [
        Waiting(
            entry,
            entry.record_number or "",  # type: ignore[attr-defined]
            tuple(days.get(entry.course_id, ())),
            entry.course.planned_infusions,
        )
        for entry in entries
    ]


def days_of(courses: Sequence[int]) -> dict[int, list[date]]:
    """By course, the days of its sessions that took place or may still: the same ones that the rules count."""
    taking_place = InfusionSession.objects.filter(course__in=courses).exclude(status__in=OFF)
    taking_place = taking_place.exclude(Q(status__in=ENDED, infusion_started_at__isnull=True))
    found: defaultdict[int, list[date]] = defaultdict(list)
    for course_id, day in taking_place.order_by("local_date").values_list("course", "local_date"):
        found[course_id].append(day)
    return found


def could_wait(site: Site, *, actor: Actor) -> QuerySet[Course]:
    """Active courses at a site that are not on the list, by the patients' names."""
    waiting = WaitingEntry.objects.filter(site=site, state=State.WAITING).values("course")
    courses = Course.objects.for_user(actor).filter(site=site).active().exclude(pk__in=waiting)
    alive = courses.filter(patient__deceased_on__isnull=True)
    return alive.select_related("patient", "protocol_version__protocol").order_by("patient__sort_key", "pk")
