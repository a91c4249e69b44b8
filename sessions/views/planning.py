"""Ordering a course, tying a consent to it, closing it."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import Problem, problems_of
from clinic.common.submitting import KEY_FIELD, check_same_patient, sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from patients.models import Consent, ContraindicationScreen, Diagnosis, Patient
from patients.rules.scope import patient_or_404
from sessions.forms.planning import CloseForm, ConsentChoiceForm, OrderForm
from sessions.models import Course, ProtocolVersion
from sessions.operations.planning import attach_consent, close_course, order_course
from sessions.rules.planning import check_can_order
from sessions.views.reaching import banner_at, course_row


@login_required
def order(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Choose a version that is approved for the site, then order under it."""
    actor = request.actor
    patient = patient_or_404(actor, patient_id, permission=Permission.ORDER_COURSE)
    check_same_patient(request, patient)
    site = _site_of(request, patient)
    usable = list(ProtocolVersion.objects.for_user(actor).usable_at(site).select_related("protocol"))
    version = _chosen(request, usable)
    context = _about(request, patient, site) | {"versions": usable, "version": version}
    if version is None:
        context["problems"] = _obstacles(request, patient, site, usable[0]) if usable else []
        return render(request, "sessions/planning/choose.html", context)
    consents = context["consents"]
    initial = {"consent": str(consents[0].public_id)} if len(consents) == 1 else {}
    form = OrderForm(request.POST or None, version=version, consents=consents, initial=initial)

    def store(key: uuid.UUID, now: Any) -> None:
        named: dict[str, Any] = {"patient": patient, "site": site, "protocol_version": version}
        order_course(**named, **form.order, by=actor, public_id=key, now=now)

    if sent(request, form, store):
        messages.success(request, _("Course ordered."))
        return redirect("sessions:course", uuid.UUID(request.POST[KEY_FIELD]))
    context |= {"form": form, "problems": _obstacles(request, patient, site, version)}
    return render(request, "sessions/planning/order.html", context, status=status_of(form))


def _site_of(request: StaffRequest, patient: Patient) -> Site:
    """Where the course is ordered: the site one works at, if the patient and the right are there, else the first."""
    actor = request.actor
    registered = {registration.site_id for registration in patient.visible_registrations}  # type: ignore[attr-defined]
    sites = Site.objects.for_user(actor).filter(pk__in=registered & actor.sites_with(Permission.ORDER_COURSE))
    here = current_site(request)
    return next((site for site in sites if site.pk == here.pk), sites[0])


def _chosen(request: StaffRequest, usable: list[ProtocolVersion]) -> ProtocolVersion | None:
    """The version named in the address. One that was retired while the order was typed is left to the refusal."""
    try:
        named = uuid.UUID(request.GET.get("version", ""))
    except ValueError:
        return None
    found = next((version for version in usable if version.public_id == named), None)
    if found is None and request.method == "POST":
        known = ProtocolVersion.objects.for_user(request.actor).select_related("protocol")
        return known.filter(public_id=named).first()
    return found


def _about(request: StaffRequest, patient: Patient, site: Site) -> dict[str, Any]:
    """What a prescriber looks at before ordering."""
    actor = request.actor
    today = clock.local_date(clock.now(), site.time_zone)
    active = Course.objects.for_user(actor).active().filter(patient=patient)
    return {
        "patient": patient,
        "site": site,
        "banner": banner_at(request, patient, site),
        "screen": ContraindicationScreen.objects.for_user(actor).latest_of(patient),
        "diagnoses": Diagnosis.objects.for_user(actor).filter(patient=patient).active(),
        "active_courses": list(active.select_related("protocol_version__protocol")),
        "consents": _consents(request, patient, today),
    }


def _consents(request: StaffRequest, patient: Patient, today: Any) -> list[Consent]:
    """The patient's consents to treatment that hold today."""
    mine = Consent.objects.for_user(request.actor)
    held = mine.filter(patient=patient, purpose=Consent.Purpose.TREATMENT).in_date(today)
    return list(held.select_related("document"))


def _obstacles(
    request: StaffRequest, patient: Patient, site: Site, version: ProtocolVersion
) -> tuple[Problem, ...]:
    """Why nothing can be ordered for this patient now, before anything is typed."""
    today = clock.local_date(clock.now(), site.time_zone)
    told: dict[str, Any] = {"patient": patient, "site": site, "version": version, "today": today}
    return problems_of(check_can_order, by=request.actor, **told)


@login_required
def consent(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Tie one of the patient's consents to the course, in place of an earlier one."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.RECORD_CONSENT, course.site_id)
    today = clock.local_date(clock.now(), course.site.time_zone)
    form = ConsentChoiceForm(request.POST or None, consents=_consents(request, course.patient, today))

    def store(key: uuid.UUID, now: Any) -> None:
        attach_consent(course=course, consent=form.chosen, by=actor, now=now)

    if sent(request, form, store):
        messages.success(request, _("Consent attached to the course."))
        return redirect("sessions:course", course.public_id)
    context = {"form": form, "course": course, "banner": banner_at(request, course.patient, course.site)}
    return render(request, "sessions/planning/consent.html", context, status=status_of(form))


@login_required
def close(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Complete a course, or stop it with a reason."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.ORDER_COURSE, course.site_id)
    initial = {"revision": course.revision, "state": request.GET.get("state", "")}
    form = CloseForm(request.POST or None, initial=initial)

    def store(key: uuid.UUID, now: Any) -> None:
        typed = form.cleaned_data
        revision, told = typed["revision"], {name: typed[name] for name in ("state", "code", "reason")}
        close_course(course=course, by=actor, expected_revision=revision, now=now, **told)

    if sent(request, form, store):
        messages.success(request, _("Course closed."))
        return redirect("sessions:course", course.public_id)
    context = {
        "form": form,
        "course": course,
        "banner": banner_at(request, course.patient, course.site),
        "still_booked": course.sessions.filter(status="scheduled").count(),
    }
    return render(request, "sessions/planning/close.html", context, status=status_of(form))
