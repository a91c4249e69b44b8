"""Licensed wording with plainly invented words: none of a real questionnaire stands in these tests."""

from datetime import date, datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.facilities.models import Site
from patients.models import LicensedWording
from patients.operations.wordings import approve_wording, enter_wording
from patients.scoring.registry import LICENSABLE

FROM, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


def placeholders(code: str, **items: Any) -> dict[str, Any]:
    """``Item 3, as licensed`` for every item, and words for its lowest answer; ``items`` replace some."""
    said = {
        item.code: {
            "text": f"{item.text}, as licensed",
            "answers": {str(item.choices[0].value): f"Lowest of {item.text}"},
        }
        for item in LICENSABLE[code].items
    }
    return said | items


def entered(site: Site, code: str, by: Actor, *, now: datetime, **told: Any) -> LicensedWording:
    """A version that nobody has approved."""
    given = {
        "licence_holder": "North clinic",
        "licence_reference": "L-1",
        "licensed_from": FROM,
        "licensed_until": UNTIL,
        "stem": "Invented words above the questions.",
        "items": placeholders(code) if "items" not in told else {},
    } | told
    return enter_wording(site=site, instrument=code, by=by, now=now, **given)


def approved(site: Site, code: str, by: Actor, *, now: datetime, **told: Any) -> LicensedWording:
    """A version that is shown while its licence is in date."""
    wording = entered(site, code, by, now=now, **told)
    approve_wording(wording=wording, by=by, now=now)
    return wording
