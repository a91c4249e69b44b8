"""What has been planned and given to one patient? Courses with their counts, the visits ahead and the last ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from clinic.accounts.actor import Actor
from patients.models import Patient
from sessions.models import Course, InfusionSession
from sessions.reports.follow_ups import open_of_patient
from sessions.states import PRESENT, Status

LAST = 5


@dataclass(frozen=True, slots=True)
class PatientPanel:
    """The answer.

    Attributes:
        courses: each with ``given``, ``booked`` and ``next_start``, the latest order first.
        ahead: sessions that are scheduled or going on, the next first.
        last: the last sessions before, the latest first.
        follow_ups: what is still open for the patient, the most urgent first.
    """

    courses: tuple[Course, ...]
    ahead: tuple[InfusionSession, ...]
    last: tuple[InfusionSession, ...]
    follow_ups: tuple[Any, ...]


def patient_panel(patient: Patient, *, actor: Actor, now: datetime) -> PatientPanel:
    """In four queries."""
    booked = Q(sessions__status=Status.SCHEDULED)
    courses = (
        Course.objects.for_user(actor)
        .filter(patient=patient)
        .select_related("protocol_version__protocol", "site", "ordered_by", "consent")
        .annotate(
            given=Count("sessions", filter=Q(sessions__infusion_started_at__isnull=False)),
            booked=Count("sessions", filter=booked),
            next_start=Min(
                "sessions__scheduled_start", filter=booked & Q(sessions__scheduled_start__gte=now)
            ),
        )
    )
    sessions: Any = (
        InfusionSession.objects.for_user(actor)
        .filter(patient=patient)
        .with_number()
        .select_related("site", "chair", "course__protocol_version__protocol")
    )
    ahead = sessions.filter(Q(status__in=PRESENT) | Q(status=Status.SCHEDULED))
    before = sessions.exclude(Q(status__in=PRESENT) | Q(status=Status.SCHEDULED))
    return PatientPanel(
        courses=tuple(courses),
        ahead=tuple(ahead.order_by("scheduled_start", "pk")),
        last=tuple(before.order_by("-scheduled_start", "-pk")[:LAST]),
        follow_ups=tuple(open_of_patient(patient, actor=actor)),
    )
