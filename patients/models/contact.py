from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import RecordEntry


class Contact(RecordEntry):
    """Somebody to call, or who takes the patient home."""

    class Kind(models.TextChoices):
        """What the contact is for."""

        EMERGENCY = "emergency", _("Emergency contact")
        ESCORT = "escort", _("Escort home")

    noun = "contact"
    kind = models.CharField(_("for"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=150)
    relationship = models.CharField(_("relationship"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=40)

    history = HistoricalRecords(table_name="patients_contact_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_contact"
        ordering = ["kind", "name", "pk"]

    def __str__(self) -> str:
        return self.name
