from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import RecordEntry


class Medication(RecordEntry):
    """A medicine that the patient takes at home."""

    class RemsClass(models.TextChoices):
        """The classes that a REMS patient monitoring form asks about one by one: they add to sedation,
        dissociation, respiratory depression or changes of blood pressure.
        """

        NONE = "", _("None of these")
        BENZODIAZEPINE = "benzodiazepine", _("Benzodiazepine")
        SEDATIVE_HYPNOTIC = "sedative_hypnotic", _("Other sedative or hypnotic")
        PSYCHOSTIMULANT = "psychostimulant", _("Psychostimulant")
        MAOI = "maoi", _("Monoamine oxidase inhibitor")
        OPIOID = "opioid", _("Opioid")

    noun = "medication"
    name = models.CharField(_("medicine"), max_length=120)
    dose = models.CharField(
        _("dose"), max_length=120, blank=True, help_text=_("As the patient says it: 5 mg at night")
    )
    rems_class = models.CharField(
        _("class"), max_length=20, choices=RemsClass.choices, blank=True, default=""
    )
    is_antihypertensive = models.BooleanField(_("lowers blood pressure"), default=False)
    started_on = models.DateField(_("started on"), null=True, blank=True)

    history = HistoricalRecords(table_name="patients_medication_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_medication"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.dose}".strip()
