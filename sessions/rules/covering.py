"""Who looks after a patient now, what a handover needs, and where nobody looks after somebody who is here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.facilities.models import Site
from clinic.facilities.rules.attendance import Attendance, Away
from sessions.models import Handover, InfusionSession
from sessions.states import PRESENT

LONGEST_COVER = timedelta(hours=24)


def covers_that_count(accepted: Iterable[Handover]) -> list[Handover]:
    """Of all accepted handovers of one patient, those until a time that none for good has followed; the last
    accepted first."""
    found: list[Handover] = []
    for handover in sorted(accepted, key=_order, reverse=True):
        if handover.until is None:
            break
        found.append(handover)
    return found


def _order(handover: Handover) -> tuple[Any, int]:
    return handover.answered_at, handover.pk


def cover_in_force(covers: Sequence[Handover], now: datetime) -> Handover | None:
    """The last accepted of the covers that have not run out."""
    return next((cover for cover in covers if cover.until and cover.until > now), None)


def cover_run_out(covers: Sequence[Handover], now: datetime) -> Handover | None:
    """The cover that ended last, where none is in force: whether its patients went back is for people to say."""
    if cover_in_force(covers, now):
        return None
    return max(covers, key=lambda cover: (cover.until, _order(cover)), default=None)


def carer_of(nurse: User | None, covers: Sequence[Handover], now: datetime) -> User | None:
    """Who looks after a patient now: an accepted cover in force, else the nurse of the session.

    :meth:`~sessions.models.infusion_session.InfusionSessionQuerySet.with_carer` says the same in SQL.
    """
    cover = cover_in_force(covers, now)
    return cover.to_nurse if cover else nurse


def accepted_of(session: InfusionSession) -> list[Handover]:
    """The accepted handovers that a session is in."""
    rows = Handover.objects.filter(rows__session=session, state=Handover.State.ACCEPTED)
    return list(rows.select_related("from_nurse", "to_nurse"))


def is_covered(session: InfusionSession, now: datetime) -> bool:
    """Whether a colleague looks after a session's patient until a time."""
    return cover_in_force(covers_that_count(accepted_of(session)), now) is not None


def gap(
    nurse: User | None, covers: Sequence[Handover], *, known: Attendance, site: Site, now: datetime
) -> Problem | None:
    """Why nobody looks after a patient who is here, in words; None while somebody does."""
    carer = carer_of(nurse, covers, now)
    if carer is None:
        return Problem("cover.no_nurse", _("No nurse"))
    if away := known.away(carer.pk, now):
        return _gap_of_absence(carer, *away, site=site)
    ended = cover_run_out(covers, now)
    if ended is None or ended.until is None or known.is_planned:
        # The roster says that the nurse is there.
        return None
    message = _("Cover by %(cover)s ended at %(time)s, %(nurse)s has not taken the patient back")
    params = {
        "cover": ended.to_nurse.short_name,
        "nurse": carer.short_name,
        "time": _clock(ended.until, site),
    }
    return Problem("cover.run_out", message, params)


def _gap_of_absence(carer: User, why: Away, until: datetime | None, *, site: Site) -> Problem:
    params = {"nurse": carer.short_name, "time": _clock(until, site) if until else ""}
    if why is Away.BREAK:
        message = _("%(nurse)s on break until %(time)s, nobody covers")
    elif why is Away.LEAVE:
        message = _("%(nurse)s on leave, nobody covers")
    elif until:
        message = _("%(nurse)s not on shift before %(time)s, nobody covers")
    else:
        message = _("%(nurse)s not on shift, nobody covers")
    return Problem(f"cover.{why.value}", message, params)


def overload(name: str, patients: int, *, site: Site) -> Problem | None:
    """A warning, never a refusal: what happens on the floor is a fact."""
    most = site.rules.patients_per_nurse
    if not most or patients <= most:
        return None
    message = _("%(name)s would look after %(patients)s patients; the rule of %(site)s is %(most)s.")
    params = {"name": name, "patients": patients, "site": site.name, "most": most}
    return Problem("handover.capacity", message, params)


def check_may_nurse(site_id: int, *, by: Actor) -> None:
    """Raises Refused unless the actor may look after patients at the site."""
    by.require(Permission.RUN_INFUSION, site_id)


def check_colleague(colleague: User, *, site: Site, giver: User) -> None:
    """Patients are handed to somebody else who may look after them there.

    Raises:
        Invalid: ``handover.oneself`` or ``handover.colleague``.
    """
    if colleague.pk == giver.pk:
        message = _("You cannot hand over to yourself. Choose a colleague.")
        raise Invalid({"to_nurse": Problem("handover.oneself", message)})
    if not nurses_at(site).filter(user=colleague).exists():
        message = _("%(name)s may not look after patients at %(site)s. Choose a colleague from the list.")
        params = {"name": colleague.display_name, "site": site.name}
        raise Invalid({"to_nurse": Problem("handover.colleague", message, params)})


def nurses_at(site: Site) -> Any:
    """Memberships of those who may look after patients at a site."""
    return Membership.objects.filter(site=site).of_active_people().that_give(Permission.RUN_INFUSION)


def check_until(until: datetime | None, *, site: Site, now: datetime) -> None:
    """Raises Invalid ``handover.until_past`` or ``handover.until_far`` (over 24 hours)."""
    if until is None:
        return
    if until <= now:
        message = _("%(time)s has passed. Choose a later time, or leave it empty to hand over for good.")
        raise Invalid({"until": Problem("handover.until_past", message, {"time": _clock(until, site)})})
    if until - now > LONGEST_COVER:
        message = _("Cover lasts for at most 24 hours. Leave the time empty to hand over for good.")
        raise Invalid({"until": Problem("handover.until_far", message)})


def check_is_named(handover: Handover, *, by: Actor) -> None:
    """Raises Refused ``handover.not_for_you``: only the colleague who was asked answers."""
    if by.user_id != handover.to_nurse_id:
        message = _("Only %(name)s can answer this handover.")
        raise Refused(Problem("handover.not_for_you", message, {"name": handover.to_nurse.display_name}))


def check_is_from(handover: Handover, *, by: Actor) -> None:
    """Raises Refused ``handover.not_yours``: only whoever offered takes it back."""
    if by.user_id != handover.from_nurse_id:
        message = _("Only %(name)s can take this handover back.")
        raise Refused(Problem("handover.not_yours", message, {"name": handover.from_nurse.display_name}))


def check_is_unanswered(handover: Handover) -> None:
    """Raises Conflict ``handover.answered``."""
    if handover.state != Handover.State.OFFERED:
        message = _("This handover is %(state)s already.")
        params = {"state": str(handover.get_state_display()).lower()}
        raise Conflict(Problem("handover.answered", message, params))


def check_is_offered(handover: Handover, *, now: datetime) -> None:
    """Raises Conflict ``handover.answered`` or ``handover.expired``."""
    check_is_unanswered(handover)
    if handover.until is not None and handover.until <= now:
        message = _("The time of this handover, %(time)s, has passed. Ask for a new one.")
        params = {"time": _clock(handover.until, handover.site)}
        raise Conflict(Problem("handover.expired", message, params))


def check_are_mine(sessions: Iterable[InfusionSession], *, site: Site, giver: User) -> None:
    """Nobody hands over what another looks after, or somebody who is not here.

    Raises:
        Conflict: ``handover.other_site``, ``handover.not_here`` or ``handover.not_mine`` for every chair that it is
            true of.
    """
    found = [problem for session in sessions if (problem := _not_mine(session, site, giver))]
    if found:
        raise Conflict(found[0], also=found[1:])


def _not_mine(session: Any, site: Site, giver: User) -> Problem | None:
    params = {"chair": session.chair.name}
    if session.site_id != site.pk:
        message = _("%(chair)s stands at another site. Hand over site by site.")
        return Problem("handover.other_site", message, params)
    if session.state not in PRESENT:
        return Problem("handover.not_here", _("The patient of %(chair)s is not here any more."), params)
    if session.carer_id != giver.pk:
        message = _(
            "You do not look after the patient in %(chair)s. Leave that chair out, or take over first."
        )
        return Problem("handover.not_mine", message, params)
    return None


def check_can_take_over(session: InfusionSession) -> None:
    """Raises Conflict ``handover.not_here`` unless the patient is here."""
    if session.state not in PRESENT:
        message = _("The patient is not here: this session is %(status)s.")
        params = {"status": str(session.state.label).lower()}
        raise Conflict(Problem("handover.not_here", message, params))


def _clock(at: datetime, site: Site) -> str:
    return at.astimezone(site.zone).strftime("%H:%M")
