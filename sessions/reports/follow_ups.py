"""What is still open for patients who were here: overdue, due today, later, and without a clock?"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from patients.models import Patient, SuicideReview
from sessions.models import CallAttempt, FollowUp, FollowUpEntry
from sessions.rules.following_up import people_for_follow_ups

OVERDUE, TODAY, LATER, UNTIMED = "overdue", "today", "later", "untimed"


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One line of the worklist; ``part`` says how urgent it is on the clocks of its site."""

    follow_up: Any
    carer: User | None
    part: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """Open follow-ups by urgency, and how many there are of each kind before a kind was chosen."""

    rows: tuple[FollowUpRow, ...]
    kinds: Counter[str]

    def of(self, part: str) -> list[FollowUpRow]:
        return [row for row in self.rows if row.part == part]

    @property
    def parts(self) -> list[tuple[str, list[FollowUpRow]]]:
        return [(part, self.of(part)) for part in (OVERDUE, TODAY, UNTIMED, LATER)]


def open_follow_ups(sites: Iterable[Any], *, actor: Actor) -> QuerySet[Any]:
    """Everything open at these sites, within reach, the most urgent first."""
    found = FollowUp.objects.for_user(actor).filter(site__in=[site.pk for site in sites]).open()
    return found.with_state().select_related("patient", "site", "session", "side_effect")


def follow_up_worklist(
    sites: Iterable[Any], *, actor: Actor, now: datetime, kind: str = "", mine: bool = False
) -> Worklist:
    """The worklist: two queries, however long it is."""
    found = list(open_follow_ups(sites, actor=actor))
    if mine:
        found = [each for each in found if each.carer_id == actor.user_id]
    kinds = Counter(each.kind for each in found)
    shown = [each for each in found if not kind or each.kind == kind]
    people = User.objects.in_bulk({each.carer_id for each in shown} - {None})
    rows = (FollowUpRow(each, people.get(each.carer_id), part_of(each, now)) for each in shown)
    return Worklist(tuple(rows), kinds)


def part_of(follow_up: Any, now: datetime) -> str:
    """How urgent an open one is; needs ``with_state()``."""
    if follow_up.due is None:
        return UNTIMED
    if follow_up.due < now:
        return OVERDUE
    zone = follow_up.site.time_zone
    # Midnight ends the day that it closes.
    due_on = clock.local_date(follow_up.due - timedelta(microseconds=1), zone)
    return TODAY if due_on == clock.local_date(now, zone) else LATER


def count_pressing(sites: Iterable[Any], *, actor: Actor, now: datetime) -> int:
    """How many are overdue, due today, or without a clock: the number in the menu."""
    found = open_follow_ups(sites, actor=actor)
    return sum(part_of(each, now) != LATER for each in found)


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """One follow-up with everything that was done about it, the latest first.

    Attributes:
        calls: of a call after a no-show, those that were noted with the visit itself, by whoever books.
        reviews: the open reviews of the patient's answers on suicide within reach, where it may be about one.
    """

    follow_up: Any
    carer: User | None
    entries: list[FollowUpEntry]
    part: str
    may_work: bool
    colleagues: list[User]
    calls: list[CallAttempt]
    reviews: list[Any]

    @property
    def is_call(self) -> bool:
        """Whether somebody is to be called after a no-show: the call then comes first on the page."""
        return bool(self.follow_up.kind == FollowUp.Kind.NO_SHOW_CALL)

    @property
    def opens_done(self) -> bool:
        return not self.is_call


def one_follow_up(follow_up_id: UUID, *, actor: Actor, now: datetime) -> FollowUpPage | None:
    """One within reach; None where there is none."""
    mine = FollowUp.objects.for_user(actor).filter(public_id=follow_up_id).with_state()
    found: Any = mine.select_related("patient", "site", "session", "side_effect", "opened_by").first()
    if found is None:
        return None
    may_work = not found.closed and actor.can(Permission.RECORD_OBSERVATIONS, found.site_id)
    return FollowUpPage(
        follow_up=found,
        carer=User.objects.filter(pk=found.carer_id).first() if found.carer_id else None,
        entries=list(found.entries.select_related("taken_by", "assigned_to").order_by("-taken_at", "-pk")),
        part=part_of(found, now),
        may_work=may_work,
        colleagues=colleagues_at(found.site_id) if may_work else [],
        **_about_call(found, actor),
    )


def _about_call(follow_up: Any, actor: Actor) -> dict[str, list[Any]]:
    """What a call after a no-show shows beside its own log."""
    if follow_up.kind != FollowUp.Kind.NO_SHOW_CALL:
        return {"calls": [], "reviews": []}
    calls = CallAttempt.objects.filter(session=follow_up.session_id).select_related("taken_by")
    reviews = SuicideReview.objects.for_user(actor).open().filter(patient=follow_up.patient_id)
    return {"calls": list(calls), "reviews": list(reviews)}


def open_calls_of(sessions: Collection[int]) -> dict[int, UUID]:
    """By session, the open call after its no-show; no query where no session is asked about."""
    if not sessions:
        return {}
    rows = FollowUp.objects.open().filter(session__in=sessions, kind=FollowUp.Kind.NO_SHOW_CALL)
    return dict(rows.values_list("session", "public_id"))


def open_of_patient(patient: Patient, *, actor: Actor) -> list[Any]:
    """Everything within reach that is still open for one patient, the most urgent first; one query."""
    mine = FollowUp.objects.for_user(actor).filter(patient=patient).open()
    return list(mine.with_state().select_related("site", "side_effect"))


def colleagues_at(site_id: int) -> list[User]:
    """Everybody at a site whom a follow-up can be handed to, by name."""
    people = User.objects.filter(pk__in=people_for_follow_ups(site_id).values("user"))
    return list(people.order_by("display_name", "pk"))
