from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import RecordEntry


class ReferringClinician(RecordEntry):
    """The clinician who sent the patient, and to whom letters about the treatment go.

    A list of its own and no kind of contact: contacts are called in an emergency and take the patient home.

    Attributes:
        address: as it stands on an envelope, a line a line.
    """

    noun = "referring_clinician"
    name = models.CharField(_("name"), max_length=150)
    organisation = models.CharField(_("practice or hospital"), max_length=150, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    history = HistoricalRecords(table_name="patients_referring_clinician_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_referring_clinician"
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def addressed(self) -> tuple[str, ...]:
        """The lines of an envelope: name, practice, address."""
        lines = (self.name, self.organisation, *self.address.splitlines())
        return tuple(line.strip() for line in lines if line.strip())
