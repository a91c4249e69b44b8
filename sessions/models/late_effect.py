from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session
from sessions.models.side_effect import SideEffect


class LateEffect(ClinicalFact):
    """A side effect that was told after the patient had gone: by whom, how, and in which words.

    ``taken_at`` is when it was told, which is not when it began.
    """

    class Reporter(models.TextChoices):
        """Who told it."""

        PATIENT = "patient", _("The patient")
        COMPANION = "companion", _("Family or escort")
        CLINICIAN = "clinician", _("Another clinician")
        OTHER = "other", _("Somebody else")

    class Channel(models.TextChoices):
        """How it reached the clinic."""

        PHONE = "phone", _("By phone")
        IN_PERSON = "in_person", _("In person")
        MESSAGE = "message", _("By message")
        LINK = "link", _("In a check-in")

    session = of_session("late_effects")
    side_effect = models.OneToOneField(SideEffect, on_delete=models.PROTECT, related_name="late_report")
    reporter = models.CharField(max_length=10, choices=Reporter.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    words = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_late_effect"
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_reporter_display()}, {self.get_channel_display()}"
