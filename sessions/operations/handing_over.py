"""Patients change hands: offered, accepted, declined, taken back, or taken over where nobody handed over.

Locks are taken in the house's order, sessions by their key and the handover after them: whoever offers, accepts or
takes over holds the row of every session concerned, so that each patient is offered once and with one person.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.models import Site
from sessions.models import Handover, HandoverSession, InfusionSession
from sessions.operations.transition import locked_session
from sessions.rules import covering as rules
from sessions.rules.moments import person
from sessions.rules.texts import check_length
from sessions.states import PRESENT

Summarise = Callable[[Sequence[InfusionSession], datetime], Mapping[str, Any]]
"""What is told of patients, by public id of the session: a report, which an operation cannot know."""


@transaction.atomic(savepoint=False)
def offer_handover(
    *,
    site: Site,
    to_nurse: User,
    by: Actor,
    summarise: Summarise,
    sessions: Iterable[InfusionSession] | None = None,
    until: datetime | None = None,
    note: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Handover:
    """Offer my patients at a site to a colleague; nothing changes before the colleague accepts.

    Args:
        sessions: whom; None: everybody whom I look after there now.
        until: when they come back to me; None: for the rest of the visit.

    Raises:
        Refused: without the right to look after patients there.
        Invalid: the colleague may not (``handover.colleague``), or ``until`` has passed or is too far.
        Conflict: nobody to hand over (``handover.nobody``), a patient who is not here or not mine, or one who is
            offered already (``handover.offered``).
    """
    now = now or clock.now()
    rules.check_may_nurse(site.pk, by=by)
    giver = person(by)
    rules.check_colleague(to_nurse, site=site, giver=giver)
    rules.check_until(until, site=site, now=now)
    check_length(storable(note, field="note"), field="note")
    mine = _mine(site, giver, sessions, now=now)
    handover = Handover(
        public_id=public_id or uuid.uuid4(),
        site=site,
        from_nurse=giver,
        to_nurse=to_nurse,
        until=until,
        summary=dict(summarise(mine, now)),
        note=note.strip(),
        offered_at=now,
    )
    _save(handover, by=by, now=now)
    HandoverSession.objects.bulk_create(
        HandoverSession(handover=handover, session=session) for session in mine
    )
    told = {"to": str(to_nurse.public_id), "until": until, "sessions": _ids(mine)}
    record(verb="handover.offered", subject=handover, by=by, now=now, site=site, after=told)
    return handover


def _mine(
    site: Site, giver: User, chosen: Iterable[InfusionSession] | None, *, now: datetime
) -> list[InfusionSession]:
    """The sessions to be handed over, locked, each of them the giver's and not offered yet."""
    if chosen is None:
        here = InfusionSession.objects.filter(site=site).present().looked_after_by(giver.pk, now)
        keys = list(here.values_list("pk", flat=True))
        # Who has left since, or was taken over, is not one of "all mine".
        mine = [row for row in _locked(keys, now) if row.state in PRESENT and row.carer_id == giver.pk]
    else:
        mine = _locked([session.pk for session in chosen], now)
        rules.check_are_mine(mine, site=site, giver=giver)
    if not mine:
        message = _("There is nobody to hand over: choose at least one patient whom you look after.")
        raise Conflict(Problem("handover.nobody", message))
    _check_not_offered(mine, giver, now=now)
    return mine


def _locked(keys: Sequence[int], now: datetime) -> list[Any]:
    # Two statements, as in transition.locked_session(): one that waited for a lock answers with what other tables
    # held before the wait.
    list(InfusionSession.objects.locked().filter(pk__in=keys).order_by("pk").values_list("pk"))
    rows = InfusionSession.objects.filter(pk__in=keys).with_carer(now)
    return list(rows.select_related("site", "patient", "chair", "nurse").order_by("pk"))


def _check_not_offered(mine: Sequence[InfusionSession], giver: User, *, now: datetime) -> None:
    # Offers by others do not count: whoever they named is with this nurse now, and falls out when they are accepted.
    rows = HandoverSession.objects.filter(
        handover__in=Handover.objects.open(now).filter(from_nurse=giver), session__in=mine
    )
    message = _("The patient in %(chair)s is offered to %(name)s already. Take that offer back first.")
    found = [
        Problem("handover.offered", message, {"chair": chair, "name": name})
        for chair, name in rows.values_list("session__chair__name", "handover__to_nurse__display_name")
    ]
    if found:
        raise Conflict(found[0], also=found[1:])


@transaction.atomic(savepoint=False)
def accept_handover(*, handover: Handover, by: Actor, now: datetime | None = None) -> Handover:
    """The named colleague looks after the patients from now on. Accepting twice is harmless.

    Who has left meanwhile, or is with somebody else, falls out. For good the sessions get another nurse; until a
    time they keep theirs, and the cover is derived.

    Raises:
        Refused: somebody else, or somebody who may not look after patients there.
        Conflict: ``handover.answered``, ``handover.expired``, or nobody left (``handover.nobody_left``).
    """
    now = now or clock.now()
    keys = handover.rows.order_by("session").values_list("session", flat=True)
    rows = _locked(list(keys), now)
    handover = _locked_handover(handover)
    rules.check_is_named(handover, by=by)
    rules.check_may_nurse(handover.site_id, by=by)
    if handover.state == Handover.State.ACCEPTED:
        return handover
    rules.check_is_offered(handover, now=now)
    taken = [row for row in rows if row.state in PRESENT and row.carer_id == handover.from_nurse_id]
    if not taken:
        message = _("Nobody is left of this handover: the patients went home or are with somebody else.")
        raise Conflict(Problem("handover.nobody_left", message))
    handover.rows.exclude(session__in=taken).delete()
    _answer(handover, Handover.State.ACCEPTED, by=by, now=now)
    for session in taken:
        _give(session, handover, by=by, now=now)
    fell_out = {"sessions": _ids(taken), "fell_out": _ids(set(rows) - set(taken))}
    record(verb="handover.accepted", subject=handover, by=by, now=now, site=handover.site, after=fell_out)
    return handover


def _give(session: InfusionSession, handover: Handover, *, by: Actor, now: datetime) -> None:
    """Write the patient's line of the audit and, for good, the new nurse."""
    before = session.nurse
    if handover.until is None:
        _set_nurse(session, handover.to_nurse)
    record(
        verb="session.handed_over",
        subject=session,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        before={"nurse": _key(before), "with": _key(handover.from_nurse)},
        after={"nurse": _key(session.nurse), "with": _key(handover.to_nurse), "until": handover.until},
    )


@transaction.atomic(savepoint=False)
def decline_handover(*, handover: Handover, reason: str, by: Actor, now: datetime | None = None) -> Handover:
    """The named colleague cannot: the patients stay where they are.

    Raises:
        Invalid: ``reason.missing``.
        Refused: somebody else.
        Conflict: ``handover.answered`` or ``handover.expired``.
    """
    now = now or clock.now()
    handover = _locked_handover(handover)
    rules.check_is_named(handover, by=by)
    rules.check_is_offered(handover, now=now)
    why = _reason(reason, _("Say why, so that your colleague can ask somebody else."))
    _answer(handover, Handover.State.DECLINED, by=by, now=now, reason=why)
    record(verb="handover.declined", subject=handover, by=by, now=now, site=handover.site, reason=why)
    return handover


@transaction.atomic(savepoint=False)
def withdraw_handover(*, handover: Handover, by: Actor, now: datetime | None = None) -> Handover:
    """Whoever offered takes it back before it is answered.

    Raises:
        Refused: ``handover.not_yours``.
        Conflict: ``handover.answered``; an offer whose time has passed can be taken back still.
    """
    now = now or clock.now()
    handover = _locked_handover(handover)
    rules.check_is_from(handover, by=by)
    rules.check_is_unanswered(handover)
    _answer(handover, Handover.State.WITHDRAWN, by=by, now=now)
    record(verb="handover.withdrawn", subject=handover, by=by, now=now, site=handover.site)
    return handover


@transaction.atomic(savepoint=False)
def take_over(
    *, session: InfusionSession, reason: str, by: Actor, now: datetime | None = None
) -> InfusionSession:
    """Look after one patient from now on, though nobody handed over: emergency cover is always recordable.

    Where somebody looked after the patient it stands among the handovers, accepted by itself.

    Raises:
        Refused: without the right to look after patients there.
        Invalid: ``reason.missing``.
        Conflict: the patient is not here (``handover.not_here``), or with me already (``handover.mine``).
    """
    now = now or clock.now()
    rules.check_may_nurse(session.site_id, by=by)
    taker, session = person(by), locked_session(session)
    rules.check_can_take_over(session)
    covers = rules.covers_that_count(rules.accepted_of(session))
    carer, ended = rules.carer_of(session.nurse, covers, now), rules.cover_run_out(covers, now)
    # A cover that ran out leaves it open whether the nurse is back: saying so is an act.
    giver = ended.to_nurse if ended and carer == taker else carer
    if giver == taker:
        raise Conflict(Problem("handover.mine", _("You look after this patient already.")))
    why = _reason(reason, _("Say why you take over."))
    before = session.nurse
    _set_nurse(session, taker)
    if giver is not None:
        _note_taking_over(session, giver, by=by, taker=taker, reason=why, now=now)
    record(
        verb="session.taken_over",
        subject=session,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        reason=why,
        before={"nurse": _key(before), "with": _key(giver)},
        after={"nurse": _key(taker), "with": _key(taker)},
    )
    return session


def _note_taking_over(
    session: InfusionSession, giver: User, *, by: Actor, taker: User, reason: str, now: datetime
) -> None:
    handover = Handover(
        site=session.site,
        from_nurse=giver,
        to_nurse=taker,
        note=reason,
        state=Handover.State.ACCEPTED,
        offered_at=now,
        answered_at=now,
    )
    _save(handover, by=by, now=now, reason=reason)
    HandoverSession.objects.create(handover=handover, session=session)


def _set_nurse(session: InfusionSession, nurse: User) -> None:
    session.nurse = nurse
    session.revision += 1
    session.save(update_fields=["nurse", "revision"])


def _locked_handover(handover: Handover) -> Handover:
    rows = Handover.objects.locked().select_related("site", "from_nurse", "to_nurse")
    found: Handover = rows.get(pk=handover.pk)
    return found


def _answer(handover: Handover, state: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    handover.state, handover.answered_at = state, now
    handover.revision += 1
    _save(handover, by=by, now=now, reason=reason)


def _save(handover: Handover, *, by: Actor, now: datetime, reason: str = "") -> None:
    handover._history_date = now  # type: ignore[attr-defined]
    handover._history_user = by.user  # type: ignore[attr-defined]
    handover._change_reason = reason  # type: ignore[attr-defined]
    handover.save()


def _reason(reason: str, message: Any) -> str:
    given = storable(reason, field="reason").strip()
    if not given:
        raise Invalid({"reason": Problem("reason.missing", message)})
    check_length(given, field="reason")
    return given


def _key(user: User | None) -> str | None:
    return str(user.public_id) if user else None


def _ids(sessions: Iterable[InfusionSession]) -> list[str]:
    return sorted(str(session.public_id) for session in sessions)
