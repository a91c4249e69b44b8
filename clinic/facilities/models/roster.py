"""Who is on duty: shifts with their breaks, and the leave that takes people out of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.constraints import NoOverlap
from clinic.common.models import PeriodQuerySet, PublicModel, Revisioned


class RosterQuerySet(PeriodQuerySet):
    def locked(self) -> "RosterQuerySet":
        # By key: whoever locks several locks them in the same order.
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")


class ShiftQuerySet(RosterQuerySet):
    def for_user(self, actor: Actor) -> "ShiftQuerySet":
        return self.filter(site__in=actor.site_ids)


class Shift(PublicModel, Revisioned):
    """Somebody looks after patients at a site in ``[starts_at, ends_at)``, but for the breaks."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="shifts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    history = HistoricalRecords(table_name="facilities_shift_history")
    objects = ShiftQuerySet.as_manager()

    class Meta:
        db_table = "facilities_shift"
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["site", "starts_at"], name="shift_of_site"),
            models.Index(fields=["user", "is_withdrawn", "starts_at"], name="shift_of_user"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"),
            NoOverlap(
                name="shift_once",
                key="user",
                start="starts_at",
                end="ends_at",
                condition=Q(is_withdrawn=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at:%Y-%m-%d %H:%M}"


class ShiftBreak(models.Model):
    """Part of a shift in which its owner looks after nobody; replaced with the shift that it belongs to."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="breaks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "facilities_shift_break"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_break_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M} to {self.ends_at:%H:%M}"


class LeaveQuerySet(RosterQuerySet):
    def for_user(self, actor: Actor) -> "LeaveQuerySet":
        """One's own leave, and that of people with a role at a site where one has one."""
        colleagues = Q(user__memberships__site__in=actor.site_ids)
        return self.filter(Q(user=actor.user) | colleagues).distinct()


class StaffLeave(PublicModel, Revisioned):
    """Somebody is away in ``[starts_at, ends_at)``, at whichever site; shifts in that time do not count."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("Annual leave")
        SICK = "sick", _("Sick leave")
        TRAINING = "training", _("Training")
        OTHER = "other", _("Other leave")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leave")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    history = HistoricalRecords(table_name="facilities_staff_leave_history")
    objects = LeaveQuerySet.as_manager()

    class Meta:
        db_table = "facilities_staff_leave"
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["user", "starts_at"], name="staff_leave_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="staff_leave_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} away from {self.starts_at:%Y-%m-%d}"
