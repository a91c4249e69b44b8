"""Which drug products a site keeps. Lots, vials and counts are the ledger's, which is not built yet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.models import PublicModel, Revisioned


class DrugProductQuerySet(models.QuerySet["DrugProduct"]):
    def for_user(self, actor: Actor) -> "DrugProductQuerySet":
        """Products of sites at which the actor has a role."""
        return self.filter(site__in=actor.site_ids)

    def active(self) -> "DrugProductQuerySet":
        return self.filter(is_active=True)


class DrugProduct(PublicModel, Revisioned):
    """One presentation of a drug, as it stands in a site's cabinet: its strength and what one container holds."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    drug = models.CharField(max_length=80)
    concentration_micrograms_per_ml = models.PositiveIntegerField()
    volume_microlitres = models.PositiveIntegerField(help_text=_("What one container holds."))
    ndc = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)

    history = HistoricalRecords(table_name="stock_drug_product_history")
    objects = DrugProductQuerySet.as_manager()

    class Meta:
        db_table = "stock_drug_product"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="drug_product_name_once"),
            models.CheckConstraint(
                condition=Q(concentration_micrograms_per_ml__gt=0, volume_microlitres__gt=0),
                name="drug_product_holds_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
