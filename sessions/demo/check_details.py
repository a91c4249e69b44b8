"""What a patient who is ready answers to each item of the check, so that an OK says what it rests on."""

from datetime import datetime, timedelta
from typing import Any

ESCORT = {
    "kind": "person",
    "name": "Escort named in the record",
    "phone": "555 0100",
    "relationship": "sister",
}


def ready_answer(item: str, *, at: datetime) -> dict[str, Any]:
    """Outcome and details of an answer that lets the infusion begin, given at a moment."""
    details: dict[str, dict[str, Any]] = {
        "identity": {"identifiers": ["name", "birth_date"]},
        "fasting": {
            "solids_at": (at - timedelta(hours=13)).isoformat(),
            "liquids_at": (at - timedelta(hours=3)).isoformat(),
        },
        "escort": ESCORT,
        "pregnancy": {"result": "negative", "tested_on": (at - timedelta(days=1)).date().isoformat()},
        "allergies": {"changed": False},
        "medicines": {"changed": False},
        "substances": {"used": []},
        "illness": {"found": []},
        "mood": {"thoughts": False},
        "urinary": {"symptoms": False},
    }
    return {"outcome": "ok", "details": details.get(item, {})}
