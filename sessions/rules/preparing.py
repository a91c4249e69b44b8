"""Drug that was drawn up: what stands in the way of using it, who may witness its waste, what is unaccounted for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.stock.models import DrugProduct
from sessions.models import DrugUse, InfusionSession, Preparation, WasteWitness
from sessions.rules.corrections import standing
from sessions.rules.moments import person
from sessions.rules.quantities import plain, thousandths

WITNESSED = (DrugUse.Kind.WASTED, DrugUse.Kind.RETURNED)
"""What a second person has to have seen."""


def check_may_handle(by: Actor, session: InfusionSession) -> User:
    """May this person write down what becomes of a drug? Whatever the visit's state: it may never have started.

    Raises:
        Refused: the right is missing, or no person acts.
    """
    by.require(Permission.RECORD_OBSERVATIONS, session.site_id)
    return person(by)


def check_not_ahead(at: datetime, now: datetime) -> None:
    """Raises Invalid ``time.future``."""
    if at > now:
        message = _("This is in the future by the server's clock. Enter when it happened.")
        raise Invalid({"taken_at": Problem("time.future", message)})


def check_product(product: DrugProduct, session: InfusionSession) -> None:
    """Raises Invalid ``preparation.product`` for a product of another site, or one that is kept no more."""
    if product.site_id != session.site_id or not product.is_active:
        message = _("%(name)s is not kept here. Choose a product of this site.")
        raise Invalid({"product": Problem("preparation.product", message, {"name": product.name})})


def obstacles_to_prepare(session: InfusionSession, *, expires_on: Any, at: datetime) -> list[Problem]:
    """Why this container may not be drawn from; drawn all the same, it is a departure."""
    if expires_on >= clock.local_date(at, session.site.time_zone):
        return []
    message = _("This container expired on %(day)s. Take another one.")
    return [Problem("preparation.expired", message, {"day": expires_on.strftime("%d %b %Y")})]


def standing_preparation(session: InfusionSession) -> Preparation | None:
    """The preparation that is given: the last one that nobody has struck."""
    rows = standing(session.preparations.select_related("product", "taken_by"))
    return rows[-1] if rows else None


def unaccounted(preparation: Preparation, uses: Iterable[DrugUse]) -> int:
    """Micrograms drawn of which nobody has said what became; below nought more was said than drawn."""
    return int(preparation.drawn_micrograms) - sum(use.micrograms for use in uses)


def check_left(preparation: Preparation, *, micrograms: int, confirmed: bool) -> None:
    """Raises Invalid ``drug_use.over`` for more than was drawn and is left, until ``confirmed``."""
    uses = standing(preparation.uses.all())
    left = unaccounted(preparation, uses)
    if micrograms <= left or confirmed:
        return
    message = _(
        "Only %(left)s mg of the %(drawn)s mg drawn are not accounted for. Check the typing; if it is so, confirm it."
    )
    params = {
        "left": plain(thousandths(max(left, 0))),
        "drawn": plain(thousandths(preparation.drawn_micrograms)),
    }
    raise Invalid({"micrograms": Problem("drug_use.over", message, params)})


def check_can_witness(use: DrugUse, *, by: Actor) -> User:
    """May this person be the witness, and is one missing?

    Raises:
        Refused: without the right, or one's own act (``witness.self``).
        Conflict: given, struck or witnessed already (``witness.not_asked``, ``witness.taken``).
    """
    who = check_may_handle(by, use.session)
    if who.pk in {use.taken_by_id, use.entered_by_id, use.preparation.taken_by_id}:
        message = _("You drew it up or disposed of it yourself. Ask somebody else to witness it.")
        raise Refused(Problem("witness.self", message))
    if use.kind not in WITNESSED or use.retracted or DrugUse.objects.filter(corrects=use).exists():
        raise Conflict(Problem("witness.not_asked", _("Nothing is to be witnessed here.")))
    if WasteWitness.objects.filter(use=use).exists():
        raise Conflict(Problem("witness.taken", _("This has its witness already.")))
    return who
