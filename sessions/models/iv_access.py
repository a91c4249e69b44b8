from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact, Correctable
from sessions.models.facts import SessionFactQuerySet, of_session


class IVAccess(ClinicalFact, Correctable):
    """A cannula as it was placed: where, which, after how many attempts, and whether it ran."""

    class Site(models.TextChoices):
        HAND = "hand", _("Hand")
        WRIST = "wrist", _("Wrist")
        FOREARM = "forearm", _("Forearm")
        ELBOW = "elbow", _("Elbow")
        UPPER_ARM = "upper_arm", _("Upper arm")
        FOOT = "foot", _("Foot")
        PORT = "port", _("Port or central line")
        OTHER = "other", _("Elsewhere")

    class Side(models.TextChoices):
        LEFT = "left", _("Left")
        RIGHT = "right", _("Right")
        NONE = "none", _("Neither")

    class Patency(models.TextChoices):
        FREE = "free", _("Flushes freely")
        SLOW = "slow", _("Flushes slowly")
        BLOCKED = "blocked", _("Does not flush")

    GAUGES = (14, 16, 18, 20, 22, 24, 26)

    session = of_session("iv_accesses")
    site = models.CharField(max_length=10, choices=Site.choices)
    side = models.CharField(max_length=5, choices=Side.choices)
    gauge = models.PositiveSmallIntegerField(null=True, blank=True, help_text="G; null for a port")
    attempts = models.PositiveSmallIntegerField()
    patency = models.CharField(max_length=8, choices=Patency.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_iv_access"
        ordering = ["taken_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(attempts__gte=1), name="iv_access_took_an_attempt"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.side} {self.gauge} G"


class IVRemoval(ClinicalFact):
    """A cannula taken out, once, and how its place looked."""

    class Condition(models.TextChoices):
        INTACT = "intact", _("Dry and intact")
        BRUISE = "bruise", _("Bruise")
        SWELLING = "swelling", _("Swelling or infiltration")
        REDNESS = "redness", _("Redness or pain along the vein")
        BLEEDING = "bleeding", _("Bleeding")
        OTHER = "other", _("Other")

    session = of_session("iv_removals")
    access = models.OneToOneField(IVAccess, on_delete=models.PROTECT, related_name="removal")
    condition = models.CharField(max_length=8, choices=Condition.choices)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_iv_removal"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"removed at {self.taken_at:%H:%M}"
