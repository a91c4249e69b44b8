"""Sites: their name, telephone, time zone and rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, ActorKind
from clinic.accounts.permissions import Permission
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.facilities.models import Site
from clinic.facilities.rules.sites import check_policy

DETAILS = (
    "name",
    "phone",
    "address",
    "emergency_number",
    "crisis_line",
    "crisis_line_name",
    "time_zone",
)
"""What is edited. A code is in other systems' hands, and a demo site never becomes a real one."""


@transaction.atomic(savepoint=False)
def open_site(*, code: str, name: str, time_zone: str, by: Actor, now: datetime | None = None) -> Site:
    """A new site, without chairs or staff: opened from the command line, before anybody has a right there.

    Raises:
        Refused: by anybody but a job of the installation (``site.by_job``).
        Conflict: there is a site of that code (``site.code_taken``).
        Invalid: an unknown time zone, or a field that does not fit.
    """
    now = now or clock.now()
    if by.kind is not ActorKind.JOB:
        message = _("A site is opened from the command line: manage.py open_site.")
        raise Refused(Problem("site.by_job", message))
    site = Site(code=code.strip(), name=name.strip(), time_zone=time_zone.strip())
    check_fields(site)
    if Site.objects.filter(code__iexact=site.code).exists():
        message = _("There is a site with the code %(code)s already.")
        raise Conflict(Problem("site.code_taken", message, {"code": site.code}))
    return save_record(site, verb="site.opened", by=by, now=now, site=site)


@transaction.atomic(savepoint=False)
def edit_site(
    *,
    site: Site,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    reason: str = "",
    now: datetime | None = None,
) -> Site:
    """Change some of a site's details and rules. Days that are already stored keep the zone they were stored in.

    Args:
        changes: new values by field, of :data:`DETAILS`; under ``policy`` the rules that change. What is not named
            stays.

    Raises:
        Refused: without the right to manage this site.
        Invalid: an unknown time zone, or a rule out of its range.
        Stale: somebody else changed the site after ``expected_revision``.
    """
    now = now or clock.now()
    by.require(Permission.MANAGE_STAFF, site.pk)
    _check_names(changes)
    policy = changes.get("policy", {})
    check_policy(policy)
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    for name in DETAILS:
        value = changes.get(name, getattr(site, name))
        setattr(site, name, value.strip())
    site.policy = {**site.policy, **policy}
    return save_record(
        site,
        verb="site.edited",
        by=by,
        now=now,
        site=site,
        reason=reason,
        expected_revision=expected_revision,
    )


def _check_names(changes: Mapping[str, Any]) -> None:
    if unknown := sorted(set(changes) - {*DETAILS, "policy"}):
        message = _("This cannot be changed here: %(name)s.")
        raise Invalid({unknown[0]: Problem("site.not_editable", message, {"name": unknown[0]})})
