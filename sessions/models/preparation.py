"""The drug of an infusion as it was drawn up, and what became of it. A ledger of the stock is fed from these rows."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact, Correctable
from clinic.accounts.permissions import Permission
from sessions.models.facts import SessionFactQuerySet, of_session


class Preparation(ClinicalFact, Correctable):
    """Drug drawn from a container: which product, lot and expiry, how much, by whom (``taken_by``) and when."""

    session = of_session("preparations")
    product = models.ForeignKey("stock.DrugProduct", on_delete=models.PROTECT, related_name="+")
    concentration_micrograms_per_ml = models.PositiveIntegerField()
    lot = models.CharField(max_length=40)
    expires_on = models.DateField()
    drawn_micrograms = models.PositiveIntegerField()
    departure_reason = models.TextField(
        blank=True, help_text=_("Why it was prepared from an expired container.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_preparation"
        ordering = ["taken_at", "pk"]
        indexes = [models.Index(fields=["lot"], name="preparation_of_lot")]
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn_micrograms__gt=0, concentration_micrograms_per_ml__gt=0),
                name="preparation_draws_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} lot {self.lot}"

    @property
    def drawn_microlitres(self) -> int:
        return round(self.drawn_micrograms * 1000 / self.concentration_micrograms_per_ml)


class DrugUse(ClinicalFact, Correctable):
    """What became of a part of what was drawn. Waste and returns have a witness, who may come later."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("Given")
        WASTED = "wasted", _("Wasted")
        RETURNED = "returned", _("Returned unopened")

    session = of_session("drug_uses")
    preparation = models.ForeignKey(Preparation, on_delete=models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    micrograms = models.PositiveIntegerField()
    seal = models.CharField(
        max_length=40, blank=True, help_text=_("The number of the seal under which it waits.")
    )
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_drug_use"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(micrograms__gt=0) | Q(retracted=True), name="drug_use_of_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.micrograms} µg"


class WitnessQuerySet(models.QuerySet[Any]):
    def for_user(self, actor: Actor) -> Self:
        """Of sessions at sites where the actor may open patients' records."""
        return self.filter(use__session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class WasteWitness(ClinicalFact):
    """A second person (``taken_by``) saw it wasted or returned, or saw the seal unbroken and then the waste.

    The two whose act it was stand in this row too, so that the database itself refuses one of them as witness.
    """

    use = models.OneToOneField(DrugUse, on_delete=models.PROTECT, related_name="witness")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = WitnessQuerySet.as_manager()

    class Meta:
        db_table = "sessions_waste_witness"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(taken_by=F("prepared_by")) & ~Q(taken_by=F("used_by")),
                name="waste_witness_is_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.use_id} seen by {self.taken_by_id}"
