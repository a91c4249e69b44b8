from django.db import models
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.models import PublicModel, Revisioned


class ChairQuerySet(models.QuerySet["Chair"]):
    def for_user(self, actor: Actor) -> "ChairQuerySet":
        return self.filter(site__in=actor.site_ids)

    def in_service(self) -> "ChairQuerySet":
        return self.filter(is_in_service=True)


class Chair(PublicModel, Revisioned):
    """A place where one patient can be infused."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="chairs")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    is_in_service = models.BooleanField(default=True)

    history = HistoricalRecords(table_name="facilities_chair_history")
    objects = ChairQuerySet.as_manager()

    class Meta:
        db_table = "facilities_chair"
        ordering = ["site", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="chair_name_once_per_site")]

    def __str__(self) -> str:
        return self.name
