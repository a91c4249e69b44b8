"""What is seen while the patient is here: vital signs, notes, side effects. Every row is written once."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession, Note, SideEffect, SideEffectEntry, SideEffectInquiry, VitalSigns
from sessions.operations.alerting import evaluate
from sessions.operations.effect_tasks import open_tasks_of_serious, settle_open_effect
from sessions.operations.facts import Entry, open_entry, write_fact, write_struck
from sessions.rules import plausibility
from sessions.rules.corrections import check_can_correct
from sessions.rules.effect_moments import check_is_asked
from sessions.rules.moments import check_moment, is_signed
from sessions.rules.quantities import decicelsius_of
from sessions.rules.side_effects import grade_of, seriousness_of
from sessions.rules.texts import check_length

WHOLE_NUMBERS = (
    "systolic",
    "diastolic",
    "heart_rate",
    "respiratory_rate",
    "oxygen_saturation",
    "sedation",
    "dissociation",
    "rass",
    "pain",
    "oxygen_flow",
)


@transaction.atomic(savepoint=False)
def record_vital_signs(
    *,
    session: InfusionSession,
    values: Mapping[str, Any],
    by: Actor,
    confirmed: bool = False,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> VitalSigns:
    """Record one set of vital signs; leave out what was not measured.

    Args:
        values: any of systolic and diastolic (mmHg), heart_rate (/min), respiratory_rate (/min),
            oxygen_saturation (%), temperature (Decimal) with temperature_unit (Cel or [degF]),
            sedation (MOAA/S 0-5), rass (-5 to 4), dissociation and pain (0-10), oxygen_flow (L/min).
        confirmed: the person has checked an unusual value and it stands.

    Raises:
        Invalid: as :func:`plausibility.check_vital_signs` says; a moment in the future or before arrival.
        Conflict: the patient is not here, or the chart is signed.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    columns = _columns(values, confirmed=confirmed)
    reading = VitalSigns(session=entry.session, **columns, **entry.times())
    return write_fact(reading, entry=entry, verb="vital_signs.recorded", public_id=public_id, then=evaluate)


def _columns(values: Mapping[str, Any], *, confirmed: bool) -> dict[str, Any]:
    columns: dict[str, Any] = {name: values.get(name) for name in WHOLE_NUMBERS}
    columns["confirmed_unusual"] = confirmed
    measured = dict(columns)
    del measured["confirmed_unusual"]
    typed: Decimal | None = values.get("temperature")
    if typed is not None:
        unit = values.get("temperature_unit") or VitalSigns.TemperatureUnit.CELSIUS
        tenths = decicelsius_of(typed, unit)
        measured["temperature"] = tenths / 10
        columns |= {
            "temperature_typed": format(typed, "f"),
            "temperature_unit": unit,
            "temperature_decicelsius": tenths,
        }
    plausibility.check_vital_signs(measured, confirmed=confirmed)
    return columns


@transaction.atomic(savepoint=False)
def correct_vital_signs(
    *,
    reading: VitalSigns,
    values: Mapping[str, Any],
    by: Actor,
    reason: str,
    confirmed: bool = False,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> VitalSigns:
    """Put a reading right: a new row names the old one, which stays.

    Raises:
        Invalid: no reason, or as for a new reading.
        Conflict: ``correction.taken`` when somebody corrected it first.
    """
    entry = open_entry(session=reading.session, by=by, taken_at=taken_at or reading.taken_at, now=now)
    check_can_correct(reading, reason=reason)
    corrected = VitalSigns(
        session=entry.session,
        corrects=reading,
        correction_reason=storable(reason, field="reason"),
        **_columns(values, confirmed=confirmed),
        **{**entry.times(), "taken_by": reading.taken_by},
    )
    verb = "vital_signs.corrected"
    return write_fact(corrected, entry=entry, verb=verb, public_id=public_id, reason=reason, then=evaluate)


@transaction.atomic(savepoint=False)
def retract_vital_signs(
    *,
    reading: VitalSigns,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> VitalSigns:
    """Strike a reading that was entered in error, such as one of another patient. It stays visible, struck."""
    entry = open_entry(session=reading.session, by=by, taken_at=reading.taken_at, now=now)
    check_can_correct(reading, reason=reason)
    verb = "vital_signs.retracted"
    return write_struck(reading, entry=entry, verb=verb, reason=reason, public_id=public_id, then=evaluate)


@transaction.atomic(savepoint=False)
def write_note(
    *,
    session: InfusionSession,
    text: str,
    by: Actor,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Note:
    """Write a note. Raises Invalid ``note.empty`` or ``note.too_long`` (over 100 kB)."""
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    note = Note(session=entry.session, text=_checked_text(text), **entry.times())
    return write_fact(note, entry=entry, verb="note.written", public_id=public_id)


@transaction.atomic(savepoint=False)
def correct_note(
    *,
    note: Note,
    text: str,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Note:
    """Replace a note by a corrected one; the first stays readable behind it."""
    entry = open_entry(session=note.session, by=by, taken_at=note.taken_at, now=now)
    check_can_correct(note, reason=reason)
    corrected = Note(
        session=entry.session,
        text=_checked_text(text),
        corrects=note,
        correction_reason=storable(reason, field="reason"),
        **{**entry.times(), "taken_by": note.taken_by},
    )
    return write_fact(corrected, entry=entry, verb="note.corrected", public_id=public_id, reason=reason)


def _checked_text(text: str) -> str:
    storable(text, field="text")
    if not text.strip():
        raise Invalid({"text": Problem("note.empty", _("Write something before you save the note."))})
    check_length(text)
    return text


@transaction.atomic(savepoint=False)
def report_side_effect(
    *,
    session: InfusionSession,
    term: str,
    by: Actor,
    grade: int | None = None,
    severity: str = "",
    serious: bool | None = None,
    serious_criteria: Sequence[str] = (),
    action_taken: str = SideEffectEntry.ActionTaken.NONE,
    moment: str = "",
    note: str = "",
    onset_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffect:
    """Record a side effect with its first entry; a serious one opens its tasks.

    Args:
        severity: mild, moderate or severe, as it looks at the chair.
        grade: the same as a number from 1; 4 is severe and life-threatening, so serious.
        serious: None where it was not asked; with ``serious_criteria`` it is serious by these.
        moment: the moment of the protocol at which it was found by asking.
    """
    entry = open_entry(session=session, by=by, taken_at=onset_at, now=now)
    check_is_asked(moment, session=entry.session)
    effect = insert_side_effect(
        entry,
        term=term,
        onset_at=entry.taken_at,
        moment=moment,
        public_id=public_id,
        grade=grade,
        severity=severity,
        serious=serious,
        serious_criteria=serious_criteria,
        action_taken=action_taken,
        note=note,
    )
    if effect.is_serious:
        open_tasks_of_serious(side_effect=effect, session=entry.session, by=by, now=entry.now)
    return effect


def insert_side_effect(
    entry: Entry,
    *,
    term: str,
    onset_at: datetime,
    moment: str = "",
    after_signature: bool = False,
    public_id: uuid.UUID | None = None,
    **columns: Any,
) -> SideEffect:
    """Insert a side effect with its first entry, and audit it; the session is locked."""
    effect = SideEffect(
        public_id=public_id or uuid.uuid4(),
        session=entry.session,
        term=term,
        onset_at=onset_at,
        moment=moment,
        after_signature=after_signature,
    )
    first = _entry_of(effect, entry.times(), after_signature=after_signature, **columns)
    if effect.term not in dict(SideEffect._meta.get_field("term").flatchoices):
        raise Invalid({"term": Problem("side_effect.term", _("Choose a side effect from the list."))})
    effect.save(force_insert=True)
    first.side_effect = effect
    write_fact(first, entry=entry, verb="side_effect.reported")
    return effect


def _entry_of(
    effect: SideEffect,
    times: Mapping[str, Any],
    *,
    grade: int | None = None,
    severity: str = "",
    serious: bool | None = None,
    serious_criteria: Sequence[str] = (),
    action_taken: str = SideEffectEntry.ActionTaken.NONE,
    note: str = "",
    **columns: Any,
) -> SideEffectEntry:
    storable(note, field="note")
    stored = grade_of(grade=grade, severity=severity)
    said, criteria = seriousness_of(serious=serious, criteria=serious_criteria, grade=stored)
    if action_taken not in SideEffectEntry.ActionTaken.values:
        message = _("Choose what was done from the list.")
        raise Invalid({"action_taken": Problem("side_effect.action", message)})
    return SideEffectEntry(
        side_effect=effect,
        session=effect.session,
        grade=stored,
        serious=said,
        serious_criteria=criteria,
        action_taken=action_taken,
        note=note,
        **columns,
        **times,
    )


@transaction.atomic(savepoint=False)
def update_side_effect(
    *,
    side_effect: SideEffect,
    by: Actor,
    grade: int | None = None,
    severity: str = "",
    serious: bool | None = None,
    serious_criteria: Sequence[str] = (),
    action_taken: str = SideEffectEntry.ActionTaken.NONE,
    resolved_at: datetime | None = None,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffectEntry:
    """Say what has become of a side effect: how bad, whether serious, what was done, when it was over.

    Also after the chart is signed: what becomes of it at home is a fact. Such an entry stands beside the chart, and
    the signature does not cover it.
    """
    entry = open_entry(session=side_effect.session, by=by, taken_at=taken_at, now=now, beside_signature=True)
    if resolved_at is not None:
        check_moment(resolved_at, session=entry.session, now=entry.now, field="resolved_at")
        if resolved_at < side_effect.onset_at:
            message = _("It cannot be over before it began. Check the time.")
            raise Invalid({"resolved_at": Problem("side_effect.resolved_early", message)})
    row = _entry_of(
        side_effect,
        entry.times(),
        grade=grade,
        severity=severity,
        serious=serious,
        serious_criteria=serious_criteria,
        action_taken=action_taken,
        note=note,
        resolved_at=resolved_at,
        after_signature=is_signed(entry.session),
    )
    if resolved_at is not None:
        settle_open_effect(side_effect=side_effect, by=by, now=entry.now)
    write_fact(row, entry=entry, verb="side_effect.updated", public_id=public_id)
    if row.serious:
        open_tasks_of_serious(side_effect=side_effect, session=entry.session, by=by, now=entry.now)
    return row


@transaction.atomic(savepoint=False)
def ask_about_side_effects(
    *,
    session: InfusionSession,
    by: Actor,
    moment: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffectInquiry:
    """The patient was asked and has none: another thing than not having asked.

    Args:
        moment: the moment of the protocol that this answers, if it answers one.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    check_is_asked(moment, session=entry.session)
    inquiry = SideEffectInquiry(session=entry.session, moment=moment, **entry.times())
    return write_fact(inquiry, entry=entry, verb="side_effects.asked_none", public_id=public_id)
