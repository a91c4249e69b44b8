"""Where a patient is known: the scope of everything that belongs to the patient."""

from django.db import models

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def for_user(self, actor: Actor) -> "RegistrationQuerySet":
        """Registrations at sites where the actor may open records."""
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class Registration(PublicModel):
    """A patient at a site, under that site's record number.

    ``sequence`` is set where the site made the number itself; the next one is counted from it.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="registrations")
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    record_number = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    registered_at = models.DateTimeField()

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        db_table = "patients_registration"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "record_number"], name="record_number_once_per_site"),
            models.UniqueConstraint(fields=["patient", "site"], name="registered_once_per_site"),
        ]

    def __str__(self) -> str:
        return self.record_number


class Identifier(PublicModel):
    """The patient's name in another system; unique, which makes a second import of one file harmless."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=80)
    value = models.CharField(max_length=120)

    class Meta:
        db_table = "patients_identifier"
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"
