"""What helped at the infusion before, and how the patient wants it to be."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from sessions.models import PatientWish, SideEffectEntry
from sessions.reports.medicines import helped


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
