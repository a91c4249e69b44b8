"""The one door to a patient: found only within reach, and opened only with the right that the act needs."""

import uuid

from django.http import Http404

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from patients.models import Patient
from patients.rules.access import site_of


def patient_or_404(actor: Actor, public_id: uuid.UUID, *, permission: Permission | None = None) -> Patient:
    """The patient, with ``visible_registrations`` at the actor's sites.

    Args:
        permission: also needed at one of the patient's sites, as for a page that edits.

    Raises:
        Http404: no such patient within the actor's reach.
        Refused: within reach, but without the right.
    """
    patients = Patient.objects.for_user(actor).with_record_numbers(actor)
    patient: Patient | None = patients.filter(public_id=public_id).first()
    if patient is None:
        raise Http404
    if permission is not None:
        site_of(patient, by=actor, permission=permission)
    return patient
