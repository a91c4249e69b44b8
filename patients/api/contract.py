"""What the routes of this floor share: how a patient is reached. How writes and edits are answered is the house's."""

from rest_framework.views import APIView

from clinic.accounts.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    create_with_secret,
    edit_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from clinic.accounts.permissions import Permission
from patients.models import Patient
from patients.rules.scope import patient_or_404

__all__ = [
    "KEY_HEADER",
    "REVISION_HEADER",
    "PatientRoute",
    "actor_of",
    "answer",
    "checked",
    "create_with",
    "create_with_secret",
    "edit_with",
    "found_or_404",
    "is_for_the_document",
    "write_once",
]


class PatientRoute(APIView):
    """A route below one patient, who is loaded through the scope."""

    def patient(self, permission: Permission | None = None) -> Patient:
        return patient_or_404(actor_of(self.request), self.kwargs["patient_id"], permission=permission)
