"""Orders and drugs that several tests start from."""

from datetime import date
from decimal import Decimal
from typing import Any

from clinic.accounts.actor import Actor
from clinic.stock.models import DrugProduct
from clinic.stock.operations.products import add_product
from sessions.models import MedicineOrder, Preparation, StandingOrder
from sessions.operations.ordering_medicines import take_verbal_order
from sessions.operations.preparing import prepare_drug
from sessions.operations.standing_orders import approve_standing_order, draft_standing_order
from tests.remembered import remembered
from tests.sessions.scenes import NOON, Clinic


def ordered_dose(**other: Any) -> dict[str, Any]:
    """What an order says: 4 mg of ondansetron, twice at most."""
    return {
        "medicine": "ondansetron",
        "dose": Decimal(4),
        "unit": "mg",
        "route": "iv",
        "indication": "Nausea",
        "max_session": Decimal(8),
    } | other


@remembered
def standing_order(
    clinic: Clinic, *, code: str = "ondansetron", site: Any = None, **said: Any
) -> StandingOrder:
    """An approved standing order."""
    content = ordered_dose(for_side_effects=["nausea"]) | said
    draft = draft_standing_order(code=code, content=content, site=site, by=clinic.director, now=NOON)
    return approve_standing_order(order=draft, by=clinic.director, expected_revision=1, now=NOON)


@remembered
def verbal_order(session: Any, clinic: Clinic, **told: Any) -> MedicineOrder:
    """A verbal order of the clinic's prescriber, written down by the nurse."""
    return take_verbal_order(
        **{
            "session": session,
            "said": ordered_dose(),
            "ordered_by": clinic.prescriber.user,
            "words": "Give her four of ondansetron",
            "read_back": True,
            "by": clinic.nurse,
            "now": NOON,
        }
        | told
    )


@remembered
def make_product(site: Any, *, by: Actor, mg_per_ml: int = 50, **other: Any) -> DrugProduct:
    """A vial of 10 mL in a site's cabinet."""
    details = {
        "name": f"Ketamine {mg_per_ml} mg/mL, 10 mL",
        "drug": "ketamine hydrochloride",
        "concentration_micrograms_per_ml": mg_per_ml * 1000,
        "volume_microlitres": 10_000,
    }
    return add_product(site=site, details=details | other, by=by, now=NOON)


def prepared(session: Any, clinic: Clinic, *, product: DrugProduct | None = None, **told: Any) -> Preparation:
    """500 mg drawn by the nurse."""
    return prepare_drug(
        **{
            "session": session,
            "product": product or make_product(clinic.site, by=clinic.director),
            "lot": "K-1",
            "expires_on": date(2026, 12, 31),
            "drawn_micrograms": 500_000,
            "by": clinic.nurse,
            "now": NOON,
        }
        | told
    )
