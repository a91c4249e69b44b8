"""Drawing up the drug, saying what became of it, and witnessing its waste: also where the infusion never starts."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from clinic.stock.models import DrugProduct
from sessions.models import DrugUse, InfusionSession, Preparation, WasteWitness
from sessions.operations.facts import Entry, write_fact, write_struck
from sessions.operations.transition import locked_session
from sessions.rules import preparing as rules
from sessions.rules.corrections import check_can_correct, standing
from sessions.rules.moments import check_is_open


def _open(session: InfusionSession, *, by: Actor, taken_at: datetime | None, now: datetime | None) -> Entry:
    # Not open_entry(): drug is drawn before the patient comes, and wasted after the chart is signed.
    now = now or clock.now()
    locked = locked_session(session)
    who = rules.check_may_handle(by, locked)
    rules.check_not_ahead(taken_at or now, now)
    return Entry(locked, by, who, taken_at or now, now)


@transaction.atomic(savepoint=False)
def prepare_drug(
    *,
    session: InfusionSession,
    product: DrugProduct,
    lot: str,
    expires_on: date,
    drawn_micrograms: int,
    by: Actor,
    departure_reason: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Preparation:
    """Record drug drawn from a container.

    Args:
        departure_reason: why an expired container was drawn from. It happened, so it is recorded.

    Raises:
        Invalid: a product of another site, no lot, nothing drawn.
        Conflict: the container has expired (``preparation.expired``), or the chart is signed.
    """
    entry = _open(session, by=by, taken_at=taken_at, now=now)
    check_is_open(entry.session)
    rules.check_product(product, entry.session)
    if not lot.strip():
        raise Invalid({"lot": Problem("preparation.lot", _("Enter the lot as it stands on the container."))})
    if drawn_micrograms <= 0:
        message = _("Enter how much was drawn.")
        raise Invalid({"drawn_micrograms": Problem("preparation.drawn", message)})
    obstacles = rules.obstacles_to_prepare(entry.session, expires_on=expires_on, at=entry.taken_at)
    why = storable(departure_reason, field="departure_reason").strip()
    if obstacles and not why:
        raise Conflict(obstacles[0])
    preparation = Preparation(
        session=entry.session,
        product=product,
        concentration_micrograms_per_ml=product.concentration_micrograms_per_ml,
        lot=lot.strip(),
        expires_on=expires_on,
        drawn_micrograms=drawn_micrograms,
        departure_reason=why if obstacles else "",
        **entry.times(),
    )
    return write_fact(preparation, entry=entry, verb="drug.prepared", public_id=public_id, reason=why)


@transaction.atomic(savepoint=False)
def strike_preparation(
    *,
    preparation: Preparation,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Preparation:
    """Strike a preparation that was entered in error. Raises Conflict ``preparation.used`` once some of it was used."""
    entry = _open(preparation.session, by=by, taken_at=preparation.taken_at, now=now)
    check_is_open(entry.session)
    check_can_correct(preparation, reason=reason)
    if standing(preparation.uses.all()):
        message = _("What became of it is recorded. Strike that first, or record what became of the rest.")
        raise Conflict(Problem("preparation.used", message))
    kept = ("product", "concentration_micrograms_per_ml", "lot", "expires_on", "drawn_micrograms")
    verb = "drug.preparation_struck"
    return write_struck(preparation, entry=entry, verb=verb, reason=reason, kept=kept, public_id=public_id)


@transaction.atomic(savepoint=False)
def use_drug(
    *,
    preparation: Preparation,
    kind: str,
    micrograms: int,
    by: Actor,
    seal: str = "",
    note: str = "",
    confirmed: bool = False,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DrugUse:
    """Say what became of a part of what was drawn: given, wasted or returned unopened.

    Args:
        seal: under which waste waits for its witness.
        confirmed: more than was drawn is meant.

    Raises:
        Invalid: another kind, nothing, or more than is left (``drug_use.kind``, ``drug_use.amount``,
            ``drug_use.over``).
        Conflict: the preparation was struck (``preparation.struck``).
    """
    entry = _open(preparation.session, by=by, taken_at=taken_at, now=now)
    if kind not in DrugUse.Kind.values:
        message = _("Say whether it was given, wasted or returned.")
        raise Invalid({"kind": Problem("drug_use.kind", message)})
    if micrograms <= 0:
        raise Invalid({"micrograms": Problem("drug_use.amount", _("Enter an amount above 0."))})
    if preparation.retracted or Preparation.objects.filter(corrects=preparation).exists():
        message = _("This preparation was struck. Record the one that stands.")
        raise Conflict(Problem("preparation.struck", message))
    rules.check_left(preparation, micrograms=micrograms, confirmed=confirmed)
    use = DrugUse(
        session=entry.session,
        preparation=preparation,
        kind=kind,
        micrograms=micrograms,
        seal=storable(seal, field="seal").strip(),
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(use, entry=entry, verb=f"drug.{kind}", public_id=public_id)


@transaction.atomic(savepoint=False)
def strike_use(
    *,
    use: DrugUse,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DrugUse:
    """Strike what was entered in error; its witness, if it had one, stays readable with it."""
    entry = _open(use.session, by=by, taken_at=use.taken_at, now=now)
    check_can_correct(use, reason=reason)
    kept, verb = ("preparation", "kind", "micrograms"), "drug.use_struck"
    return write_struck(use, entry=entry, verb=verb, reason=reason, kept=kept, public_id=public_id)


@transaction.atomic(savepoint=False)
def witness_use(
    *,
    use: DrugUse,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> WasteWitness:
    """A second person, signed in themselves, has seen it wasted or returned.

    Raises:
        Refused: one's own act (``witness.self``).
        Conflict: it has its witness already, or needs none (``witness.taken``, ``witness.not_asked``).
    """
    entry = _open(use.session, by=by, taken_at=None, now=now)
    rules.check_can_witness(use, by=by)
    witness = WasteWitness(
        use=use, prepared_by=use.preparation.taken_by, used_by=use.taken_by, **entry.times()
    )
    return write_fact(witness, entry=entry, verb="drug.waste_witnessed", public_id=public_id)
