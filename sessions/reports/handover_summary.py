"""What a colleague must know who takes a patient over, in words, as it stands at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.common import clock
from sessions.models import InfusionSession, PatientLimit, VitalSigns
from sessions.reports.timeline import reading_text
from sessions.rules.alert_limits import limits_of_patients
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.discharging import open_criteria
from sessions.rules.limits import Breach, baseline_of, breaches
from sessions.rules.monitoring import next_reading_due
from sessions.rules.quantities import plain, thousandths
from sessions.states import Status

RECENT = timedelta(minutes=30)
READ = (
    "vital_signs",
    "baseline_choices",
    "doses",
    "notes__taken_by",
    "side_effects__entries",
    "check_answers",
    "discharge_assessments",
)

LABELS = {
    "stage": gettext_lazy("Stage"),
    "dose": gettext_lazy("Dose"),
    "reading": gettext_lazy("Last reading"),
    "due": gettext_lazy("Next reading due"),
    "side_effects": gettext_lazy("Side effects"),
    "problems": gettext_lazy("Open"),
    "notes": gettext_lazy("Notes, last 30 min"),
}
"""The lines of a patient, in this order; each is a list of texts, and one without a text is not shown."""

Told = dict[str, Any]


def summarise(sessions: Sequence[InfusionSession], now: datetime) -> dict[str, Told]:
    """The lines of each patient by the session's public id, in a number of queries that does not grow with them."""
    keys = [session.pk for session in sessions]
    rows = InfusionSession.objects.filter(pk__in=keys).select_related(
        "site", "chair", "patient", "course__protocol_version"
    )
    found = rows.prefetch_related(*READ).order_by("chair__position", "chair__name", "pk")
    own = limits_of_patients({session.patient_id for session in found})
    return {str(session.public_id): _told(session, own[session.patient_id], now) for session in found}


def as_told(summary: Mapping[str, Any], session_id: Any) -> list[tuple[str, list[str]]]:
    """The stored lines of one patient, each with its label."""
    told = summary.get(str(session_id), {})
    return [(str(label), told[name]) for name, label in LABELS.items() if told.get(name)]


def _told(session: Any, own: Sequence[PatientLimit], now: datetime) -> Told:
    readings = sorted(standing(session.vital_signs.all()), key=lambda reading: reading.taken_at)
    latest = readings[-1] if readings else None
    due = next_reading_due(session, latest=latest)
    baseline = baseline_of(session, readings)
    breached = breaches(latest, session=session, baseline=baseline, own=own) if latest else []
    return {
        "stage": [_stage(session, now)],
        "dose": [_dose(session)],
        "reading": [_reading(latest, baseline, session)],
        "due": [_at(due, session)] if due else [],
        "side_effects": list(_side_effects(session)),
        "problems": list(_problems(session, breached, due, now)),
        "notes": list(_notes(session, now)),
    }


def _stage(session: Any, now: datetime) -> str:
    label = str(session.state.label)
    if session.infusion_started_at is None:
        return label
    dose = confirmed_dose(session)
    params = {
        "stage": label,
        "minutes": clock.whole_minutes(session.infused(now)),
        "planned": dose.duration_minutes if dose else session.course.duration_minutes,
    }
    return _("%(stage)s, %(minutes)s of %(planned)s min infused by chart") % params


def _dose(session: Any) -> str:
    dose = confirmed_dose(session)
    if dose is None:
        return _("Not confirmed")
    mg = plain(thousandths(dose.dose_micrograms))
    return _("%(mg)s mg over %(minutes)s min") % {"mg": mg, "minutes": dose.duration_minutes}


def _reading(latest: VitalSigns | None, baseline: VitalSigns | None, session: Any) -> str:
    if latest is None:
        return _("None yet")
    text = f"{reading_text(latest)}, {_at(latest.taken_at, session)}"
    if baseline is None or latest.pk == baseline.pk or not (latest.systolic and baseline.systolic):
        return text
    change = latest.systolic - baseline.systolic
    return _("%(reading)s; systolic %(change)s from baseline") % {"reading": text, "change": f"{change:+d}"}


def _side_effects(session: Any) -> Iterable[str]:
    for effect in session.side_effects.all():
        entry = effect.latest
        if entry is None:
            continue
        grade = _("over") if entry.resolved_at else str(entry.get_grade_display()).lower()
        done = "" if entry.action_taken == "none" else str(entry.get_action_taken_display()).lower()
        since = _("since %(time)s") % {"time": _at(effect.onset_at, session)}
        words = (f"{effect.get_term_display()}: {grade}", since, done, entry.note)
        yield ", ".join(word for word in words if word)


def _problems(session: Any, breached: Iterable[Breach], due: datetime | None, now: datetime) -> Iterable[str]:
    if due and now >= due + timedelta(minutes=1):
        yield _("Reading overdue since %(time)s") % {"time": _at(due, session)}
    for breach in breached:
        yield _("Limit: %(breach)s") % {"breach": breach}
    if session.state in {Status.ARRIVED, Status.READY} and confirmed_dose(session) is None:
        yield _("Dose not confirmed")
    if session.state is Status.ARRIVED:
        asked = len(session.protocol_version.checklist)
        answered = len({answer.item for answer in session.check_answers.all()})
        if answered < asked:
            yield _("Check: %(answered)s of %(asked)s answered") % {"answered": answered, "asked": asked}
    if session.state is Status.RECOVERING and (count := len(open_criteria(session))):
        said = ngettext("%(n)s discharge criterion open", "%(n)s discharge criteria open", count)
        yield said % {"n": count}


def _notes(session: Any, now: datetime) -> Iterable[str]:
    for note in standing(session.notes.all()):
        if note.taken_at > now - RECENT:
            yield f"{_at(note.taken_at, session)} {note.taken_by.short_name}: {note.text}"


def _at(at: datetime, session: Any) -> str:
    return at.astimezone(session.site.zone).strftime("%H:%M")
