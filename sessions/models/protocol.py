"""Protocols: how a treatment is given. Versioned data, approved by a named prescriber."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def for_user(self, actor: Actor) -> "ProtocolQuerySet":
        """Protocols are the organisation's: everybody who may open records at any site may read them."""
        return self if actor.can(Permission.VIEW_PATIENTS) else self.none()


class Protocol(PublicModel, Revisioned):
    """A treatment for an indication; another indication is another protocol, not other code."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    indication = models.CharField(max_length=200)

    history = HistoricalRecords(table_name="sessions_protocol_history")
    objects = ProtocolQuerySet.as_manager()

    class Meta:
        db_table = "sessions_protocol"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WeightBasis(models.TextChoices):
    """The weight that a dose is computed from."""

    ACTUAL = "actual", _("Measured weight")
    IDEAL = "ideal", _("Ideal weight")
    ADJUSTED = "adjusted", _("Adjusted weight")


class ProtocolVersionQuerySet(models.QuerySet["ProtocolVersion"]):
    def for_user(self, actor: Actor) -> "ProtocolVersionQuerySet":
        """As :meth:`ProtocolQuerySet.for_user`."""
        return self if actor.can(Permission.VIEW_PATIENTS) else self.none()

    def usable_at(self, site: Any) -> "ProtocolVersionQuerySet":
        """Approved versions; those labelled as examples only at a demo site."""
        usable = self.filter(state=ProtocolVersion.State.APPROVED)
        return usable if site.is_demo else usable.filter(is_example=False)


class ProtocolVersion(PublicModel, Revisioned):
    """One version of a protocol. Editable as a draft, frozen once approved.

    Quantities are integers: micrograms, microlitres, minutes, days. ``checklist``, ``limits`` and
    ``discharge_criteria`` are lists whose shape :mod:`sessions.rules.protocols` checks.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        RETIRED = "retired", _("Retired")

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_example = models.BooleanField(
        default=False, help_text=_("Example, not approved: usable at demo sites only.")
    )

    drug = models.CharField(max_length=80)
    dose_micrograms_per_kg = models.PositiveIntegerField()
    max_dose_micrograms_per_kg = models.PositiveIntegerField()
    cap_micrograms = models.PositiveIntegerField()
    concentration_micrograms_per_ml = models.PositiveIntegerField()
    bag_volume_microlitres = models.PositiveIntegerField()
    duration_minutes = models.PositiveSmallIntegerField()
    planned_infusions = models.PositiveSmallIntegerField()
    min_gap_days = models.PositiveSmallIntegerField()
    target_gap_days = models.PositiveSmallIntegerField()
    max_gap_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("The longest gap between infusions; empty: lateness is not checked."),
    )
    reevaluate_after_infusions = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("A prescriber looks again after so many; empty: not asked for.")
    )
    preparation_minutes = models.PositiveSmallIntegerField()
    recovery_minutes = models.PositiveSmallIntegerField()
    vitals_interval_minutes = models.PositiveSmallIntegerField()
    recovery_vitals_interval_minutes = models.PositiveSmallIntegerField()
    min_observation_minutes = models.PositiveSmallIntegerField()
    checklist = models.JSONField(default=list)
    limits = models.JSONField(default=list, blank=True)
    discharge_criteria = models.JSONField(default=list)
    instruments = models.JSONField(default=list, blank=True)
    aldrete_minimum = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The modified Aldrete score asked for before discharge, 0 to 10.")
    )
    side_effect_moments = models.JSONField(
        default=list, blank=True, help_text=_("When side effects are asked about; empty: not asked for.")
    )

    fasting_solids_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Without solid food before the start; empty: not checked.")
    )
    fasting_liquids_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Without clear liquids before the start; empty: not checked.")
    )
    substance_free_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Without alcohol or other substances; empty: not checked.")
    )
    pregnancy_test_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("How old a negative test may be; empty: not checked.")
    )
    pregnancy_until_age = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Asked below this age; empty: asked at every age.")
    )
    urinary_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Asked again after so many days; empty: at every visit.")
    )
    vitals_schedule = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What is measured when, by parameter; empty: the whole set at the two intervals."),
    )
    check_ins = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What a patient is asked on which days after an infusion; empty: nothing is sent."),
    )
    totals_tolerance_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("How far pump and chart may differ, in percent of the dose; empty: not checked."),
    )

    weight_basis = models.CharField(
        max_length=10,
        choices=WeightBasis.choices,
        blank=True,
        help_text=_("The weight that is dosed by; empty: the measured one."),
    )
    rounding_micrograms = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("The dose is rounded to this; empty: to a microgram.")
    )
    soft_limit_micrograms = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("A dose above it asks for a reason; empty: not checked.")
    )
    hard_limit_micrograms = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("A dose above it needs the right to go over, and a reason; empty: not checked."),
    )
    needs_second_check = models.BooleanField(
        default=False, help_text=_("A second person computes the dose anew before the start.")
    )
    safety_reason = models.TextField(
        blank=True, help_text=_("Why courses under earlier versions must be moved before their next start.")
    )

    safety_successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The safety version to which courses under this one are moved before their next start."),
    )

    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(table_name="sessions_protocol_version_history")
    objects = ProtocolVersionQuerySet.as_manager()

    class Meta:
        db_table = "sessions_protocol_version"
        ordering = ["protocol", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "number"], name="protocol_version_once"),
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=40, duration_minutes__lte=60),
                name="protocol_duration_40_to_60",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="protocol_approval_whole",
            ),
            models.CheckConstraint(
                condition=Q(max_gap_days__isnull=True) | Q(max_gap_days__gte=F("target_gap_days")),
                name="protocol_latest_after_target",
            ),
            models.CheckConstraint(
                condition=Q(max_dose_micrograms_per_kg__gte=F("dose_micrograms_per_kg")),
                name="protocol_dose_below_max",
            ),
            models.CheckConstraint(
                condition=Q(soft_limit_micrograms__isnull=True)
                | Q(hard_limit_micrograms__isnull=True)
                | Q(hard_limit_micrograms__gte=F("soft_limit_micrograms")),
                name="protocol_soft_limit_below_hard",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol.name} v{self.number}"

    def is_usable_at(self, site: Any) -> bool:
        """Whether it may be ordered under there: the same as :meth:`ProtocolVersionQuerySet.usable_at`."""
        return self.state == self.State.APPROVED and (site.is_demo or not self.is_example)

    def still_stands_at(self, site: Any) -> bool:
        """Whether a course ordered under it goes on there: also once a later version is in use."""
        return self.state != self.State.DRAFT and (site.is_demo or not self.is_example)

    @property
    def is_stopped_for_safety(self) -> bool:
        """Whether a later version was approved for safety: nothing starts under this one."""
        return self.safety_successor_id is not None

    @property
    def basis(self) -> str:
        """The weight that is dosed by; the measured one where the version says nothing."""
        return self.weight_basis or WeightBasis.ACTUAL

    @property
    def chair_minutes(self) -> int:
        """How long a chair is taken with the protocol's own duration: preparation, infusion, recovery."""
        return self.preparation_minutes + self.duration_minutes + self.recovery_minutes
