"""Orders for medicines in one session: by a prescriber at the screen, or by word of mouth and co-signed afterwards."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.common.text import storable
from sessions.models import InfusionSession, MedicineOrder, OrderAnswer
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.operations.transition import locked_session
from sessions.rules import medicines as rules
from sessions.rules.moments import person
from sessions.rules.quantities import plain
from sessions.rules.responsible import Kind, people_for

SAID = ("medicine", "dose", "unit", "route", "indication", "max_session")
"""What an order says; ``max_session`` is in the unit of the dose, and may be left out."""


@transaction.atomic(savepoint=False)
def order_medicine(
    *,
    session: InfusionSession,
    said: Mapping[str, Any],
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> MedicineOrder:
    """Order a medicine for this session, as its prescriber.

    Args:
        said: the entries of :data:`SAID`.

    Raises:
        Refused: without the right to order.
        Invalid: a dose, unit or route that cannot be meant, or no indication.
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    by.require(Permission.ORDER_COURSE, entry.session.site_id)
    order = MedicineOrder(
        session=entry.session, kind=MedicineOrder.Kind.WRITTEN, **order_columns(said), **entry.times()
    )
    return write_fact(order, entry=entry, verb="medicine.ordered", public_id=public_id)


@transaction.atomic(savepoint=False)
def take_verbal_order(
    *,
    session: InfusionSession,
    said: Mapping[str, Any],
    ordered_by: User,
    words: str,
    read_back: bool,
    by: Actor,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> MedicineOrder:
    """Write down an order given by word of mouth; it waits for the prescriber's co-signature by the site's clock.

    Raises:
        Invalid: no words, not read back, or somebody who cannot order (``verbal.words``, ``verbal.read_back``,
            ``verbal.person``).
        Refused: an order of one's own (``verbal.own``).
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    _check_verbal(entry, ordered_by=ordered_by, words=words, read_back=read_back)
    hours = entry.session.site.rules.cosign_hours
    order = MedicineOrder(
        session=entry.session,
        kind=MedicineOrder.Kind.VERBAL,
        words=storable(words, field="words").strip(),
        was_read_back=read_back,
        cosign_due_at=entry.taken_at + timedelta(hours=hours),
        **order_columns(said),
        **entry.times() | {"taken_by": ordered_by},
    )
    return write_fact(order, entry=entry, verb="medicine.ordered_verbally", public_id=public_id)


def _check_verbal(entry: Entry, *, ordered_by: User, words: str, read_back: bool) -> None:
    problems = {}
    if not words.strip():
        problems["words"] = Problem("verbal.words", _("Write the order down in its exact words."))
    if not read_back:
        message = _("Read the order back to the prescriber, and tick that you did.")
        problems["read_back"] = Problem("verbal.read_back", message)
    if ordered_by not in people_for(entry.session.site, Kind.RESPONSIBLE):
        message = _("%(name)s cannot order here. Choose who gave the order.")
        problems["ordered_by"] = Problem("verbal.person", message, {"name": ordered_by.display_name})
    if problems:
        raise Invalid(problems)
    if ordered_by == entry.person:
        message = _("This is your own order: write it as yours, then nobody needs to co-sign it.")
        raise Refused(Problem("verbal.own", message))


def order_columns(said: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an order from what it says.

    Raises:
        Invalid: by field, as :func:`rules.check_medicine` and :func:`rules.micrograms_of` say; no indication
            (``medicine.indication``), or less for the session than for one dose (``medicine.max_session``).
    """
    rules.check_medicine(medicine=said["medicine"], route=said["route"])
    if not said["indication"].strip():
        raise Invalid({"indication": Problem("medicine.indication", _("Say what it is for."))})
    dose: Decimal = said["dose"]
    micrograms = rules.micrograms_of(dose, said["unit"])
    most: Decimal | None = said.get("max_session")
    ceiling = None if most is None else rules.micrograms_of(most, said["unit"], field="max_session")
    if ceiling is not None and ceiling < micrograms:
        message = _("The most for one session cannot be below one dose.")
        raise Invalid({"max_session": Problem("medicine.max_session", message)})
    return {
        "medicine": said["medicine"].strip(),
        "dose_micrograms": micrograms,
        "dose_typed": plain(dose),
        "dose_unit": said["unit"],
        "route": said["route"],
        "indication": storable(said["indication"], field="indication").strip(),
        "max_session_micrograms": ceiling,
    }


@transaction.atomic(savepoint=False)
def answer_verbal_order(
    *,
    order: MedicineOrder,
    verdict: str,
    by: Actor,
    words: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> OrderAnswer:
    """Co-sign a verbal order, or dispute it with words. Also once the chart is signed: it answers, and changes nothing.

    Raises:
        Refused: it stands in somebody else's name (``cosign.not_yours``).
        Conflict: it is no verbal order, or answered already (``cosign.not_verbal``, ``cosign.answered``).
        Invalid: a dispute without words (``cosign.words``).
    """
    now = now or clock.now()
    session = locked_session(order.session)
    _check_answer(order, verdict=verdict, words=words, by=by)
    who = person(by)
    answer = OrderAnswer(
        public_id=public_id or uuid.uuid4(),
        order=order,
        verdict=verdict,
        words=storable(words, field="words").strip(),
        taken_at=now,
        taken_by=who,
        entered_at=now,
        entered_by=who,
    )
    check_fields(answer)
    answer.save(force_insert=True)
    record(
        verb=f"medicine.order_{verdict}",
        subject=answer,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        reason=answer.words,
    )
    return answer


def _check_answer(order: MedicineOrder, *, verdict: str, words: str, by: Actor) -> None:
    by.require(Permission.ORDER_COURSE, order.session.site_id)
    if order.kind != MedicineOrder.Kind.VERBAL:
        message = _("This order was written by its prescriber, so there is nothing to co-sign.")
        raise Conflict(Problem("cosign.not_verbal", message))
    if order.taken_by_id != by.user_id:
        message = _("This order stands in the name of %(name)s, who alone can answer for it.")
        raise Refused(Problem("cosign.not_yours", message, {"name": order.taken_by.display_name}))
    if OrderAnswer.objects.filter(order=order).exists():
        raise Conflict(Problem("cosign.answered", _("You have answered for this order already.")))
    if verdict not in OrderAnswer.Verdict.values:
        raise Invalid({"verdict": Problem("cosign.verdict", _("Co-sign the order, or dispute it."))})
    if verdict == OrderAnswer.Verdict.DISPUTED and not words.strip():
        message = _("Say what was ordered instead, or what is wrong.")
        raise Invalid({"words": Problem("cosign.words", message)})
