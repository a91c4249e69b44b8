"""How a page reaches its patient: through the scope, past the two-patient guard, with the banner."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.submitting import KEY_FIELD, check_same_patient
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from patients.models import Patient
from patients.reports.banner import Banner, banner_of
from patients.rules.scope import patient_or_404


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def key_of(request: HttpRequest) -> str:
    """The key of a form that was stored: also the public id of the row that it made."""
    return str(request.POST[KEY_FIELD])


def row_named(rows: Any, text: str) -> Any:
    """The row of an id that came with a request; None where it is no id, or none of theirs."""
    try:
        return rows.filter(public_id=uuid.UUID(text)).first()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Opened:
    """A patient as a page opens them.

    Attributes:
        site: whose clocks the page shows: where the actor works now if the patient is registered there, else the
            first of the patient's sites within reach.
    """

    patient: Patient
    site: Site
    now: datetime
    today: date
    banner: Banner
    actor: Actor

    def may(self, permission: Permission) -> bool:
        """Whether the right is held at one of the patient's sites."""
        sites = self.actor.sites_with(permission)
        return any(one.site_id in sites for one in self.patient.visible_registrations)  # type: ignore[attr-defined]

    def context(self, **also: Any) -> dict[str, Any]:
        """What every page about a patient needs, and what this one needs beside it."""
        return {
            "patient": self.patient,
            "site": self.site,
            "today": self.today,
            "banner": self.banner,
            "may_edit": self.may(Permission.EDIT_PATIENTS),
            "may_consent": self.may(Permission.RECORD_CONSENT),
            "may_score": self.may(Permission.RECORD_SCORES),
            **also,
        }


def opened(request: HttpRequest, patient_id: uuid.UUID, permission: Permission | None = None) -> Opened:
    """The patient of an address.

    Raises:
        Http404: no such patient within reach.
        Refused: within reach, but without the right.
        Conflict: the posted form was opened for another patient.
    """
    actor = actor_of(request)
    patient: Any = patient_or_404(actor, patient_id, permission=permission)
    check_same_patient(request, patient)
    site = _site_shown(request, [one.site for one in patient.visible_registrations])
    now = clock.now()
    today = clock.local_date(now, site.time_zone)
    banner = banner_of(patient, actor=actor, today=today, site=site)
    return Opened(patient, site, now, today, banner, actor)


def _site_shown(request: HttpRequest, sites: list[Site]) -> Site:
    here = current_site(request)
    return here if here in sites else sites[0]


def to_record(patient: Patient, part: str = "") -> HttpResponse:
    """Back to the patient's page, at one of its parts."""
    response = redirect("patients:detail", patient.public_id)
    if part:
        response["Location"] += f"#{part}"
    return response
