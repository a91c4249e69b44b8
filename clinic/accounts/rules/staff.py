"""Who may change what somebody may do."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, lacking, password_needed
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem, Refused

MANAGE = Permission.MANAGE_STAFF


def check_not_oneself(user_id: int, *, by: Actor) -> None:
    """Nobody raises themselves, nor closes their own account by a slip.

    Raises:
        Refused: ``staff.oneself``.
    """
    if by.user_id == user_id:
        message = _("You cannot change what you may do yourself. Ask another administrator.")
        raise Refused(Problem("staff.oneself", message))


def check_manages_some_site_of(user_id: int, *, by: Actor) -> None:
    """The right to manage staff at one of the person's sites.

    Raises:
        Refused: ``permission.missing``.
    """
    theirs = Membership.objects.filter(user_id=user_id).values_list("site_id", flat=True)
    if not by.sites_with(MANAGE).intersection(theirs):
        raise password_needed() if by.withholds(MANAGE) else lacking(MANAGE)


def check_manages_every_site_of(user_id: int, *, by: Actor) -> None:
    """For what changes the account itself, and so the person's work at all their sites.

    Raises:
        Refused: ``permission.missing``, or ``staff.other_sites`` for somebody who works elsewhere too.
    """
    check_manages_some_site_of(user_id, by=by)
    theirs = Membership.objects.filter(user_id=user_id).values_list("site_id", flat=True)
    if set(theirs) - by.sites_with(MANAGE):
        message = _(
            "This person also works at a site that you do not manage. You can end their roles at yours."
        )
        raise Refused(Problem("staff.other_sites", message))


def check_administrator_remains(*, site: Any, without: set[int]) -> None:
    """Memberships may end, or lose their rights, only when somebody active is left who manages the site's staff.

    Call it with the site's memberships locked: two administrators who remove each other would leave nobody.

    Args:
        without: the keys of those memberships.

    Raises:
        Conflict: ``staff.last_administrator``.
    """
    managing = Membership.objects.filter(site=site).of_active_people().that_give(MANAGE)
    keys = set(managing.values_list("pk", flat=True))
    if keys and keys <= without:
        message = _(
            "Nobody would be left to manage the staff of %(site)s. Give that right to somebody else first."
        )
        raise Conflict(Problem("staff.last_administrator", message, {"site": site.name}))


def check_password(password: str, *, user: User) -> None:
    """The house's rules for a new password.

    Raises:
        Invalid: field ``password``, each rule that it breaks in Django's own words.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [
            Problem(f"password.{item.code}", "%(text)s", {"text": " ".join(item.messages)})
            for item in error.error_list
        ]
        raise Invalid({"password": problems}) from None
