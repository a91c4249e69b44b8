from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def for_user(self, actor: Actor) -> "WaitingQuerySet":
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def waiting(self) -> "WaitingQuerySet":
        """Those that wait still, oldest first."""
        return self.filter(state=WaitingEntry.State.WAITING).order_by("added_at", "pk")

    def locked(self) -> "WaitingQuerySet":
        return self.select_for_update(no_key=True, of=("self",))


class WaitingEntry(PublicModel, Revisioned):
    """A patient under a course would come at short notice: when, and with how much notice.

    Attributes:
        weekdays: days that suit, as :class:`clinic.facilities.models.Weekday` counts them; empty: any day.
        not_before: the earliest time of day on the site's clocks that suits; likewise ``not_after``, the latest end.
        notice_hours: how long before a free time the patient must hear of it.
        is_starred: the need is greater; shown, and it changes no order by itself.
        session: what was booked from the list.
    """

    class State(models.TextChoices):
        """What has become of it."""

        WAITING = "waiting", _("Waiting")
        BOOKED = "booked", _("Booked")
        WITHDRAWN = "withdrawn", _("Taken off the list")

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(
        "infusion_sessions.Course", on_delete=models.PROTECT, related_name="waiting_entries"
    )
    weekdays = models.JSONField(default=list, blank=True)
    not_before = models.TimeField(null=True, blank=True)
    not_after = models.TimeField(null=True, blank=True)
    from_day = models.DateField(null=True, blank=True)
    until_day = models.DateField(null=True, blank=True)
    notice_hours = models.PositiveSmallIntegerField(default=24)
    is_starred = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(
        "infusion_sessions.InfusionSession",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="waiting_entry",
    )

    history = HistoricalRecords(table_name="sessions_waiting_entry_history")
    objects = WaitingQuerySet.as_manager()

    class Meta:
        db_table = "sessions_waiting_entry"
        ordering = ["added_at", "pk"]
        indexes = [models.Index(fields=["site", "state", "added_at"], name="waiting_at_site")]
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="waiting"), name="waiting_once_per_course"
            ),
            models.CheckConstraint(
                condition=Q(not_before__isnull=True)
                | Q(not_after__isnull=True)
                | Q(not_after__gt=F("not_before")),
                name="waiting_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(from_day__isnull=True)
                | Q(until_day__isnull=True)
                | Q(until_day__gte=F("from_day")),
                name="waiting_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient} since {self.added_at:%Y-%m-%d}"
