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
        # Not is_live=True: Django writes that as the bare column, and SQLite then leaves the index alone and reads
        # every booking that the chair ever had.
        return self.filter(is_live__in=[True])

    def nursed(self) -> Self:
        """Bookings during which a nurse looks after the patient."""
        return self.filter(kind__in=Booking.NURSED)

    def overlapping(self, start: object, end: object) -> Self:
        """Bookings that share an instant with the half-open range."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Booking(PublicModel, Revisioned):
    """A claim on a chair and on a patient's time, ``[starts_at, ends_at)``; the database refuses two at once.

    What happened is told by the session; a booking says only what was planned. It stops being live when the
    visit is cancelled, missed or over, and the chair is free again.

    Attributes:
        kind: an infusion of a course, or another use of the chair (``title`` says which).
        is_chair_provisional: the chair holds the place until one is assigned at check-in; it may be exchanged for
            another free one without asking.
        is_overbooked: booked deliberately although the chair is taken; only such a booking may overlap another.
        overrides: the codes of the rules it was booked against, for ``override_reason``.
        sequence: counts what calendars must learn of; it never goes back.
    """

    class Kind(models.TextChoices):
        INFUSION = "infusion", _("Infusion")
        OTHER_TREATMENT = "other_treatment", _("Other treatment")
        CONSULTATION = "consultation", _("Consultation")
        MAINTENANCE = "maintenance", _("Maintenance of the chair")

    NURSED = (Kind.INFUSION, Kind.OTHER_TREATMENT)

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.INFUSION)
    title = models.CharField(max_length=120, blank=True)
    patient = models.ForeignKey(
        "patients.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    course = models.ForeignKey(
        "infusion_sessions.Course", null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    chair = models.ForeignKey("facilities.Chair", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    local_date = models.DateField(help_text=_("The day of starts_at at the site."))
    is_live = models.BooleanField(default=True)
    is_chair_provisional = models.BooleanField(default=False)
    is_overbooked = models.BooleanField(default=False)
    overrides = models.JSONField(default=list, blank=True)
    override_reason = models.TextField(blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
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
            models.CheckConstraint(
                condition=Q(kind="infusion", course__isnull=False, patient__isnull=False)
                | Q(kind="maintenance", course__isnull=True, patient__isnull=True)
                | Q(kind__in=["other_treatment", "consultation"], course__isnull=True),
                name="booking_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(is_overbooked=False) | ~Q(override_reason=""),
                name="booking_overbooked_with_reason",
            ),
            NoOverlap(
                name="booking_chair_once",
                key="chair",
                start="starts_at",
                end="ends_at",
                condition=Q(is_live=True, is_overbooked=False),
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
