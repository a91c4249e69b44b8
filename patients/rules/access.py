"""Who may touch a patient's record, and at which of the patient's sites it is done."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Problem, Refused
from patients.models import Patient, Registration


def site_of(patient: Patient, *, by: Actor, permission: Permission) -> Any:
    """The site at which the actor works on this patient: the first registration at which the right is held.

    Raises:
        Refused: the right is held at none of the patient's sites (``permission.missing``).
    """
    sites = by.sites_with(permission)
    found = Registration.objects.filter(patient=patient, site__in=sites).select_related("site").first()
    if found is None:
        by.require(permission, -1)
        raise AssertionError("require() refuses a site that does not exist")
    return found.site


def person(by: Actor) -> User:
    """The member of staff who acts: a clinical fact has an author.

    Raises:
        Refused: a job acts, not a person (``author.missing``).
    """
    if by.user is None:
        raise Refused(Problem("author.missing", _("A member of staff must record this; a job cannot.")))
    return by.user
