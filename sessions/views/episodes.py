"""What a course belongs to: its part of the episode, infusions given elsewhere, the score it is measured against."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import sent, status_of
from patients.models import Assessment
from patients.scoring.registry import CURRENT
from sessions.forms.episodes import BaselineForm, OutsideInfusionForm, PhaseForm, StrikeForm
from sessions.models import Course, OutsideInfusion
from sessions.operations.episodes import (
    choose_outcome_baseline,
    record_outside_infusion,
    retract_outside_infusion,
    set_course_phase,
)
from sessions.reports.course_scores import baselines_to_choose
from sessions.reports.episodes import Episode, courses_to_continue, episode_of
from sessions.rules.outcome_definitions import definitions_of
from sessions.views.reaching import banner_at, course_row

Store = Callable[[uuid.UUID, datetime], Any]


@login_required
def phase(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Say which part of an episode the course is, and what it goes on from."""
    course = course_row(request, course_id)
    request.actor.require(Permission.ORDER_COURSE, course.site_id)
    episode = episode_of(course, actor=request.actor)
    said, earlier = episode.own.said, courses_to_continue(course, actor=request.actor)
    initial = {}
    if said is not None:
        named = {row.pk: str(row.public_id) for row in earlier}
        initial = {"phase": said.phase, "continues": named.get(said.continues_id or 0, "")}
    form = PhaseForm(request.POST or None, courses=earlier, is_first=said is None, initial=initial)

    def store(key: uuid.UUID, now: datetime) -> None:
        set_course_phase(course=course, by=request.actor, public_id=key, now=now, **form.told)

    title = _("Part of the episode")
    return _page(request, course, form, store, title=title, button=_("Record"), episode=episode)


@login_required
def outside(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Record an infusion that was given elsewhere."""
    course = course_row(request, course_id)
    request.actor.require(Permission.RECORD_OBSERVATIONS, course.site_id)
    form = OutsideInfusionForm(request.POST or None)

    def store(key: uuid.UUID, now: datetime) -> None:
        told = form.cleaned_data
        record_outside_infusion(course=course, by=request.actor, public_id=key, now=now, **told)

    title = _("Infusion given elsewhere")
    return _page(request, course, form, store, title=title, button=_("Record the infusion"))


@login_required
def strike_outside(request: StaffRequest, course_id: uuid.UUID, infusion_id: uuid.UUID) -> HttpResponse:
    """Strike an infusion given elsewhere that was entered wrongly."""
    course = course_row(request, course_id)
    request.actor.require(Permission.RECORD_OBSERVATIONS, course.site_id)
    rows = OutsideInfusion.objects.for_user(request.actor).filter(course=course, retracted=False)
    infusion = rows.filter(public_id=infusion_id).first()
    if infusion is None:
        raise Http404
    form = StrikeForm(request.POST or None)

    def store(key: uuid.UUID, now: datetime) -> None:
        told = form.cleaned_data
        retract_outside_infusion(infusion=infusion, by=request.actor, public_id=key, now=now, **told)

    title = _("Strike an infusion given elsewhere")
    return _page(request, course, form, store, title=title, button=_("Strike it"), struck=infusion)


@login_required
def baseline(request: StaffRequest, course_id: uuid.UUID, instrument: str) -> HttpResponse:
    """Choose the score that the course is measured against."""
    course = course_row(request, course_id)
    request.actor.require(Permission.ORDER_COURSE, course.site_id)
    if not definitions_of(instrument):
        raise Http404
    offered = baselines_to_choose(course, instrument, actor=request.actor)
    form = BaselineForm(request.POST or None, offered=offered, initial={"assessment": ""})

    def store(key: uuid.UUID, now: datetime) -> None:
        named = form.cleaned_data["assessment"]
        mine = Assessment.objects.for_user(request.actor).filter(patient=course.patient_id)
        choose_outcome_baseline(
            course=course,
            instrument=instrument,
            assessment=mine.get(public_id=named) if named else None,
            reason=form.cleaned_data["reason"],
            by=request.actor,
            public_id=key,
            now=now,
        )

    title = _("Baseline by %(name)s") % {"name": CURRENT[instrument].name}
    return _page(request, course, form, store, title=title, button=_("Measure against it"))


def _page(
    request: StaffRequest,
    course: Course,
    form: Any,
    store: Store,
    *,
    title: str,
    button: str,
    episode: Episode | None = None,
    **more: Any,
) -> HttpResponse:
    if sent(request, form, store):
        messages.success(request, _("Recorded."))
        return redirect("sessions:course", course.public_id)
    context = {
        "form": form,
        "course": course,
        "site": course.site,
        "banner": banner_at(request, course.patient, course.site),
        "title": title,
        "button": button,
        "episode": episode or episode_of(course, actor=request.actor),
        **more,
    }
    return render(request, "sessions/courses/belongs.html", context, status=status_of(form))
