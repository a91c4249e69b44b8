"""The second check of a dose: whether it is asked for, what it came to, and what keeps an infusion from starting."""

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common.errors import Conflict, Problem, Refused
from sessions.models import DoseCheck, DoseConfirmation, InfusionSession
from sessions.rules.checking import confirmed_dose
from sessions.rules.moments import check_can_record
from sessions.rules.preparing import standing_preparation
from sessions.rules.quantities import plain, thousandths

WEIGHT_GRAMS, DOSE_MICROGRAMS, RATE_MICROLITRES = 100, 100, 100
"""How far two people's numbers may lie apart: a tenth of a kg, of a mg and of a mL/h, as scales and pumps show them."""


def latest_check(dose: DoseConfirmation) -> DoseCheck | None:
    """The check of a dose that counts: the last one. Another confirmation asks for another check."""
    # Asked by dose, not through the dose: a page asks it of one dose more than once, each time about this moment.
    checks = DoseCheck.objects.filter(dose=dose).select_related("taken_by")
    return checks.order_by("entered_at", "pk").last()


def agrees(dose: DoseConfirmation, *, weight_grams: int, dose_micrograms: int, rate: int) -> bool:
    """Whether what the second person typed is what was confirmed, within rounding."""
    weight = dose.dosing_weight_grams or dose.weight.grams
    step = max(dose.rounding_micrograms or 0, DOSE_MICROGRAMS)
    return (
        abs(weight - weight_grams) <= WEIGHT_GRAMS
        # Two doses a whole step of rounding apart are two doses.
        and abs(dose.dose_micrograms - dose_micrograms) < step
        and abs(dose.rate_microlitres_per_hour - rate) <= RATE_MICROLITRES
    )


def check_can_check(session: InfusionSession, *, by: Actor) -> tuple[DoseConfirmation, User]:
    """May this person check, and is there anything to be checked?

    Raises:
        Refused: without the right, or one's own dose (``dose_check.self``).
        Conflict: no dose is confirmed, or it has been checked (``dose.not_confirmed``, ``dose_check.done``).
    """
    who = check_can_record(session=session, by=by)
    dose = confirmed_dose(session)
    if dose is None:
        message = _("No dose is confirmed yet, so there is nothing to check.")
        raise Conflict(Problem("dose.not_confirmed", message))
    if who.pk in {dose.taken_by_id, dose.entered_by_id}:
        message = _("You confirmed this dose yourself. Ask somebody else to check it.")
        raise Refused(Problem("dose_check.self", message))
    found = latest_check(dose)
    if found is not None and found.agrees:
        raise Conflict(Problem("dose_check.done", _("This dose has been checked, and it agrees.")))
    return dose, who


def obstacles_of_dose(session: InfusionSession) -> list[Problem]:
    """Why the confirmed dose is not one to start with; nothing while none is confirmed."""
    dose = confirmed_dose(session)
    if dose is None:
        return []
    return [*_outdated(session, dose), *_unchecked(session, dose)]


def _outdated(session: InfusionSession, dose: DoseConfirmation) -> list[Problem]:
    found, course = [], session.course
    order = (course.protocol_version_id, course.dose_micrograms_per_kg)
    if dose.protocol_version_id and (dose.protocol_version_id, dose.dose_micrograms_per_kg) != order:
        message = _("The order was changed after the dose was confirmed. Confirm the dose again.")
        found.append(Problem("dose.order_changed", message, link="#dose"))
    drawn = standing_preparation(session)
    if drawn and drawn.concentration_micrograms_per_ml != dose.concentration_micrograms_per_ml:
        message = _(
            "The dose was computed for a vial of %(was)s mg/mL, and %(now)s mg/mL was drawn up. Confirm it again."
        )
        params = {
            "was": plain(thousandths(dose.concentration_micrograms_per_ml)),
            "now": plain(thousandths(drawn.concentration_micrograms_per_ml)),
        }
        found.append(Problem("dose.other_vial", message, params, link="#dose"))
    return found


def _unchecked(session: InfusionSession, dose: DoseConfirmation) -> list[Problem]:
    checked = latest_check(dose)
    if checked is not None and not checked.agrees:
        message = _(
            "The second check came to another dose. Settle it: check again, or confirm the dose again."
        )
        return [Problem("dose.check_differs", message, link="#second-check")]
    if checked is None and session.protocol_version.needs_second_check:
        message = _("The protocol asks for a second check of the dose by another person.")
        return [Problem("dose.not_checked", message, link="#second-check")]
    return []
