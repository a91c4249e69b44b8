"""How a patient went who was not discharged, and when somebody was ready to go."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class EarlyLeaving(ClinicalFact):
    """The patient went before the discharge: how, and what of the discharge was not met then.

    ``unmet`` is a list of ``{"code", "sentence"}`` as it stood at that moment: facts, which nobody is asked to settle.
    Words that come later are a further row; the last one stands.
    """

    class Kind(models.TextChoices):
        """How they went; each is a button of its own."""

        AGAINST_ADVICE = "against_advice", _("Left against advice")
        WITHOUT_ESCORT = "without_escort", _("Left without escort")
        AMBULANCE = "ambulance", _("Taken by ambulance")
        OTHER = "other", _("Left")

    session = of_session("early_leavings")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    unmet = models.JSONField(default=list)
    note = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_early_leaving"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.taken_at:%H:%M}"


class ReadyToLeave(ClinicalFact):
    """From this moment nothing stood in the way of going home; when the patient went is the discharge's own time."""

    session = of_session("ready_marks")
    override_reason = models.TextField(
        blank=True, help_text=_("Why open criteria were set aside, if any were.")
    )

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_ready_to_leave"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return f"ready at {self.taken_at:%H:%M}"
