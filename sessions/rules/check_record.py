"""Items of the check that the record answers by itself: what was measured, signed or asked not long ago."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from patients.models import Patient
from sessions.models import CheckAnswer, InfusionSession, WeightMeasurement
from sessions.rules.alert_limits import limits_of_patient
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of, breaches
from sessions.rules.protocols import LimitLevel

Outcome = CheckAnswer.Outcome


@dataclass(frozen=True, slots=True)
class FromRecord:
    """What the record says of one item; ``outcome`` is empty where it only tells, and a person answers.

    Attributes:
        entered_at: when the measurement behind it was entered: what was said of an earlier one does not count on.
    """

    outcome: str
    words: str
    entered_at: datetime | None = None


Weigh = Callable[[InfusionSession], WeightMeasurement | None]


def record_answers(session: InfusionSession, asked: Iterable[str], *, weight: Weigh) -> dict[str, FromRecord]:
    """What the record says of the items asked for; an item of which it says nothing is left out."""
    asked = set(asked)
    earlier = _earlier_answers(session, asked & {"pregnancy", "urinary"})
    readers: dict[str, Callable[[], FromRecord | None]] = {
        "consent": lambda: _consent(session),
        "weight": lambda: _weight(weight(session), session),
        "baseline-vitals": lambda: _baseline(session),
        "pregnancy": lambda: _pregnancy(session, earlier),
        "urinary": lambda: _urinary(session, earlier),
        "side-effects": lambda: _side_effects(session),
    }
    found = {code: readers[code]() for code in readers if code in asked}
    return {code: known for code, known in found.items() if known}


def _consent(session: InfusionSession) -> FromRecord:
    consent = session.course.consent
    if consent is None:
        return FromRecord("", _("no consent is named in the order"))
    document, given = consent.document, _day(consent.given_on)
    words = _("%(document)s, given %(day)s") % {"document": document, "day": given}
    if consent.valid_until:
        words += ", " + _("until %(day)s") % {"day": _day(consent.valid_until)}
    return FromRecord(Outcome.OK if consent.is_in_date(session.local_date) else "", words)


def _weight(weight: WeightMeasurement | None, session: InfusionSession) -> FromRecord | None:
    if weight is None:
        return None
    taken = weight.taken_at.astimezone(session.site.zone).date()
    value = f"{weight.typed_value} {weight.get_typed_unit_display()}"
    days = (session.local_date - taken).days
    when = _("today") if days <= 0 else _("%(days)s days old") % {"days": days}
    return FromRecord(Outcome.OK, f"{value}, {when}")


def _baseline(session: InfusionSession) -> FromRecord | None:
    reading = baseline_of(session, standing(session.vital_signs.all()))
    if reading is None:
        return None
    at = reading.taken_at.astimezone(session.site.zone).strftime("%H:%M")
    words = f"{reading.systolic}/{reading.diastolic}, HR {reading.heart_rate}, {at}"
    own = limits_of_patient(session.patient_id)
    found = breaches(reading, session=session, baseline=None, own=own)
    held = [str(breach) for breach in found if breach.level is LimitLevel.HOLD_START]
    if held:
        return FromRecord(Outcome.STOP, f"{words}. {'; '.join(held)}", reading.entered_at)
    return FromRecord(Outcome.OK, words, reading.entered_at)


def _pregnancy(session: InfusionSession, earlier: Mapping[str, CheckAnswer]) -> FromRecord | None:
    patient, version = session.patient, session.protocol_version
    if patient.sex == Patient.Sex.MALE:
        return FromRecord(Outcome.NOT_APPLICABLE, _("male"))
    age, until = patient.age_on(session.local_date), version.pregnancy_until_age
    if until is not None and age >= until:
        return FromRecord(Outcome.NOT_APPLICABLE, _("%(age)s years old") % {"age": age})
    last = earlier.get("pregnancy")
    tested = last.details.get("tested_on") if last and last.outcome == Outcome.OK else None
    days = version.pregnancy_test_days
    if tested is None or days is None:
        return None
    day = date.fromisoformat(tested)
    if (session.local_date - day).days > days:
        return None
    return FromRecord(Outcome.OK, _("negative test of %(day)s") % {"day": _day(day)})


def _urinary(session: InfusionSession, earlier: Mapping[str, CheckAnswer]) -> FromRecord | None:
    last, days = earlier.get("urinary"), session.protocol_version.urinary_days
    if last is None or days is None or last.outcome != Outcome.OK or last.details.get("symptoms"):
        return None
    asked_on = last.taken_at.astimezone(session.site.zone).date()
    if session.local_date - asked_on >= timedelta(days=days):
        return None
    return FromRecord(Outcome.OK, _("asked %(day)s, none") % {"day": _day(asked_on)})


def _side_effects(session: InfusionSession) -> FromRecord:
    last: Any = (
        InfusionSession.objects.delivered()
        .filter(patient=session.patient_id, scheduled_start__lt=session.scheduled_start)
        .exclude(pk=session.pk)
        .order_by("-infusion_started_at", "-pk")
        .first()
    )
    if last is None:
        return FromRecord(Outcome.NOT_APPLICABLE, _("the first infusion"))
    found = sorted({str(effect.get_term_display()) for effect in last.side_effects.all()})
    day = _day(last.local_date)
    if found:
        return FromRecord("", f"{day}: {', '.join(found)}")
    if last.side_effect_inquiries.exists():
        return FromRecord(Outcome.OK, _("%(day)s: asked, none") % {"day": day})
    return FromRecord("", _("%(day)s: nobody asked") % {"day": day})


def _earlier_answers(session: InfusionSession, items: set[str]) -> dict[str, CheckAnswer]:
    """The last answer to each item at an earlier visit, wherever it was."""
    if not items:
        return {}
    rows = CheckAnswer.objects.filter(
        session__patient=session.patient_id,
        item__in=items,
        session__scheduled_start__lt=session.scheduled_start,
    ).exclude(session=session)
    return {row.item: row for row in rows.order_by("entered_at", "pk")}


def _day(day: date) -> str:
    return day.strftime("%d %b %Y")
