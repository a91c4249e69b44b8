"""How much has run in: by the chart's times and rates, by the pump, and which of the two the record goes by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from sessions.models import DoseConfirmation, InfusionEvent, InfusionSession
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.timeline import Timeline, delivered_micrograms, derive
from sessions.states import EndKind, EventKind, Status


@dataclass(frozen=True, slots=True)
class Charted:
    """What the events of an infusion come to at a moment.

    Attributes:
        microlitres: never more than the bag holds; None without a dose, and so are the micrograms.
    """

    infused: timedelta
    microlitres: Fraction | None
    micrograms: int | None


def timeline_of(session: InfusionSession) -> Timeline:
    """The infusion from its standing events, at the rate of the confirmed dose until a change of rate."""
    dose = confirmed_dose(session)
    rate = dose.rate_microlitres_per_hour if dose else None
    return derive(standing(session.infusion_events.all()), rate=rate)


def charted(session: InfusionSession, *, at: datetime) -> Charted:
    """Minutes, volume and micrograms by ``at``. Asks for nothing where events and doses are loaded."""
    return charted_by(timeline_of(session), dose=confirmed_dose(session), at=at)


def charted_by(timeline: Timeline, *, dose: DoseConfirmation | None, at: datetime) -> Charted:
    """As :func:`charted`, of a timeline that is at hand."""
    infused, volume = timeline.infused_by(at), timeline.microlitres_by(at)
    if dose is None or volume is None:
        return Charted(infused, None, None)
    bag = dose.bag_microlitres
    micrograms = delivered_micrograms(dose=dose.dose_micrograms, bag_microlitres=bag, microlitres=volume)
    return Charted(infused, min(volume, Fraction(bag)), micrograms)


def given_micrograms(session: InfusionSession, *, at: datetime) -> int | None:
    """What the record goes by: the figure that the totals settled, and until then what is charted."""
    if session.infusion_started_at is None:
        return None
    if session.given_micrograms is not None:
        return session.given_micrograms
    return charted(session, at=at).micrograms


def end_kind_at(session: InfusionSession, *, at: datetime) -> EndKind:
    """How an infusion ended of which only the moment was said: completed if the whole bag had run in by then."""
    dose = confirmed_dose(session)
    if dose is None:
        return EndKind.STOPPED_EARLY
    whole = charted(session, at=at).micrograms == dose.dose_micrograms
    return EndKind.COMPLETED if whole else EndKind.STOPPED_EARLY


def time_left(session: Any, *, planned_minutes: int, bag: int | None, now: datetime) -> timedelta:
    """How long the pump still has to run, by the restated columns alone: a board reads no events, and has no
    models but rows with the same names.

    Where no rate is known it is what is left of the planned minutes.
    """
    delivered, rate = session.delivered_microlitres, session.rate_microlitres_per_hour
    if bag is None or delivered is None or not rate:
        return max(timedelta(minutes=planned_minutes) - session.infused(now), timedelta())
    since = session.rate_since
    running = max(now - since, timedelta()) if since else timedelta()
    # Whole seconds: the pump's rate is itself a rounded number.
    left = timedelta(seconds=round(Fraction((bag - delivered) * 3600, rate)))
    return max(left - running, timedelta())


def pump_micrograms(dose: DoseConfirmation, microlitres: int) -> int:
    """Micrograms in the volume that the pump shows: also more than the bag was meant to hold."""
    return round(Fraction(dose.dose_micrograms * microlitres, dose.bag_microlitres))


def is_over_tolerance(*, pump: int, chart: int, dose: int, percent: int | None) -> bool | None:
    """Whether pump and chart differ by more than so many percent of the dose; None: it is not checked."""
    return None if percent is None else abs(pump - chart) * 100 > percent * dose


def stop_event(session: InfusionSession) -> InfusionEvent | None:
    """The event by which the infusion ended."""
    events = standing(session.infusion_events.all())
    return next((event for event in events if event.kind == EventKind.END), None)


def lacks_stop_reason(session: InfusionSession) -> bool:
    """Whether it was stopped early and nobody has said why. That the patient went is a reason in itself."""
    if session.end_kind != EndKind.STOPPED_EARLY:
        return False
    stop = stop_event(session)
    gone = (
        session.state in {Status.LEFT, Status.TRANSFERRED} and session.closed_at == session.infusion_ended_at
    )
    return stop is not None and not stop.reason.strip() and not gone


def open_points(session: InfusionSession) -> list[Problem]:
    """What the end of an infusion leaves to be said: why it was stopped, and what the pump showed."""
    found: list[Any] = []
    if lacks_stop_reason(session):
        message = _("The infusion was stopped early: say why.")
        found.append(Problem("chart.stop_reason", message, link="#stop-reason"))
    if session.infusion_ended_at and not session.totals_used and confirmed_dose(session) is not None:
        message = _("The pump's volume infused is missing. Enter it, or say why it is not recorded.")
        found.append(Problem("chart.totals", message, link="#totals"))
    return found
