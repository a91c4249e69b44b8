"""What must still be done for somebody who went with something unmet: looked after on the same day."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Problem
from sessions.models import EarlyLeaving, FollowUp, InfusionSession
from sessions.operations.following_up import open_follow_up


def follow_leaving(
    *, session: InfusionSession, leaving: str, unmet: Sequence[Problem], by: Actor, now: datetime
) -> None:
    """Open a follow-up for the site's present day where the discharge was not met, or nobody came along."""
    alone = leaving == EarlyLeaving.Kind.WITHOUT_ESCORT
    if not (unmet or alone):
        return
    count = ngettext("%(n)s point not met", "%(n)s points not met", len(unmet)) % {"n": len(unmet)}
    how = str(dict(EarlyLeaving.Kind.choices).get(leaving, _("Discharged")))
    _start, day_ends = clock.day_range(clock.local_date(now, session.site.time_zone), session.site.time_zone)
    open_follow_up(
        session=session,
        kind=FollowUp.Kind.LEFT_UNESCORTED if alone else FollowUp.Kind.UNMET_CRITERIA,
        reason=f"{how}: {count}" if unmet else how,
        due_at=day_ends,
        assigned_to=session.nurse or by.user,
        by=by,
        now=now,
    )
