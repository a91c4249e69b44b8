"""What a nurse of the demo writes about the drug: drawn up, the dose checked by a colleague, the rest wasted."""

from datetime import datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.stock.models import DrugProduct
from sessions.demo.house_rules import STRONG
from sessions.models import InfusionSession
from sessions.operations import preparing
from sessions.operations.second_check import check_dose
from sessions.rules.checking import confirmed_dose
from sessions.rules.preparing import standing_preparation

DRAWN = 60_000
"""Micrograms: always the same amount, so that something is left to waste."""
TENTH = 100


def draw_up(*, session: InfusionSession, by: Actor, now: datetime, product: str = STRONG) -> None:
    """From a vial of the week's lot."""
    local = now.astimezone(session.site.zone)
    preparing.prepare_drug(
        session=session,
        product=DrugProduct.objects.get(site=session.site, name=product),
        lot=f"K{local:%y%V}-{session.site.code[0].upper()}",
        expires_on=local.date() + timedelta(days=300),
        drawn_micrograms=DRAWN,
        by=by,
        now=now,
    )


def check_again(*, session: InfusionSession, by: Actor, now: datetime) -> None:
    """A second person computes the dose and comes to the same."""
    dose = confirmed_dose(session)
    assert dose is not None
    check_dose(
        session=session,
        weight_grams=dose.dosing_weight_grams or dose.weight.grams,
        dose_micrograms=dose.dose_micrograms,
        rate_microlitres_per_hour=dose.rate_microlitres_per_hour,
        by=by,
        now=now,
    )


def account_for(
    *, session: InfusionSession, by: Actor, witness: Actor | None, now: datetime, seal: str = ""
) -> None:
    """Given and wasted; without a witness the waste waits for one under its seal."""
    drawn = standing_preparation(session)
    if drawn is None:
        return
    given = min(_given(session), drawn.drawn_micrograms)
    told: dict[str, Any] = {"preparation": drawn, "by": by, "now": now}
    if given:
        preparing.use_drug(kind="given", micrograms=given, **told)
    if rest := drawn.drawn_micrograms - given:
        waste = preparing.use_drug(kind="wasted", micrograms=rest, seal=seal, **told)
        if witness is not None:
            preparing.witness_use(use=waste, by=witness, now=now)


def _given(session: InfusionSession) -> int:
    """What went in, to a tenth of a milligram."""
    session = InfusionSession.objects.get(pk=session.pk)
    dose = confirmed_dose(session)
    if dose is None or session.infusion_started_at is None:
        return 0
    if session.given_micrograms is not None:
        return round(session.given_micrograms / TENTH) * TENTH
    share = (session.delivered_microlitres or 0) / dose.bag_microlitres
    return round(dose.dose_micrograms * min(share, 1) / TENTH) * TENTH
