"""Who answers for a site's patients at a time: the responsible prescriber, and the clinician on call behind them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.constraints import NoOverlap
from clinic.common.models import PeriodQuerySet, PublicModel, Revisioned


class ResponsiblePrescriberQuerySet(PeriodQuerySet):
    def for_user(self, actor: Actor) -> Self:
        """Of sites at which the actor has a role."""
        return self.filter(site__in=actor.site_ids)


class ResponsiblePrescriber(PublicModel, Revisioned):
    """Somebody answers for a site in ``[starts_at, ends_at)``; one at a time in each kind."""

    class Kind(models.TextChoices):
        RESPONSIBLE = "responsible", _("Responsible prescriber")
        ON_CALL = "on_call", _("On-call clinician")

    class Presence(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        BY_PHONE = "by_phone", _("By phone")

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=10, choices=Presence.choices)
    phone = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    history = HistoricalRecords(table_name="sessions_responsible_prescriber_history")
    objects = ResponsiblePrescriberQuerySet.as_manager()

    class Meta:
        db_table = "sessions_responsible_prescriber"
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["site", "starts_at"], name="responsible_of_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="responsible_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(presence="on_site") | ~Q(phone=""), name="responsible_reachable"
            ),
            NoOverlap(
                name="responsible_once",
                key="site",
                start="starts_at",
                end="ends_at",
                condition=Q(kind="responsible", is_withdrawn=False),
            ),
            NoOverlap(
                name="on_call_once",
                key="site",
                start="starts_at",
                end="ends_at",
                condition=Q(kind="on_call", is_withdrawn=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.site} from {self.starts_at:%Y-%m-%d %H:%M}"
