"""When a chart can be signed, by whom, and what is still missing."""

import hashlib
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.chain import canonical
from clinic.audit.records import snapshot
from clinic.common.errors import Conflict, Problem, Refused
from sessions.models import AlertEntry, InfusionSession, Signature
from sessions.rules.checking import confirmed_dose
from sessions.rules.delivery import open_points
from sessions.rules.discharging import latest_assessment
from sessions.states import ENDED, Status

CHART = (
    "status_changes",
    "departures",
    "check_answers",
    "weights",
    "doses",
    "infusion_events",
    "vital_signs",
    "side_effects",
    "side_effect_inquiries",
    "notes",
    "discharge_assessments",
    "ready_marks",
    "early_leavings",
    "emergency_steps",
    "baseline_choices",
    "decision_requests",
    "check_decisions",
    "patient_wishes",
    "infusion_totals",
    "iv_accesses",
    "iv_removals",
    "readings_not_done",
    "medicine_orders",
    "medicines_given",
    "medicine_effects",
    "preparations",
    "dose_checks",
)
"""Everything that a signature covers, by the name under which it hangs on the session."""

SINCE: dict[str, Any] = {"moment": "", "serious": None, "serious_criteria": []}
"""Columns that rows got after charts had been signed, as they stand while they say nothing."""


EDITION = 2
"""What a digest is taken over today: the second edition covers the alerts too. A signature keeps its own."""

OF_AN_ALERT = (
    AlertEntry.Kind.WORSENED,
    AlertEntry.Kind.ACKNOWLEDGED,
    AlertEntry.Kind.ENDED,
    AlertEntry.Kind.REOPENED,
    AlertEntry.Kind.RETRACTED,
)
"""What became of an alert in the chart; to whom it was passed on, and by what channel, may go on afterwards."""


def missing_content(session: InfusionSession) -> list[Problem]:
    """What a chart needs before it is signed, each with the place where it is entered."""
    if session.infusion_started_at is None:
        return []
    found = []
    if confirmed_dose(session) is None:
        found.append(Problem("chart.dose", _("The dose given is missing."), link="#dose"))
    if not session.vital_signs.current().exists():
        found.append(Problem("chart.vitals", _("There is no reading of vital signs."), link="#vitals"))
    if not (session.side_effects.exists() or session.side_effect_inquiries.exists()):
        message = _("Side effects: record them, or that you asked and there were none.")
        found.append(Problem("chart.side_effects", message, link="#side-effects"))
    if session.state is Status.DISCHARGED and latest_assessment(session) is None:
        found.append(Problem("chart.discharge", _("The discharge assessment is missing."), link="#discharge"))
    return [*found, *open_points(session)]


def check_can_sign(*, session: InfusionSession, by: Actor) -> None:
    """May and can this person sign as author now?

    Raises:
        Refused: the right is missing.
        Conflict: the visit is not over, the chart is signed already, or content is missing (all of it listed).
    """
    by.require(Permission.SIGN_CHART, session.site_id)
    _check_is_over(session)
    if session.signatures.filter(meaning=Signature.Meaning.AUTHOR).exists():
        raise Conflict(Problem("chart.signed", _("This chart is signed already.")))
    if found := missing_content(session):
        raise Conflict(found[0], also=found[1:])


def check_can_review(*, session: InfusionSession, by: Actor) -> None:
    """May and can this person sign as reviewing prescriber now?

    Raises:
        Refused: the right is missing, or it is one's own chart where the site asks for two people.
        Conflict: not signed by its author yet, or reviewed already.
    """
    by.require(Permission.REVIEW_CHART, session.site_id)
    _check_is_over(session)
    signed = {signature.meaning: signature for signature in session.signatures.all()}
    author = signed.get(Signature.Meaning.AUTHOR)
    if author is None:
        raise Conflict(
            Problem(
                "chart.not_authored", _("The author signs first. This chart has no author's signature yet.")
            )
        )
    if Signature.Meaning.REVIEW in signed:
        raise Conflict(Problem("chart.reviewed", _("This chart is reviewed already.")))
    if session.site.rules.chart_needs_two_signatures and author.signed_by_id == by.user_id:
        message = _("You signed this chart as its author. This site asks for a second person's review.")
        raise Refused(Problem("chart.own", message))


def check_can_add_addendum(*, session: InfusionSession, by: Actor) -> None:
    """Raises Refused without the right, Conflict ``chart.not_signed`` while the chart can still be edited."""
    by.require(Permission.SIGN_CHART, session.site_id)
    if not session.signatures.filter(meaning=Signature.Meaning.AUTHOR).exists():
        message = _("This chart is not signed yet, so it can still be completed. Write a note instead.")
        raise Conflict(Problem("chart.not_signed", message, link="#notes"))


def _check_is_over(session: InfusionSession) -> None:
    if session.state not in ENDED:
        message = _("This visit is not over: it is %(status)s. The chart is signed afterwards.")
        raise Conflict(Problem("chart.not_over", message, {"status": str(session.state.label).lower()}))


def digest_of_chart(session: InfusionSession, *, edition: int = EDITION) -> str:
    """SHA-256 over everything that the signature covers: what was told after it stands beside the chart.

    Args:
        edition: of the signature that is compared with it (:attr:`Signature.edition`). The first knows no alerts:
            there were alerts in charts that were signed by it, so leaving them out while empty would not do.
    """
    chart: dict[str, Any] = {
        name: [_signed_row(row) for row in getattr(session, name).order_by("pk") if _is_covered(row)]
        for name in CHART
    }
    chart["side_effect_entries"] = [
        _signed_row(entry)
        for effect in session.side_effects.order_by("pk")
        for entry in effect.entries.order_by("pk")
        if _is_covered(entry)
    ]
    if reports := [
        _signed_row(row) for row in session.late_effects.filter(side_effect__after_signature=False)
    ]:
        chart["late_effects"] = reports
    if edition >= 2:
        chart["edition"] = edition
        chart["alerts"] = [_signed_row(row) for row in session.alerts.order_by("pk")]
        entries = AlertEntry.objects.filter(alert__session=session, kind__in=OF_AN_ALERT).order_by("pk")
        chart["alert_entries"] = [_signed_row(row) for row in entries if _is_covered(row)]
    chart["session"] = {"id": str(session.public_id), "status": session.status}
    return hashlib.sha256(canonical(chart).encode()).hexdigest()


def _is_covered(row: Any) -> bool:
    return not getattr(row, "after_signature", False)


def _signed_row(row: Any) -> dict[str, Any]:
    """A row as it is signed. A column that came later is left out while it is empty: older digests still hold."""
    told = snapshot(row)
    told.pop("after_signature", None)
    return {name: value for name, value in told.items() if name not in SINCE or value != SINCE[name]}
