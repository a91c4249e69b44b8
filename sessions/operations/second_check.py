"""The second check of a dose, by another person than the one who confirmed it."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import DoseCheck, InfusionSession
from sessions.operations.facts import open_entry, write_fact
from sessions.rules import second_check as rules


@transaction.atomic(savepoint=False)
def check_dose(
    *,
    session: InfusionSession,
    weight_grams: int,
    dose_micrograms: int,
    rate_microlitres_per_hour: int,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DoseCheck:
    """Record what a second person has computed from order and vial, whether it agrees or not.

    Raises:
        Refused: one's own dose (``dose_check.self``).
        Conflict: nothing to be checked, or it agrees already (``dose.not_confirmed``, ``dose_check.done``).
        Invalid: a number is missing (``dose_check.number``).
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    dose, _who = rules.check_can_check(entry.session, by=by)
    typed = {
        "weight_grams": weight_grams,
        "dose_micrograms": dose_micrograms,
        "rate_microlitres_per_hour": rate_microlitres_per_hour,
    }
    if missing := [name for name, value in typed.items() if value <= 0]:
        message = _("Enter what you have computed.")
        raise Invalid(dict.fromkeys(missing, Problem("dose_check.number", message)))
    same = rules.agrees(
        dose,
        weight_grams=weight_grams,
        dose_micrograms=dose_micrograms,
        rate=rate_microlitres_per_hour,
    )
    check = DoseCheck(
        session=entry.session, dose=dose, confirmed_by=dose.taken_by, agrees=same, **typed, **entry.times()
    )
    verb = "dose.checked" if same else "dose.check_differs"
    return write_fact(check, entry=entry, verb=verb, public_id=public_id)
