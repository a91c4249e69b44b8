"""The one account in whose name facts stand that patients tell through a link; nobody can sign in with it."""

from clinic.accounts.actor import Actor
from clinic.accounts.models import User

USERNAME = "patient-by-link"


def patient_by_link(*, link_id: str, site_id: int) -> Actor:
    """The patient of a link as an actor. The account is made when it is first needed.

    Which patient speaks is told by the fact's own patient, and by the link in the audit.
    """
    told = {"display_name": "Patient", "credential": "by link", "is_active": False, "password": "!"}
    author, _new = User.objects.get_or_create(username=USERNAME, defaults=told)
    return Actor.of_link(author, key=link_id, site_id=site_id)
