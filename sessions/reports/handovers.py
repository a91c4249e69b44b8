"""Handovers as their pages show them: my patients, colleagues with their load, what waits for me, and the day's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from sessions.models import Handover, HandoverSession, InfusionSession
from sessions.models.handover import HandoverQuerySet
from sessions.models.infusion_session import InfusionSessionQuerySet
from sessions.reports.handover_summary import as_told, summarise
from sessions.rules.covering import nurses_at, overload
from sessions.states import PRESENT


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of a handover, with the lines that are told.

    Attributes:
        offered: the open handover in which I have offered this patient of mine.
    """

    session: Any
    lines: list[tuple[str, list[str]]] = field(default_factory=list)
    offered: Handover | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may take patients over, and how many they look after now."""

    user: User
    patients: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A handover with the patients that are in it.

    Attributes:
        left: patients who would be, or were, taken over; of an open offer only those who are still here and with
            whoever offered.
        reason: why it was declined or taken over.
        warning: more patients than the site's rule allows.
    """

    handover: Any
    left: list[Patient]
    reason: str = ""
    warning: Problem | None = None

    @property
    def chairs(self) -> list[str]:
        return [patient.session.chair.name for patient in self.left]


def my_patients(site: Site, *, actor: Actor, now: datetime) -> list[Patient]:
    """Whom I look after at a site now, each with what would be told."""
    mine = _seated(_here(site, actor).looked_after_by(actor.user_id, now))
    found = list(mine)
    told, offers = summarise(found, now), _offered(found, actor=actor, now=now)
    return [Patient(row, as_told(told, row.public_id), offers.get(row.pk)) for row in found]


def _offered(mine: Sequence[Any], *, actor: Actor, now: datetime) -> dict[int, Handover]:
    open_ones = Handover.objects.open(now).filter(from_nurse=actor.user_id)
    rows = HandoverSession.objects.filter(session__in=mine, handover__in=open_ones)
    return {row.session_id: row.handover for row in rows.select_related("handover__to_nurse")}


def colleagues(site: Site, *, actor: Actor, now: datetime) -> list[Colleague]:
    """Everybody else who may look after patients at a site, by name."""
    loads = loads_at(site, actor=actor, now=now)
    people = User.objects.filter(pk__in=nurses_at(site).values("user")).exclude(pk=actor.user_id)
    return [Colleague(user, loads.get(user.pk, 0)) for user in people.order_by("display_name", "pk")]


def loads_at(site: Site, *, actor: Actor, now: datetime) -> dict[int, int]:
    """How many patients each person looks after at a site now."""
    return _here(site, actor).count_by_carer(now)


def waiting_for(site: Site, *, actor: Actor, now: datetime) -> list[Shown]:
    """Offers at a site that wait for my answer, the oldest first; two queries, and none for who may not nurse."""
    if not actor.can(Permission.RUN_INFUSION, site.pk) or actor.user_id is None:
        return []
    offers = Handover.objects.for_user(actor).open(now).filter(site=site, to_nurse=actor.user_id)
    # Asked by every board every few seconds, and hardly ever is there one: the plain question is the cheap one.
    if not offers.exists():
        return []
    found = [shown(row) for row in read(offers, actor=actor, now=now).order_by("offered_at", "pk")]
    waiting = [each for each in found if each.left]
    if not waiting or not site.rules.patients_per_nurse:
        return waiting
    mine = loads_at(site, actor=actor, now=now).get(actor.user_id, 0)
    return [_warned(each, mine, site=site) for each in waiting]


def handovers_of_day(site: Site, *, actor: Actor, day: date, mine: bool, now: datetime) -> list[Shown]:
    """A day's handovers at a site, the latest first."""
    start, end = clock.day_range(day, site.time_zone)
    rows = Handover.objects.for_user(actor).filter(site=site, offered_at__gte=start, offered_at__lt=end)
    if mine:
        rows = rows.filter(Q(from_nurse=actor.user_id) | Q(to_nurse=actor.user_id))
    return [shown(row) for row in read(rows, actor=actor, now=now)]


def one_handover(public_id: Any, *, actor: Actor, now: datetime) -> Shown | None:
    """One handover within reach, with its warning where it is mine to answer."""
    row = read(Handover.objects.for_user(actor).filter(public_id=public_id), actor=actor, now=now).first()
    if row is None:
        return None
    found = shown(row)
    if row.to_nurse_id != actor.user_id or not is_open(row, now):
        return found
    load = loads_at(row.site, actor=actor, now=now).get(row.to_nurse_id, 0)
    return _warned(found, load, site=row.site)


def shown(handover: Any) -> Shown:
    """A handover that was read with its sessions."""
    sessions = handover.read_sessions
    if handover.state == Handover.State.OFFERED:
        giver = handover.from_nurse_id
        sessions = [row for row in sessions if row.state in PRESENT and row.carer_id == giver]
    left = [Patient(row, as_told(handover.summary, row.public_id)) for row in sessions]
    return Shown(handover, left, handover.told_reason or "")


def is_open(handover: Handover, now: datetime) -> bool:
    """As :meth:`HandoverQuerySet.open` says."""
    return handover.state == Handover.State.OFFERED and (handover.until is None or handover.until > now)


def _warned(found: Shown, load: int, *, site: Site) -> Shown:
    warning = overload(found.handover.to_nurse.short_name, load + len(found.left), site=site)
    return Shown(found.handover, found.left, found.reason, warning)


def read(rows: HandoverQuerySet, *, actor: Actor, now: datetime) -> HandoverQuerySet:
    """With the people, the site, the last reason and the patients; two queries for any number."""
    history = Handover.history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    sessions = _seated(InfusionSession.objects.for_user(actor).with_carer(now))
    return (
        rows.select_related("site", "from_nurse", "to_nurse")
        .annotate(told_reason=Subquery(history.values("history_change_reason")[:1]))
        .prefetch_related(Prefetch("sessions", queryset=sessions, to_attr="read_sessions"))
    )


def _here(site: Site, actor: Actor) -> InfusionSessionQuerySet:
    return InfusionSession.objects.for_user(actor).filter(site=site).present()


def _seated(rows: InfusionSessionQuerySet) -> InfusionSessionQuerySet:
    found: InfusionSessionQuerySet = rows.select_related("patient", "chair", "nurse", "site")
    return found.order_by("chair__position", "chair__name", "pk")


def over_capacity(people: Sequence[Colleague], giving: int, *, site: Site) -> list[Problem]:
    """A warning for each colleague who would have too many, were all patients given to them."""
    found = (overload(each.user.short_name, each.patients + giving, site=site) for each in people)
    return [problem for problem in found if problem]
