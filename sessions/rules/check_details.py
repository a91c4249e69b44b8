"""What the answer to each item of the check rests on: its shape, and what an OK needs.

Details are JSON as the API takes them: codes, texts, days as ``2026-03-10`` and instants with their offset.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from clinic.common.text import is_storable
from patients.models import Contact, Medication
from sessions.models import CheckAnswer
from sessions.rules.check_times import clear_from

IDENTIFIERS: dict[str, Any] = {
    "name": _("full name"),
    "birth_date": _("date of birth"),
    "record_number": _("record number"),
    "phone": _("phone number"),
    "address": _("address"),
    "photo": _("photo"),
}
ESCORT_KINDS: dict[str, Any] = {
    "contact": _("from the record"),
    "person": _("somebody else"),
    "arranging": _("being arranged"),
    "alternative": _("alternative under the site's rules"),
}
MEDICINE_CLASSES: dict[str, Any] = {
    **{code: label for code, label in Medication.RemsClass.choices if code},
    "theophylline": _("Theophylline or aminophylline"),
}
"""The classes of the REMS form, and one that the label of ketamine says not to give it with."""
SUBSTANCES: dict[str, Any] = {
    "alcohol": _("alcohol"),
    "recreational": _("recreational drug"),
    "sedative": _("sedative not prescribed"),
}
SYMPTOMS: dict[str, Any] = {
    "illness": _("new illness"),
    "neurological": _("neurological symptom"),
    "cardiac": _("cardiac symptom"),
}
LONGEST_TEXT = 150
LONGEST_AGO = timedelta(days=400)

Reader = Callable[[Any], Any]


def _codes(known: Mapping[str, Any]) -> Reader:
    def read(value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) and one in known for one in value):
            raise ValueError
        return sorted(set(value), key=list(known).index)

    return read


def _one_of(*known: str) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError
        return value

    return read


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not is_storable(value):
        raise ValueError
    return value.strip()


def _instant(value: Any) -> str:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    return at.isoformat()


def _day(value: Any) -> str:
    return date.fromisoformat(value).isoformat()


def _id(value: Any) -> str:
    return str(uuid.UUID(value))


SHAPES: dict[str, dict[str, Reader]] = {
    "identity": {"identifiers": _codes(IDENTIFIERS)},
    "fasting": {"solids_at": _instant, "liquids_at": _instant},
    "escort": {
        "kind": _one_of(*ESCORT_KINDS),
        "contact": _id,
        "name": _text,
        "phone": _text,
        "relationship": _text,
    },
    "pregnancy": {"result": _one_of("negative", "positive"), "tested_on": _day},
    "allergies": {"changed": _yes_or_no},
    "medicines": {
        "changed": _yes_or_no,
        "classes": _codes(MEDICINE_CLASSES),
        "antihypertensive": _one_of("taken", "not_taken"),
    },
    "substances": {"used": _codes(SUBSTANCES), "last_at": _instant},
    "illness": {"found": _codes(SYMPTOMS)},
    "mood": {"thoughts": _yes_or_no, "scale": _one_of("done", "not_done")},
    "urinary": {"symptoms": _yes_or_no},
}
"""Names and readers of the details, by item; an item that is not named here has none."""

COMPUTED = frozenset({"fasting", "substances"})
"""Items whose answer follows from the times that the patient tells."""


def read_details(item: str, given: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The details in the shape of the item.

    Raises:
        Invalid: ``check.details`` for what the item does not hold, ``check.details_future`` for a moment ahead.
    """
    shape, read = SHAPES.get(item, {}), {}
    for name, value in given.items():
        try:
            read[name] = shape[name](value)
        except (KeyError, TypeError, ValueError, AttributeError):
            message = _("The detail %(name)s does not fit this item. Enter it again.")
            raise Invalid({"details": Problem("check.details", message, {"name": name[:40]})}) from None
    if any(not _is_near(value, now) for name, value in read.items() if name.endswith("_at")):
        message = _("This time is ahead, or more than a year ago. Enter when it was.")
        raise Invalid({"details": Problem("check.details_future", message)})
    if read.get("tested_on", "") > (now + timedelta(hours=14)).date().isoformat():
        raise Invalid(
            {"details": Problem("check.details_future", _("The test is of a day ahead. Enter its day."))}
        )
    return read


def _is_near(value: str, now: datetime) -> bool:
    return now - LONGEST_AGO <= datetime.fromisoformat(value) <= now


def check_ok(item: str, details: Mapping[str, Any], *, session: Any, now: datetime) -> None:
    """Refuse an OK that its details do not carry.

    Raises:
        Invalid: ``check.identifiers``, ``check.fasting``, ``check.escort``, ``check.pregnancy``,
            ``check.medicines``, ``check.symptoms`` or ``check.too_early``.
    """
    needs = NEEDS.get(item)
    problem = needs(details, session) if needs else None
    if problem is None and item in COMPUTED:
        until = clear_from(details, session.protocol_version)
        if until is not None and until > now:
            message = _("Not before %(time)s by this protocol. Record it as waiting, or override it.")
            shown = until.astimezone(session.site.zone).strftime("%H:%M")
            problem = Problem("check.too_early", message, {"time": shown})
    if problem:
        raise Invalid({"details": problem})


def _identity(details: Mapping[str, Any], session: Any) -> Problem | None:
    if len(details.get("identifiers", ())) >= 2:
        return None
    return Problem("check.identifiers", _("Say by which two identifiers you confirmed who this is."))


def _fasting(details: Mapping[str, Any], session: Any) -> Problem | None:
    version = session.protocol_version
    asked = {"solids_at": version.fasting_solids_minutes, "liquids_at": version.fasting_liquids_minutes}
    if all(name in details for name, minutes in asked.items() if minutes is not None):
        return None
    return Problem("check.fasting", _("Enter when the patient last ate, and last drank clear liquids."))


def _escort(details: Mapping[str, Any], session: Any) -> Problem | None:
    kind = details.get("kind")
    if kind == "alternative" and not session.site.rules.escort_alternatives:
        message = _("This site allows no alternative to an escort. Name somebody, or wait.")
        return Problem("check.escort_alternative", message)
    if kind in {"contact", "person"} and details.get("name"):
        return None
    if kind == "alternative":
        return None
    return Problem("check.escort", _("Name who takes the patient home."))


def _pregnancy(details: Mapping[str, Any], session: Any) -> Problem | None:
    if details.get("result") == "positive":
        message = _("The test is positive, so this is no OK. Stop, and ask the prescriber.")
        return Problem("check.pregnancy_positive", message)
    if details.get("result") != "negative" or "tested_on" not in details:
        return Problem("check.pregnancy", _("Enter the result and the day of the test, or why none is due."))
    days = session.protocol_version.pregnancy_test_days
    age = (session.local_date - date.fromisoformat(details["tested_on"])).days
    if days is not None and age > days:
        message = _(
            "A test may be %(days)s days old by this protocol; this one is %(age)s days old. Test again."
        )
        return Problem("check.pregnancy_old", message, {"days": days, "age": age})
    return None


def _medicines(details: Mapping[str, Any], session: Any) -> Problem | None:
    if "theophylline" in details.get("classes", ()):
        message = _(
            "The label says not to give ketamine with theophylline. Stop, or override it with a reason."
        )
        return Problem("check.medicines", message)
    return None


def _substances(details: Mapping[str, Any], session: Any) -> Problem | None:
    if details.get("used") and "last_at" not in details:
        return Problem("check.substances", _("Enter when it was last taken."))
    return None


def _mood(details: Mapping[str, Any], session: Any) -> Problem | None:
    if details.get("thoughts"):
        message = _("Thoughts of suicide are no OK. Stop, and ask the prescriber.")
        return Problem("check.thoughts", message)
    return None


NEEDS: dict[str, Callable[[Mapping[str, Any], Any], Problem | None]] = {
    "identity": _identity,
    "fasting": _fasting,
    "escort": _escort,
    "pregnancy": _pregnancy,
    "medicines": _medicines,
    "substances": _substances,
    "mood": _mood,
}


def outcome_of(item: str, details: Mapping[str, Any], *, session: Any, now: datetime) -> tuple[str, Any]:
    """The answer that follows from the times, and until when it waits.

    Raises:
        Invalid: ``check.outcome``: nothing follows for this item; ``check.fasting`` or ``check.substances``
            without a time.
    """
    if item not in COMPUTED:
        raise Invalid({"outcome": Problem("check.outcome", _("Choose an answer."))})
    if problem := NEEDS[item](details, session):
        raise Invalid({"details": problem})
    until = clear_from(details, session.protocol_version)
    if until is not None and until > now:
        return CheckAnswer.Outcome.WAIT, until
    return CheckAnswer.Outcome.OK, None


def with_contact(details: dict[str, Any], session: Any) -> dict[str, Any]:
    """An escort from the record by name and phone, as they stand there today.

    Raises:
        Invalid: ``check.escort``: the record has no such contact.
    """
    if details.get("kind") != "contact":
        return details
    contacts: Any = Contact.objects.filter(patient=session.patient_id)
    contact = contacts.active().filter(public_id=details.get("contact")).first()
    if contact is None:
        message = _("This contact is not on the record any more. Name who takes the patient home.")
        raise Invalid({"details": Problem("check.escort", message)})
    return details | {
        "name": contact.name,
        "phone": contact.phone,
        "relationship": contact.relationship,
    }
