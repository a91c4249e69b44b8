"""Everything that was written into one chart, in the order in which it happened."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.common.models import OfflineEntry
from sessions.models import InfusionSession
from sessions.reports.alerts_timeline import alert_lines
from sessions.reports.orders_timeline import order_lines
from sessions.rules.check_words import told
from sessions.rules.discharge_values import words_of
from sessions.rules.protocols import CHECK_ITEMS
from sessions.rules.quantities import plain, thousandths
from sessions.states import Action, EndKind, EventKind

EVENTS: dict[EventKind, Any] = {
    EventKind.START: gettext_lazy("Infusion started"),
    EventKind.PAUSE: gettext_lazy("Infusion paused"),
    EventKind.RESUME: gettext_lazy("Infusion resumed"),
    EventKind.RATE: gettext_lazy("Rate changed"),
    EventKind.END: gettext_lazy("Infusion ended"),
}
DONE: dict[Action, Any] = {
    Action.ARRIVE: gettext_lazy("Arrived"),
    Action.UNDO_ARRIVE: gettext_lazy("Arrival undone"),
    Action.CLEAR: gettext_lazy("Cleared for infusion"),
    Action.WITHDRAW_CLEARANCE: gettext_lazy("Clearance withdrawn"),
    Action.DO_NOT_START: gettext_lazy("Not started"),
    Action.START: gettext_lazy("Infusion started"),
    Action.PAUSE: gettext_lazy("Infusion paused"),
    Action.RESUME: gettext_lazy("Infusion resumed"),
    Action.END: gettext_lazy("Infusion ended"),
    Action.DISCHARGE: gettext_lazy("Discharged"),
    Action.LEAVE: gettext_lazy("Patient left"),
    Action.TRANSFER_OUT: gettext_lazy("Transferred out"),
    Action.CANCEL: gettext_lazy("Session cancelled"),
    Action.NO_SHOW: gettext_lazy("Did not come"),
}
"""What a button asks for is told as done: a chart says what happened."""
OF_THE_INFUSION = {Action.START, Action.PAUSE, Action.RESUME, Action.END}
"""Steps that the timeline of the infusion already tells."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline.

    Attributes:
        kind: ``event``, ``reading``, ``note``, ``side-effect``, ``check``, ``dose``, ``step``, ``alert`` or
            ``addendum``.
        fact: the row, for links to its correction.
        struck: another row corrects it, or says that it never was.
        offline: what the tablet said of its typing, where that was without network.

    Example: ``Entry(at, "reading", "112/70, HR 76, SpO2 98 %", "", fact, False)``
    """

    at: datetime
    kind: str
    text: str
    detail: str
    fact: Any
    struck: bool = False
    mark_minutes: int = 5
    offline: OfflineEntry | None = None

    @property
    def is_late(self) -> bool:
        """Entered later than the site's tolerance after it happened; both times are then shown."""
        return bool(self.fact.entered_at - self.fact.taken_at > timedelta(minutes=self.mark_minutes))


def entries(session: InfusionSession) -> list[Entry]:
    """The timeline of a session whose chart is loaded, latest first; one query more, for its steps."""
    found = [
        *_events(session),
        *_readings(session),
        *_side_effects(session),
        *_texts(session),
        *_check(session),
        *_decisions(session),
        *_steps(session),
        *_going(session),
        *(Entry(*line) for line in order_lines(session)),
        *(Entry(*line) for line in alert_lines(session)),
    ]
    mark = session.site.rules.late_entry_mark_minutes
    marked = (replace(entry, mark_minutes=mark) for entry in found)
    return sorted(marked, key=lambda entry: (entry.at, entry.fact.entered_at), reverse=True)


def _events(session: InfusionSession) -> Iterable[Entry]:
    # An event of which more was said later is told once, in its full words.
    detailed = {row.corrects_id for row in session.infusion_events.all() if row.is_detail}
    for row in session.infusion_events.all():
        text = str(EVENTS[EventKind(row.kind)])
        if row.end_kind:
            text += ": " + (_("completed") if row.end_kind == EndKind.COMPLETED else _("stopped early"))
        if row.rate_microlitres_per_hour:
            text += f": {plain(thousandths(row.rate_microlitres_per_hour))} mL/h"
        if row.pk not in detailed:
            yield Entry(row.taken_at, "event", text, row.reason, row, row.is_superseded or row.retracted)


def _readings(session: InfusionSession) -> Iterable[Entry]:
    for row in session.vital_signs.all():
        text = _("Reading struck") if row.retracted else reading_text(row)
        yield Entry(row.taken_at, "reading", text, row.correction_reason, row, row.is_superseded)


def reading_text(row: Any) -> str:
    """``112/70, HR 76, SpO2 98 %``"""
    parts = [
        f"{row.systolic}/{row.diastolic}" if row.systolic else "",
        f"HR {row.heart_rate}" if row.heart_rate else "",
        f"SpO2 {row.oxygen_saturation} %" if row.oxygen_saturation else "",
        f"RR {row.respiratory_rate}" if row.respiratory_rate else "",
        f"MOAA/S {row.sedation}" if row.sedation is not None else "",
        _("dissociation %(value)s") % {"value": row.dissociation} if row.dissociation is not None else "",
        f"RASS {row.rass:+d}" if row.rass is not None else "",
        _("pain %(value)s") % {"value": row.pain} if row.pain is not None else "",
        _("oxygen %(value)s L/min") % {"value": row.oxygen_flow} if row.oxygen_flow is not None else "",
        f"{row.temperature_typed} {row.get_temperature_unit_display()}" if row.temperature_typed else "",
    ]
    return ", ".join(part for part in parts if part)


def _side_effects(session: InfusionSession) -> Iterable[Entry]:
    for effect in session.side_effects.all():
        for row in effect.entries.all():
            over = _("over") if row.resolved_at else str(row.get_grade_display()).lower()
            done = "" if row.action_taken == "none" else str(row.get_action_taken_display())
            detail = ". ".join(part for part in (done, row.note) if part)
            yield Entry(row.taken_at, "side-effect", f"{effect.get_term_display()}: {over}", detail, row)
    for row in session.side_effect_inquiries.all():
        yield Entry(row.taken_at, "side-effect", _("Asked about side effects: none"), "", row)


def _texts(session: InfusionSession) -> Iterable[Entry]:
    for row in session.notes.all():
        yield Entry(row.taken_at, "note", row.text, row.correction_reason, row, row.is_superseded)
    for row in session.addenda.all():
        yield Entry(row.taken_at, "addendum", row.text, _("Addendum"), row)


def _check(session: InfusionSession) -> Iterable[Entry]:
    for row in session.check_answers.all():
        text = f"{CHECK_ITEMS.get(row.item, row.item)}: {row.get_outcome_display()}"
        if row.waits_until:
            text += _(", until %(time)s") % {
                "time": row.waits_until.astimezone(session.site.zone).strftime("%H:%M")
            }
        details = told(row.item, row.details, zone=session.site.zone, day=session.local_date)
        yield Entry(row.taken_at, "check", text, ". ".join(filter(None, (details, row.note))), row)
    for row in session.weights.all():
        text = _("Weight %(value)s") % {"value": f"{row.typed_value} {row.get_typed_unit_display()}"}
        yield Entry(row.taken_at, "check", text, "", row, row.is_superseded)
    for row in session.doses.all():
        mg, rate = (
            plain(thousandths(value)) for value in (row.dose_micrograms, row.rate_microlitres_per_hour)
        )
        text = _("Dose confirmed: %(mg)s mg, %(rate)s mL/h") % {"mg": mg, "rate": rate}
        yield Entry(row.taken_at, "dose", text, row.reason, row)
    for row in session.discharge_assessments.all():
        met = sum(bool(value) for value in row.criteria.values())
        text = _("Discharge criteria met: %(met)s of %(all)s") % {"met": met, "all": len(row.criteria)}
        seen = [words_of(code, value) for code, value in row.values.items()]
        yield Entry(row.taken_at, "check", text, ". ".join(filter(None, [*seen, row.note])), row)


def _decisions(session: InfusionSession) -> Iterable[Entry]:
    for row in session.decision_requests.all():
        yield Entry(row.taken_at, "check", _("A prescriber is asked"), row.question, row)
    for row in session.check_decisions.all():
        text = _("Decided: %(outcome)s") % {"outcome": row.get_outcome_display()}
        if row.waits_until:
            text += _(", until %(time)s") % {
                "time": row.waits_until.astimezone(session.site.zone).strftime("%H:%M")
            }
        yield Entry(row.taken_at, "check", text, ". ".join([*row.change_words, row.words]).strip(". "), row)
    for row in session.baseline_choices.all():
        readings = [one for one in session.vital_signs.all() if one.pk == row.reading_id]
        text = _("Baseline named: %(reading)s") % {"reading": ", ".join(map(reading_text, readings))}
        yield Entry(row.taken_at, "check", text, row.reason, row)
    for row in session.patient_wishes.all():
        text = _("Wishes: %(wishes)s") % {"wishes": str(row) or _("none")}
        yield Entry(row.taken_at, "check", text, "", row)


def _steps(session: InfusionSession) -> Iterable[Entry]:
    for row in session.status_changes.select_related("taken_by", "entered_by"):
        if Action(row.action) not in OF_THE_INFUSION:
            yield Entry(row.taken_at, "step", str(DONE[Action(row.action)]), row.reason, row)
    for row in session.departures.all():
        sentences = " ".join(obstacle["sentence"] for obstacle in row.obstacles)
        text = _("%(action)s although not cleared") % {"action": DONE[Action(row.action)]}
        yield Entry(row.taken_at, "departure", text, f"{row.reason} ({sentences})", row)


def _going(session: InfusionSession) -> Iterable[Entry]:
    for row in session.emergency_steps.all():
        struck = row.is_superseded or row.retracted
        yield Entry(row.taken_at, "emergency", str(row.get_kind_display()), row.note, row, struck)
    for row in session.ready_marks.all():
        yield Entry(row.taken_at, "step", _("Ready to leave"), row.override_reason, row)
    for row in session.early_leavings.all():
        unmet = _("%(n)s not met at that moment") % {"n": len(row.unmet)} if row.unmet else ""
        detail = ". ".join(part for part in (row.note, unmet) if part)
        yield Entry(row.taken_at, "departure", str(row.get_kind_display()), detail, row)
