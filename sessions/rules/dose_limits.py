"""What a dose is measured against before it is confirmed: the weight it is computed by, limits, the last one."""

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Invalid, Problem, Refused
from sessions.models import DoseConfirmation, InfusionSession
from sessions.rules.checking import asks_for_dosing_weight, confirmed_dose
from sessions.rules.dosing import DoseInput
from sessions.rules.quantities import plain, thousandths

LIGHTEST_GRAMS, HEAVIEST_GRAMS = 20_000, 400_000
"""Outside this a dosing weight is a slipped digit, whoever types it."""


def check_dosing_weight(
    session: InfusionSession, *, by: Actor, grams: int | None, source: str, reason: str
) -> None:
    """Check the weight that a dose is computed by, where it is not the measured one.

    Raises:
        Invalid: ``dose.weight_missing`` where the protocol asks for one, ``dose.weight_impossible``,
            ``dose.weight_source``; ``reason.missing`` where the protocol doses by the measured weight.
        Refused: a departure from the measured weight without the right.
    """
    asked = asks_for_dosing_weight(session)
    if grams is None:
        if asked:
            basis = session.protocol_version.get_weight_basis_display()
            message = _("This protocol doses by: %(basis)s. Enter that weight and how it was come by.")
            missing = Problem("dose.weight_missing", message, {"basis": str(basis).lower()})
            raise Invalid({"dosing_weight_grams": missing})
        return
    if not LIGHTEST_GRAMS <= grams <= HEAVIEST_GRAMS:
        message = _("Enter a weight between 20 and 400 kg.")
        raise Invalid({"dosing_weight_grams": Problem("dose.weight_impossible", message)})
    if not source.strip():
        message = _("Say how the dosing weight was come by: the formula with its height, or who gave it.")
        raise Invalid({"dosing_weight_source": Problem("dose.weight_source", message)})
    if not asked:
        by.require(Permission.OVERRIDE_DOSE, session.site_id)
        if not reason.strip():
            message = _("This protocol doses by the measured weight. Say why another one is used.")
            raise Invalid({"reason": Problem("reason.missing", message)})


def check_dose_limits(session: InfusionSession, *, micrograms: int, by: Actor, reason: str) -> None:
    """Measure a dose against the protocol's two limits; one that is not set is not checked.

    Raises:
        Refused: over the hard limit without the right (``dose.hard_limit``).
        Invalid: over one of them without a reason (``dose.soft_limit``, ``reason.missing``).
    """
    version = session.protocol_version
    soft, hard = version.soft_limit_micrograms, version.hard_limit_micrograms
    said = bool(reason.strip())
    if hard is not None and micrograms > hard:
        message = _("%(mg)s mg is over this protocol's limit of %(limit)s mg. A prescriber decides.")
        problem = _over(message, "dose.hard_limit", micrograms, hard)
        if not by.can(Permission.OVERRIDE_DOSE, session.site_id):
            raise Refused(problem)
        if not said:
            raise Invalid({"reason": Problem("reason.missing", _("Say why the dose is over the limit."))})
    if soft is not None and micrograms > soft and not said:
        message = _("%(mg)s mg is above %(limit)s mg, from where this protocol asks for a reason. Say why.")
        raise Invalid({"reason": _over(message, "dose.soft_limit", micrograms, soft)})


def _over(message: object, code: str, micrograms: int, limit: int) -> Problem:
    return Problem(code, message, {"mg": plain(thousandths(micrograms)), "limit": plain(thousandths(limit))})


def last_dose(session: InfusionSession) -> DoseConfirmation | None:
    """What was confirmed at the infusion of this course before this one."""
    earlier = InfusionSession.objects.delivered().filter(
        course=session.course_id, infusion_started_at__lt=session.scheduled_start
    )
    found = earlier.exclude(pk=session.pk).order_by("-infusion_started_at").prefetch_related("doses").first()
    return confirmed_dose(found) if found else None


def check_change(last: DoseConfirmation | None, *, given: DoseInput, is_capped: bool, reason: str) -> None:
    """Raises Invalid ``dose.changed``: another dose for the weight, or another duration, than last time says why.

    A dose that differs because the patient's weight does is the same dose.
    """
    if last is None or reason.strip():
        return
    same_order = (last.dose_micrograms_per_kg, last.duration_minutes) == (
        given.micrograms_per_kg,
        given.duration_minutes,
    )
    if same_order and last.is_capped == is_capped:
        return
    message = _("Last time it was %(mg)s mg (%(per_kg)s mg/kg over %(minutes)s min). Say why it changes.")
    params = {
        "mg": plain(thousandths(last.dose_micrograms)),
        "per_kg": plain(thousandths(last.dose_micrograms_per_kg)),
        "minutes": last.duration_minutes,
    }
    raise Invalid({"reason": Problem("dose.changed", message, params)})
