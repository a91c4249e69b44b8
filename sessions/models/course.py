from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned
from sessions.models.choices import STOP_CHOICES


class CourseQuerySet(models.QuerySet["Course"]):
    def for_user(self, actor: Actor) -> "CourseQuerySet":
        """Courses at sites where the actor may open patients' records."""
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> "CourseQuerySet":
        return self.select_for_update(no_key=True, of=("self",))

    def active(self) -> "CourseQuerySet":
        return self.filter(state=Course.State.ACTIVE)


class Course(PublicModel, Revisioned):
    """A prescriber's order: several infusions for one patient under one version of a protocol.

    What was planned stands here; what was booked, delivered and missed is always counted from the sessions.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        COMPLETED = "completed", _("Completed")
        STOPPED = "stopped", _("Stopped")

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    protocol_version = models.ForeignKey(
        "infusion_sessions.ProtocolVersion", on_delete=models.PROTECT, related_name="courses"
    )
    consent = models.ForeignKey(
        "patients.Consent", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    diagnosis_code = models.CharField(max_length=10)
    dose_micrograms_per_kg = models.PositiveIntegerField()
    cap_micrograms = models.PositiveIntegerField()
    duration_minutes = models.PositiveSmallIntegerField()
    planned_infusions = models.PositiveSmallIntegerField()
    instructions = models.TextField(blank=True)
    order_reason = models.TextField(
        blank=True, help_text=_("Why the order departs from the protocol, if it does.")
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_code = models.CharField(max_length=20, choices=STOP_CHOICES, blank=True)
    close_reason = models.TextField(blank=True)
    wishes = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Weekdays, times and chair that suit the patient, as last planned."),
    )

    history = HistoricalRecords(table_name="sessions_course_history")
    objects = CourseQuerySet.as_manager()

    class Meta:
        db_table = "sessions_course"
        ordering = ["-ordered_at"]
        indexes = [models.Index(fields=["patient", "-ordered_at"], name="course_of_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(planned_infusions__gte=1), name="course_plans_something"),
            models.CheckConstraint(
                condition=Q(state="active", closed_at__isnull=True)
                | (~Q(state="active") & Q(closed_at__isnull=False)),
                name="course_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_version} for {self.patient}"

    @property
    def chair_minutes(self) -> int:
        """How long one session of this course takes a chair."""
        version: Any = self.protocol_version
        return version.preparation_minutes + self.duration_minutes + version.recovery_minutes
