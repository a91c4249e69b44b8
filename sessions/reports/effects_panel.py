"""What of the side effects does the page of a session show: when to ask, what was found, and what is still open?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import FollowUp, LateEffect, QuickPhrase, SideEffect, SideEffectEntry
from sessions.rules.effect_moments import AskedMoment, MomentState, asked_moments
from sessions.rules.effect_steps import EffectStep, offered_steps
from sessions.rules.moments import is_signed
from sessions.rules.quick_phrases import may_keep_phrases
from sessions.rules.side_effects import SERIOUS_KINDS
from sessions.states import ENDED, OFF, Status


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One side effect as the page shows it.

    Attributes:
        asks_serious: it looks grave, and nobody has said whether it is serious.
        tasks: what it has left open.
    """

    effect: SideEffect
    last: SideEffectEntry
    is_serious: bool
    asks_serious: bool
    late: LateEffect | None
    tasks: list[FollowUp]


@dataclass(frozen=True, slots=True)
class EffectsPanel:
    """The side effects of a session at a moment; ``signed`` rows first, then what was told after the signature."""

    rows: list[EffectRow]
    later: list[EffectRow]
    moments: list[AskedMoment]
    other_tasks: list[FollowUp]
    steps: list[EffectStep]
    phrases: list[QuickPhrase]
    is_shown: bool
    may_update: bool
    may_report_late: bool
    may_keep_phrases: bool

    @property
    def due(self) -> list[AskedMoment]:
        return [moment for moment in self.moments if moment.state is MomentState.DUE]


def effects_panel(session: Any, *, actor: Actor, now: datetime) -> EffectsPanel:
    """The panel of a session whose chart is loaded; three queries more, however many side effects there are."""
    tasks = _open_tasks(session, actor)
    late = _late_reports(session)
    rows = [_row(effect, tasks, late) for effect in session.side_effects.all() if effect.latest]
    may_record = actor.can(Permission.RECORD_OBSERVATIONS, session.site_id)
    writes = may_record and not is_signed(session)
    return EffectsPanel(
        rows=[row for row in rows if not row.effect.after_signature],
        later=[row for row in rows if row.effect.after_signature],
        moments=asked_moments(session, now=now),
        other_tasks=tasks[None],
        steps=offered_steps(session, by=actor),
        phrases=list(QuickPhrase.objects.in_use().filter(site=session.site_id)) if writes else [],
        is_shown=bool(rows) or session.state not in {*OFF, Status.SCHEDULED},
        may_update=may_record,
        may_report_late=may_record and session.state in ENDED,
        may_keep_phrases=may_keep_phrases(site=session.site, by=actor),
    )


def _open_tasks(session: Any, actor: Actor) -> defaultdict[int | None, list[FollowUp]]:
    found: defaultdict[int | None, list[FollowUp]] = defaultdict(list)
    if session.state is not Status.SCHEDULED:
        for task in FollowUp.objects.for_user(actor).filter(session=session).open().with_state():
            found[task.side_effect_id].append(task)
    return found


def _late_reports(session: Any) -> dict[int, LateEffect]:
    if session.state not in ENDED:
        return {}
    reports = LateEffect.objects.filter(session=session).select_related("taken_by")
    return {report.side_effect_id: report for report in reports}


def _row(effect: Any, tasks: dict[int | None, list[FollowUp]], late: dict[int, LateEffect]) -> EffectRow:
    last = effect.latest
    looks_grave = last.grade >= SideEffectEntry.Grade.SEVERE or effect.term in SERIOUS_KINDS
    return EffectRow(
        effect=effect,
        last=last,
        is_serious=effect.is_serious,
        asks_serious=looks_grave and effect.seriousness is None,
        late=late.get(effect.pk),
        tasks=tasks.get(effect.pk, []),
    )
