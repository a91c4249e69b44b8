"""What the demo's sites keep: rules, products, standing orders, quick phrases. All of it example, not approved."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.accounts.actor import Actor
from clinic.facilities.models import Site
from clinic.stock.models import DrugProduct
from clinic.stock.operations.products import add_product
from sessions.models import QuickPhrase, StandingOrder
from sessions.operations.quick_phrases import add_quick_phrase
from sessions.operations.standing_orders import approve_standing_order, draft_standing_order

POLICY = {
    # Hours of the clocks after a side effect.
    "serious_review_hours": 24,
    "serious_report_hours": 168,
    "effect_follow_up_hours": 24,
    "alert_escalation_minutes": 5,
    # No source (GK): of a review of answers on suicide, for the first person and for each next one.
    "suicide_review_minutes": 60,
    "suicide_escalation_minutes": 15,
    "recent_worsening_days": 28,
}
DOSE_RULES: dict[str, Any] = {
    # No source (GK): a step for the syringe, limits around the usual doses, and a second person.
    "rounding_micrograms": 500,
    "soft_limit_micrograms": 50_000,
    "hard_limit_micrograms": 60_000,
    "needs_second_check": True,
}
STRONG, WEAK = "Ketamine 50 mg/mL, 10 mL vial", "Ketamine 10 mg/mL, 20 mL vial"
PRODUCTS = ((STRONG, 50_000, 10_000), (WEAK, 10_000, 20_000))
"""Name, micrograms in a millilitre, microlitres in a vial."""
ONDANSETRON, LABETALOL, MIDAZOLAM = "ondansetron-iv", "labetalol-iv", "midazolam-iv"
STANDING_ORDERS = (
    # As unattributed pages list them (C).
    (ONDANSETRON, "Ondansetron", "4", "8", "Nausea or vomiting", ["nausea", "vomiting"]),
    (LABETALOL, "Labetalol", "10", "20", "Systolic pressure over the pause limit", ["blood-pressure-rise"]),
    (MIDAZOLAM, "Midazolam", "1", "2", "Severe agitation, after calling the prescriber", ["anxiety"]),
)
PHRASES = (
    "Comfortable, eyes closed, answers when spoken to.",
    "Music on, lights low, blanket given.",
    "Floating, as last time; not distressed.",
    "Prescriber informed, no change ordered.",
    "Instructions given to patient and escort, in writing.",
)


def keep_house(sites: list[Site], *, author: Actor, director: Actor, manager: Actor, at: datetime) -> None:
    """Products and phrases at each site, standing orders for all of them; what is there already stays."""
    for code, medicine, dose, most, indication, effects in STANDING_ORDERS:
        if not StandingOrder.objects.filter(code=code).exists():
            draft = draft_standing_order(
                code=code, content=_order(medicine, dose, most, indication, effects), by=author, now=at
            )
            approve_standing_order(
                order=draft, by=director, expected_revision=draft.revision, now=at + timedelta(hours=3)
            )
    for site in sites:
        if not DrugProduct.objects.filter(site=site).exists():
            _stock(site, by=author, at=at)
        if not QuickPhrase.objects.filter(site=site).exists():
            for position, text in enumerate(PHRASES):
                add_quick_phrase(site=site, text=text, position=position, by=manager, now=at)


def _order(medicine: str, dose: str, most: str, indication: str, effects: list[str]) -> dict[str, Any]:
    return {
        "medicine": medicine,
        "dose": Decimal(dose),
        "unit": "mg",
        "route": "iv",
        "indication": f"{indication} (example, not approved)",
        "max_session": Decimal(most),
        "is_example": True,
        "for_side_effects": effects,
    }


def _stock(site: Site, *, by: Actor, at: datetime) -> None:
    for name, concentration, volume in PRODUCTS:
        details = {
            "name": name,
            "drug": "ketamine hydrochloride",
            "concentration_micrograms_per_ml": concentration,
            "volume_microlitres": volume,
        }
        add_product(site=site, details=details, by=by, now=at)
