from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.constraints import NoOverlap
from clinic.common.models import PublicModel, Revisioned


class BookingQuerySet(models.QuerySet["Booking"]):
    def for_user(self, actor: Actor) -> Self:
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",))

    def live(self) -> Self:
        """Bookings that hold their chair and their patient's time."""
        return self.filter(is_live=True)

    def overlapping(self, start: object, end: object) -> Self:
        """Bookings that share an instant with the half-open range."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Booking(PublicModel, Revisioned):
    """A claim on a chair and on a patient's time, ``[starts_at, ends_at)``; the database refuses two at once.

    What happened is told by the session; a booking says only what was planned. It stops being live when the
    visit is cancelled, missed or over, and the chair is free again.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey("infusion_sessions.Course", on_delete=models.PROTECT, related_name="bookings")
    chair = models.ForeignKey("facilities.Chair", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    local_date = models.DateField(help_text=_("The day of starts_at at the site."))
    is_live = models.BooleanField(default=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()

    history = HistoricalRecords(table_name="sessions_booking_history")
    objects = BookingQuerySet.as_manager()

    class Meta:
        db_table = "sessions_booking"
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["chair", "is_live", "starts_at"], name="booking_of_chair"),
            models.Index(fields=["patient", "is_live", "starts_at"], name="booking_of_patient"),
            models.Index(fields=["site", "local_date"], name="booking_of_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            NoOverlap(
                name="booking_chair_once",
                key="chair",
                start="starts_at",
                end="ends_at",
                condition=Q(is_live=True),
            ),
            NoOverlap(
                name="booking_patient_once",
                key="patient",
                start="starts_at",
                end="ends_at",
                condition=Q(is_live=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chair} from {self.starts_at:%Y-%m-%d %H:%M}"
