"""Enumerations as Django choices: those of :mod:`sessions.states`, and the codes that reasons are counted by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions.states import STATUS_LABELS, EndKind, EventKind

STATUS_CHOICES = [(status.value, label) for status, label in STATUS_LABELS.items()]
EVENT_CHOICES = [(kind.value, kind.name.capitalize()) for kind in EventKind]
END_CHOICES = [(kind.value, kind.name.replace("_", " ").capitalize()) for kind in EndKind]


class CancelCode(models.TextChoices):
    """Who called a visit off; the reason in words stands beside it."""

    PATIENT = "patient", _("The patient")
    CLINIC = "clinic", _("The clinic")
    MEDICAL = "medical", _("A clinician, on medical grounds")
    OTHER = "other", _("Somebody else")


class StopCode(models.TextChoices):
    """Why a course was stopped before its plan was carried out; the reason in words stands beside it."""

    NO_RESPONSE = "no_response", _("No response")
    SIDE_EFFECTS = "side_effects", _("Side effects")
    CONTRAINDICATION = "contraindication", _("New contraindication")
    PATIENT_WISH = "patient_wish", _("The patient's wish")
    COST = "cost", _("Cost or cover")
    MOVED = "moved", _("Treated elsewhere")
    LOST = "lost", _("Lost to follow-up")
    OTHER = "other", _("Other")


class TotalsUsed(models.TextChoices):
    """Which figure the record goes by for what was given."""

    PUMP = "pump", _("Pump")
    CHART = "chart", _("Chart")


CANCEL_CHOICES = CancelCode.choices
STOP_CHOICES = StopCode.choices
TOTALS_CHOICES = TotalsUsed.choices
