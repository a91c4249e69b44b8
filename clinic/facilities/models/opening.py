"""When a site is open: the hours of the week, and the days on which they do not hold."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.models import PeriodQuerySet, PublicModel, Revisioned


class Weekday(models.IntegerChoices):
    """As :meth:`datetime.date.weekday` counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(models.Model):
    """One stretch of a weekday on the site's clocks, ``[opens_at, closes_at)``; a day may have several.

    The whole week is replaced at once, and the audit of the site keeps what stood before.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        db_table = "facilities_opening_hours"
        ordering = ["site", "weekday", "opens_at"]
        constraints = [
            models.UniqueConstraint(fields=["site", "weekday", "opens_at"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="opening_hours_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


class ClosureQuerySet(PeriodQuerySet):
    def for_user(self, actor: Actor) -> "ClosureQuerySet":
        return self.filter(site__in=actor.site_ids)


class Closure(PublicModel, Revisioned):
    """The site is closed in ``[starts_at, ends_at)``, whatever its hours: a holiday, a repair, a training day."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        CLOSURE = "closure", _("Closure")

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="closures")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CLOSURE)
    reason = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    history = HistoricalRecords(table_name="facilities_closure_history")
    objects = ClosureQuerySet.as_manager()

    class Meta:
        db_table = "facilities_closure"
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["site", "starts_at"], name="closure_of_site")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="closure_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.reason
