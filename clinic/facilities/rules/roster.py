"""Who can be on the roster, and which shifts can stand."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Shift, Site
from clinic.facilities.rules.opening import Range
from clinic.facilities.rules.ranges import SHIFT_HOURS, check_range

SHIFT_TAKEN = "shift.taken"
MOST_BREAKS = 6


def checked_breaks(starts_at: datetime, ends_at: datetime, breaks: Iterable[Range]) -> list[Range]:
    """The breaks in order, in UTC.

    Raises:
        Invalid: under ``breaks``: ``break.order``, ``break.outside``, ``break.overlap``, ``break.many``.
    """
    found = sorted((begins.astimezone(UTC), ends.astimezone(UTC)) for begins, ends in breaks)
    problem = None
    if len(found) > MOST_BREAKS:
        message = _("A shift has at most %(most)s breaks.")
        problem = Problem("break.many", message, {"most": MOST_BREAKS})
    elif any(ends <= begins for begins, ends in found):
        problem = Problem("break.order", _("A break ends before it begins. Check its times."))
    elif any(begins < starts_at or ends > ends_at for begins, ends in found):
        problem = Problem("break.outside", _("A break lies outside the shift. Check its times."))
    elif any(begins < ended for (_begun, ended), (begins, _ends) in pairwise(found)):
        problem = Problem("break.overlap", _("Two breaks share some time. Make one of them, or part them."))
    if problem:
        raise Invalid({"breaks": problem})
    return found


def check_shift_time(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Raises as :func:`~clinic.facilities.rules.ranges.check_range`."""
    check_range(starts_at, ends_at, now=now, longest=timedelta(hours=SHIFT_HOURS))


def check_works_here(user: User, site: Site) -> None:
    """Raises Invalid ``shift.not_here`` for somebody without a role at the site, or whose account is closed."""
    if not Membership.objects.filter(site=site, user=user).of_active_people().exists():
        message = _("%(name)s does not work at %(site)s. Choose somebody else.")
        problem = Problem("shift.not_here", message, {"name": user.display_name, "site": site.name})
        raise Invalid({"user": problem})


def check_free(shift: Shift, *, by: Actor) -> None:
    """Raises Conflict ``shift.taken`` where its owner has another shift then, at whichever site."""
    others = Shift.objects.filter(user=shift.user).standing().exclude(pk=shift.pk)
    other = others.overlapping(shift.starts_at, shift.ends_at).select_related("site").first()
    if other is not None:
        raise Conflict(
            taken_problem(shift.user, shift.site, (other.starts_at, other.ends_at), at=other, by=by)
        )


def taken_problem(
    user: User, site: Site, taken: Range, *, at: Shift | None = None, by: Actor | None = None
) -> Problem:
    """The sentence about a shift in the way. Of a site out of the reader's reach it says only that there is one."""
    params = {
        "name": user.display_name,
        "start": taken[0].astimezone(site.zone).strftime("%a %H:%M"),
        "end": taken[1].astimezone(site.zone).strftime("%H:%M"),
    }
    if at is None or at.site_id == site.pk:
        message = _(
            "%(name)s has a shift from %(start)s to %(end)s already. Change that one, or choose other times."
        )
        return Problem(SHIFT_TAKEN, message, params)
    message = _("%(name)s has a shift at %(site)s from %(start)s to %(end)s. Choose other times.")
    is_known = by is not None and at.site_id in by.site_ids
    return Problem(SHIFT_TAKEN, message, params | {"site": at.site.name if is_known else _("another site")})


def breaks_of(shift: Shift) -> Sequence[Range]:
    """As they are stored."""
    return [(pause.starts_at, pause.ends_at) for pause in shift.breaks.all()]
