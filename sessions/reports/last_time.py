"""What helped at the infusion before, and how the patient wants it to be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from sessions.models import DoseConfirmation, InfusionSession, PatientWish, SideEffectEntry, VitalSigns
from sessions.reports.medicines import helped
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing


@dataclass(frozen=True, slots=True)
class LastTime:
    """The infusion before this one, in a line: what to expect today."""

    session: InfusionSession
    dose: DoseConfirmation | None
    peak: VitalSigns | None
    peak_minute: int | None
    effects: list[str]


def last_time(session: Any, *, actor: Actor) -> LastTime | None:
    """The infusion before this one with what it brought; None for the first."""
    earlier = InfusionSession.objects.for_user(actor).delivered().filter(patient=session.patient_id)
    found = (
        earlier.filter(infusion_started_at__lt=session.scheduled_start)
        .exclude(pk=session.pk)
        .order_by("-infusion_started_at")
        .prefetch_related("doses", "vital_signs", "side_effects__entries")
        .first()
    )
    if found is None or found.infusion_started_at is None:
        return None
    measured = [row for row in standing(found.vital_signs.all()) if row.systolic]
    peak = max(measured, key=lambda row: row.systolic, default=None)
    minute = int((peak.taken_at - found.infusion_started_at).total_seconds() // 60) if peak else None
    effects = sorted({str(effect.get_term_display()) for effect in found.side_effects.all()})
    return LastTime(found, confirmed_dose(found), peak, minute, effects)


def standing_wish(session: Any, *, actor: Actor) -> PatientWish | None:
    """The patient's latest wishes, from whichever visit; None where they were never asked or have none."""
    rows: Any = PatientWish.objects.for_user(actor).filter(patient=session.patient_id)
    found: PatientWish | None = rows.select_related("taken_by").order_by("entered_at", "pk").last()
    return found


def helped_by(session: Any) -> list[str]:
    """What was done at a session whose side effects are loaded, and what came of it, a line each.

    Example: ``["Nausea: medicine given, over"]``
    """
    return [line for read in HELPED for line in read(session)]


def _by_side_effect(session: Any) -> Iterable[str]:
    for effect in session.side_effects.all():
        entries = list(effect.entries.all())
        done = [row for row in entries if row.action_taken != SideEffectEntry.ActionTaken.NONE]
        if not done:
            continue
        words = {str(row.get_action_taken_display()).lower(): None for row in done}
        over = [_("over")] if any(row.resolved_at for row in entries) else []
        yield f"{effect.get_term_display()}: {', '.join([*words, *over])}"


def _by_medicine(session: Any) -> Iterable[str]:
    for medicine in helped(session):
        yield _("%(medicine)s helped") % {"medicine": medicine}


HELPED: tuple[Callable[[Any], Iterable[str]], ...] = (_by_side_effect, _by_medicine)
"""Each tells of one kind of help that a chart records."""
