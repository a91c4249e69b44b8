"""How a page about planning reaches a course or a site, and the line about the patient that stands on top of it."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import check_same_patient
from clinic.facilities.current import current_site, sites_of
from clinic.facilities.models import Site
from patients.models import Patient
from patients.reports.banner import Banner, banner_of
from sessions.models import Course

LOOKED_BACK_ON: tuple[str, ...] = (
    *(field.name for field in Course._meta.concrete_fields),
    *(f"site__{field.name}" for field in Site._meta.concrete_fields),
    *(
        f"patient__{name}"
        for name in ("public_id", "family_name", "given_name", "middle_names", "birth_date")
    ),
    *(f"patient__{name}" for name in ("sex", "deceased_on", "phone")),
    *(f"protocol_version__{name}" for name in ("public_id", "number", "is_example", "safety_successor")),
    *(f"protocol_version__{name}_gap_days" for name in ("min", "target", "max")),
    *("protocol_version__reevaluate_after_infusions", "protocol_version__protocol__name"),
    *("ordered_by__display_name", "ordered_by__credential", "consent__document__title"),
    *("consent__given_on", "consent__revoked_on", "consent__valid_until"),
)
"""What the page of a course shows of its order: not what the protocol asks of each session."""


def course_row(request: StaffRequest, course_id: uuid.UUID, *, only: Sequence[str] = ()) -> Course:
    """The course with its protocol. Raises Http404 out of scope, Conflict for another patient's form.

    Args:
        only: the columns that are read, where not all are.
    """
    rows = Course.objects.for_user(request.actor).select_related(
        "patient", "site", "protocol_version__protocol", "ordered_by", "consent__document"
    )
    if only:
        rows = rows.only(*only)
    course: Course = get_object_or_404(rows, public_id=course_id)
    check_same_patient(request, course.patient)
    return course


def banner_at(request: StaffRequest, patient: Patient, site: Any) -> Banner:
    """The banner as it reads today at a site."""
    today = clock.local_date(clock.now(), site.time_zone)
    return banner_of(patient, actor=request.actor, today=today, site=site)


def sites_to_show(request: StaffRequest) -> list[Site]:
    """The sites whose patients this person may see. Raises Refused where there is none."""
    actor = request.actor
    seen = actor.sites_with(Permission.VIEW_PATIENTS)
    sites = [site for site in sites_of(request) if site.pk in seen]
    if not sites:
        actor.require(Permission.VIEW_PATIENTS)
    return sites


def shown_site(request: StaffRequest, sites: list[Site]) -> Site:
    """The site that the address names, else the one that the person works at, else the first of ``sites``.

    Raises:
        Http404: it names one out of reach.
    """
    if named := request.GET.get("site", ""):
        for site in sites:
            if str(site.public_id) == named:
                return site
        raise Http404
    here = current_site(request)
    return here if here in sites else sites[0]


def day_asked(text: str) -> date | None:
    """A day of an address; None for what cannot be read, or lies beyond any book."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
