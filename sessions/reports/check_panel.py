"""The check as its page shows it: each item with what the record knows, what is asked, and what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from patients.models import Allergy, Contact, Medication, SuicideReview
from sessions.models import CheckAnswer, CheckDecision, DecisionRequest, VitalSigns
from sessions.reports.readiness import Visit, readiness_of
from sessions.rules.check_deciding import is_prescriber, open_request, standing_decision
from sessions.rules.check_details import IDENTIFIERS, MEDICINE_CLASSES, SUBSTANCES, SYMPTOMS
from sessions.rules.check_times import clearings
from sessions.rules.check_words import told, waiting_words
from sessions.rules.checking import ItemState, obstacles_of_identity
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_candidates, baseline_of
from sessions.rules.protocols import Requirement
from sessions.states import Status

PAIRS = (("name", "birth_date"), ("name", "record_number"))
"""The pairs of identifiers that a clinic uses most; any other two can be ticked."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One item of the check.

    Attributes:
        told: what stands, in words: the details, the reason, or what the record says.
        known: lines from the record that help to ask.
        options: what the item's own fragment offers, by name.
        is_due: it has waited long enough: answer it again.
    """

    state: ItemState
    told: str
    known: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    is_due: bool = False

    @property
    def code(self) -> str:
        return self.state.code

    @property
    def is_closed(self) -> bool:
        """Settled, and nothing left to ask of this person."""
        return self.state.is_settled and not self.options.get("asks_me")

    @property
    def fragment(self) -> str:
        return f"sessions/check/_{self.code if self.code in FRAGMENTS else 'plain'}.html"


FRAGMENTS = frozenset(
    {
        "identity",
        "fasting",
        "escort",
        "pregnancy",
        "allergies",
        "medicines",
        "substances",
        "illness",
        "mood",
        "urinary",
        "baseline-vitals",
    }
)


@dataclass(frozen=True, slots=True)
class CheckPanel:
    """The check of a session and the decision about it."""

    rows: tuple[CheckRow, ...]
    request: DecisionRequest | None
    decision: CheckDecision | None
    may_check: bool
    may_decide: bool
    may_ask: bool
    is_prescriber: bool

    @property
    def open(self) -> int:
        return sum(row.state.blocks for row in self.rows)


def check_panel(session: Any, states: Sequence[ItemState], *, actor: Actor, now: datetime) -> CheckPanel:
    """The check of a session whose chart is loaded; a handful of queries more, for what the record knows."""
    may_check = session.state in {Status.ARRIVED, Status.READY} and actor.can(
        Permission.RECORD_OBSERVATIONS, session.site_id
    )
    known = _Known(session, actor) if may_check and states else None
    prescriber = is_prescriber(actor, session)
    runs = actor.can(Permission.RUN_INFUSION, session.site_id)
    request, decision = open_request(session), standing_decision(session)
    held = bool(decision and decision.by_prescriber and decision.outcome in {"wait", "cancel"})
    return CheckPanel(
        rows=tuple(_row(state, session, known, actor, now) for state in states),
        request=request,
        decision=decision,
        may_check=may_check,
        may_decide=may_check and (prescriber or (runs and not request and not held)),
        may_ask=may_check and runs and not prescriber and request is None,
        is_prescriber=prescriber,
    )


def _row(state: ItemState, session: Any, known: "_Known | None", actor: Actor, now: datetime) -> CheckRow:
    lines, options = known.of(state, actor) if known else ((), {})
    waits_until = state.answer.waits_until if state.answer else None
    return CheckRow(
        state=state,
        told=words_of(state, session),
        known=tuple(line for line in lines if line),
        options=options,
        is_due=waits_until is not None and waits_until <= now,
    )


def words_of(state: ItemState, session: Any) -> str:
    """What stands of an item, in words."""
    answer, zone = state.answer, session.site.zone
    if answer is None:
        return state.from_record.words if state.from_record and state.outcome else ""
    parts = [told(answer.item, answer.details, zone=zone, day=session.local_date)]
    if answer.waits_until:
        at = answer.waits_until.astimezone(zone).strftime("%H:%M")
        reason = waiting_words(answer.item, answer.note)
        parts.insert(0, _("%(reason)s until %(time)s") % {"reason": reason, "time": at})
    elif answer.note:
        parts.append(answer.note)
    return ". ".join(part for part in parts if part)


class _Known:
    """What the record knows that helps to ask, read once."""

    def __init__(self, session: Any, actor: Actor) -> None:
        self.session = session
        self.visit: Visit = readiness_of(session, actor=actor)
        mine = {"patient": session.patient_id}
        contacts: Any = Contact.objects.for_user(actor).filter(**mine)
        medicines: Any = Medication.objects.for_user(actor).filter(**mine)
        allergies: Any = Allergy.objects.for_user(actor).filter(**mine)
        self.contacts = sorted(contacts.active(), key=lambda one: one.kind != Contact.Kind.ESCORT)
        self.medicines = list(medicines.active())
        self.allergies = list(allergies.active())

    def of(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        """Lines to read and options for the item's fragment."""
        read = getattr(self, f"_{state.code.replace('-', '_')}", None)
        lines, options = read(state, actor) if read else ((), {})
        if not state.outcome and state.from_record and not lines:
            lines = (state.from_record.words,)
        return lines, options

    def _identity(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        mine = obstacles_of_identity(self.session, actor)
        clears = actor.can(Permission.RUN_INFUSION, self.session.site_id)
        pairs = [(codes, " + ".join(str(IDENTIFIERS[code]) for code in codes)) for codes in PAIRS]
        asks_me = bool(mine) and clears and state.requirement is Requirement.REQUIRED
        return (), {"pairs": pairs, "all": IDENTIFIERS.items(), "asks_me": asks_me}

    def _fasting(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        version = self.session.protocol_version
        solids, liquids = version.fasting_solids_minutes, version.fasting_liquids_minutes
        line = _("By this protocol: solid food %(solids)s, clear liquids %(liquids)s") % {
            "solids": _span(solids),
            "liquids": _span(liquids),
        }
        until = [one.at for one in clearings(state.answer.details, version)] if state.answer else []
        timed = solids is not None or liquids is not None
        return (line,), {"is_timed": timed, "until": max(filter(None, until), default=None)}

    def _escort(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        ride = self.visit.ride
        lines = []
        if ride:
            words = f"{ride.get_outcome_display()}. {ride.note}".strip(". ")
            lines.append(_("Before the day: %(ride)s") % {"ride": words})
        allowed = self.session.site.rules.escort_alternatives
        return lines, {"contacts": self.contacts, "alternatives": allowed}

    def _pregnancy(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        days = self.session.protocol_version.pregnancy_test_days
        line = _("A test counts for %(days)s days") % {"days": days} if days is not None else ""
        last = _last_reason(self.session, actor)
        return (line or _("Age of the test: not checked"),), {
            "reason": last.note if last else "",
            "today": self.session.local_date.isoformat(),
        }

    def _allergies(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        words = [
            f"{one.substance} ({one.reaction})" if one.reaction else one.substance for one in self.allergies
        ]
        return (", ".join(words) or _("none on the record"),), {}

    def _medicines(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        grouped: dict[str, list[str]] = {}
        for one in self.medicines:
            label = str(MEDICINE_CLASSES[one.rems_class]) if one.rems_class else _("Other")
            grouped.setdefault(label, []).append(str(one))
        lines = [f"{label}: {', '.join(names)}" for label, names in grouped.items()]
        lowering = [str(one) for one in self.medicines if one.is_antihypertensive]
        if lowering:
            lines.append(_("Lowers blood pressure: %(names)s") % {"names": ", ".join(lowering)})
        options = {"lowering": lowering, "classes": MEDICINE_CLASSES.items()}
        return lines or [_("none on the record")], options

    def _substances(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        hours = self.session.protocol_version.substance_free_hours
        line = _("By this protocol: %(hours)s hours without") % {"hours": hours}
        return (line if hours is not None else _("Hours without: not checked"),), {"used": SUBSTANCES.items()}

    def _illness(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        return (), {"found": SYMPTOMS.items()}

    def _mood(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        due, nine = self.visit.scores_due, self.visit.item_nine
        lines = [
            _("%(name)s is due, last %(day)s") % {"name": one.name, "day": _day(one.last)} for one in due
        ]
        warning = ""
        if nine:
            warning = _("PHQ-9 item 9 was %(answer)s on %(day)s") % {
                "answer": nine.answer,
                "day": _day(nine.day),
            }
        reviews = SuicideReview.objects.for_user(actor).filter(patient=self.session.patient_id).open()
        options = {"warning": warning, "due": due, "reviews": list(reviews)}
        return lines or [_("No questionnaire is due")], options

    def _baseline_vitals(self, state: ItemState, actor: Actor) -> tuple[Sequence[str], dict[str, Any]]:
        readings: list[VitalSigns] = standing(self.session.vital_signs.all())
        offered = sorted(baseline_candidates(self.session, readings), key=lambda row: row.taken_at)
        baseline = baseline_of(self.session, readings)
        # One reading is no choice.
        return (), {"readings": offered if len(offered) > 1 else [], "baseline": baseline}


def _last_reason(session: Any, actor: Actor) -> CheckAnswer | None:
    """Why the pregnancy test did not apply at an earlier visit: offered, and said anew."""
    rows: Any = CheckAnswer.objects.for_user(actor).filter(
        session__patient=session.patient_id, item="pregnancy", outcome=CheckAnswer.Outcome.NOT_APPLICABLE
    )
    found: CheckAnswer | None = rows.exclude(session=session).order_by("-entered_at").first()
    return found


def _span(minutes: int | None) -> str:
    if minutes is None:
        return _("not checked")
    if minutes % 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h") % {"hours": minutes // 60}


def _day(day: Any) -> str:
    return day.strftime("%d %b") if day else _("never")
