"""What the page of a session needs for its side effects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from clinic.accounts.requests import StaffRequest
from sessions.forms.side_effects import EffectSheetForm, LateEffectForm
from sessions.models import InfusionSession
from sessions.reports.effects_panel import EffectsPanel, effects_panel
from sessions.rules.effect_moments import AskedMoment


def side_effects_of(
    request: StaffRequest, session: InfusionSession, *, now: datetime, refused: Mapping[str, forms.BaseForm]
) -> dict[str, Any]:
    """The panel and its two forms. ``?asked=infusing-15`` opens the sheet as the answer to that moment."""
    panel = effects_panel(session, actor=request.actor, now=now)
    asked = _asked(request, panel)
    sheet = EffectSheetForm(
        session=session,
        steps=panel.steps,
        auto_id="effect_%s",
        initial={"asked": asked.code} if asked else {},
    )
    fresh: dict[str, Any] = {
        "effects": panel,
        "effects_asked": asked,
        "effect_form": sheet,
        "late_form": LateEffectForm(session=session, auto_id="late_%s"),
    }
    return fresh | dict(refused)


def _asked(request: StaffRequest, panel: EffectsPanel) -> AskedMoment | None:
    code = request.POST.get("asked") or request.GET.get("asked")
    return next((moment for moment in panel.moments if moment.code == code), None)
