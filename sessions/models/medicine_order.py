"""Orders for medicines: standing ones of the clinic, and those that a prescriber gives for one session."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned
from sessions.models.facts import SessionFactQuerySet, of_session


class DoseUnit(models.TextChoices):
    """Units in which the dose of a medicine is said; inside it is whole micrograms."""

    MICROGRAM = "ug", _("µg")
    MILLIGRAM = "mg", _("mg")
    GRAM = "g", _("g")


class Route(models.TextChoices):
    """How a medicine is given."""

    IV = "iv", _("IV")
    ORAL = "oral", _("by mouth")
    SUBLINGUAL = "sublingual", _("under the tongue")
    IM = "im", _("IM")
    SC = "sc", _("SC")
    NASAL = "nasal", _("nasal")
    INHALED = "inhaled", _("inhaled")
    OTHER = "other", _("other")


class OrderedMedicine(models.Model):
    """What an order says: nothing beyond it is ever filled in."""

    medicine = models.CharField(max_length=80)
    dose_micrograms = models.PositiveBigIntegerField()
    dose_typed = models.CharField(max_length=12)
    dose_unit = models.CharField(max_length=4, choices=DoseUnit.choices)
    route = models.CharField(max_length=12, choices=Route.choices)
    indication = models.CharField(max_length=200)
    max_session_micrograms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("At most in one session; empty: one dose, as ordered.")
    )

    class Meta:
        abstract = True

    @property
    def most(self) -> int:
        """What one session may have of it by this order, in micrograms."""
        limit: int | None = self.max_session_micrograms
        return self.dose_micrograms if limit is None else limit


class StandingOrderQuerySet(models.QuerySet[Any]):
    def for_user(self, actor: Actor) -> Self:
        """The organisation's, and those of sites where the actor may open patients' records."""
        sites = actor.sites_with(Permission.VIEW_PATIENTS)
        return self.filter(Q(site__isnull=True) | Q(site__in=sites)) if sites else self.none()

    def usable_at(self, site: Any, day: date) -> Self:
        """Approved and not run out; those labelled as examples only at a demo site."""
        usable = self.filter(
            Q(site__isnull=True) | Q(site=site),
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            state=StandingOrder.State.APPROVED,
        )
        return usable if site.is_demo else usable.filter(is_example=False)


class StandingOrder(OrderedMedicine, PublicModel, Revisioned):
    """One version of an order that stands for every patient. Editable as a draft, frozen once approved."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        RETIRED = "retired", _("Retired")

    code = models.SlugField(max_length=40)
    number = models.PositiveSmallIntegerField()
    site = models.ForeignKey(
        "facilities.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_example = models.BooleanField(
        default=False, help_text=_("Example, not approved: usable at demo sites only.")
    )
    valid_until = models.DateField(null=True, blank=True)
    for_side_effects = models.JSONField(
        default=list, blank=True, help_text=_("Codes of side effects for which it is offered first.")
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(table_name="sessions_standing_order_history")
    objects = StandingOrderQuerySet.as_manager()

    class Meta:
        db_table = "sessions_standing_order"
        ordering = ["medicine", "code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="standing_order_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="approved"), name="standing_order_one_approved"
            ),
            models.CheckConstraint(condition=Q(dose_micrograms__gt=0), name="standing_order_dose"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True, state="draft")
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(state="draft")),
                name="standing_order_approval_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medicine} {self.dose_typed} {self.get_dose_unit_display()} {self.get_route_display()}"


class MedicineOrder(OrderedMedicine, ClinicalFact):
    """An order for one session. A verbal one holds the exact words, and waits for its prescriber's answer.

    ``taken_by`` is who ordered and ``taken_at`` when; ``entered_by`` is who wrote it down.
    """

    class Kind(models.TextChoices):
        WRITTEN = "written", _("Ordered here")
        VERBAL = "verbal", _("Verbal order")

    session = of_session("medicine_orders")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = models.TextField(blank=True, help_text=_("The order in its exact words, where it was verbal."))
    was_read_back = models.BooleanField(default=False)
    cosign_due_at = models.DateTimeField(null=True, blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_medicine_order"
        ordering = ["taken_at", "pk"]
        indexes = [
            models.Index(fields=["cosign_due_at"], condition=Q(kind="verbal"), name="medicine_order_due")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(dose_micrograms__gt=0), name="medicine_order_dose"),
            models.CheckConstraint(
                condition=Q(kind="written", cosign_due_at__isnull=True)
                | (Q(kind="verbal", was_read_back=True, cosign_due_at__isnull=False) & ~Q(words="")),
                name="verbal_order_read_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medicine} {self.dose_typed} {self.get_dose_unit_display()} {self.get_route_display()}"


class OrderAnswerQuerySet(models.QuerySet[Any]):
    def for_user(self, actor: Actor) -> Self:
        """Of sessions at sites where the actor may open patients' records."""
        return self.filter(order__session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class OrderAnswer(ClinicalFact):
    """What the prescriber says of a verbal order that stands in their name."""

    class Verdict(models.TextChoices):
        COSIGNED = "cosigned", _("Co-signed")
        DISPUTED = "disputed", _("Disputed")

    order = models.OneToOneField(MedicineOrder, on_delete=models.PROTECT, related_name="answer")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    words = models.TextField(blank=True)

    objects = OrderAnswerQuerySet.as_manager()

    class Meta:
        db_table = "sessions_order_answer"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict="cosigned") | ~Q(words=""), name="dispute_says_why")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.order_id}"
