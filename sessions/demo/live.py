"""The demo goes on while one looks at it: a colleague's patients are read, end, recover and go home in real time.

What is done next follows from where a session stands, so a visitor may act on the same patients: whatever they did
counts, and what no longer fits is left alone. Sessions that the story leaves to be seen to, overdue or paused, stay so.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.common.errors import ClinicError
from clinic.facilities.models import Site
from patients.rules.review_climbing import job_at
from sessions.demo.drugs import account_for
from sessions.demo.infusing import read_the_pump, take_cannula_out
from sessions.demo.protocols import STEADY
from sessions.models import InfusionSession, VitalSigns
from sessions.operations import discharging, leaving, monitoring, running
from sessions.operations.review_climbing import pass_on_reviews
from sessions.rules.checking import confirmed_dose
from sessions.rules.discharging import not_before, obstacles_to_ready, ready_since
from sessions.rules.effect_moments import AT_END, BEFORE_DISCHARGE
from sessions.rules.monitoring import next_reading_due
from sessions.states import EndKind, Status

NEGLECTED = timedelta(minutes=8)
"""A reading that is overdue for longer is one of the story's, for the visitor to find."""
RIDE = timedelta(minutes=15)
"""How long somebody who is ready waits for the ride."""
MOVING = (Status.READY, Status.INFUSING, Status.RECOVERING)


def go_on(*, now: datetime) -> int:
    """Do what is due at the demo's sites now, one step a session at most. Returns how many steps were taken."""
    done = 0
    for site in Site.objects.filter(is_demo=True):
        pass_on_reviews(site=site, by=job_at([site]), now=now)
        colleague = _colleague(site)
        for session in _moving(site) if colleague else ():
            try:
                done += _one_step(session, by=colleague, now=now)
            except ClinicError:
                # The visitor, or a gate, was there first; the next round looks again.
                continue
    return done


def _colleague(site: Site) -> Any:
    """A nurse of the demo other than the one whose account a visitor most likely takes."""
    nurses = Membership.objects.filter(site=site, role__code="nurse", user__is_demo=True)
    found = User.objects.filter(pk__in=nurses.values("user")).exclude(username="nurse").order_by("pk").first()
    return Actor.of_user(found) if found else None


def _moving(site: Site) -> Iterable[InfusionSession]:
    rows = InfusionSession.objects.filter(site=site, status__in=MOVING)
    return rows.select_related("site", "course__protocol_version")


def _one_step(session: InfusionSession, *, by: Actor, now: datetime) -> int:
    latest = session.vital_signs.current().order_by("taken_at", "pk").last()
    due = next_reading_due(session, latest=latest)
    if session.state is Status.RECOVERING and ready_since(session):
        # Nobody measures while they wait for the ride.
        return _go_home(session, by=by, now=now)
    if due is not None and due + NEGLECTED < now:
        return 0
    if session.state is Status.READY:
        return _start(session, by=by, now=now)
    if session.state is Status.INFUSING and session.infused(now) >= _planned(session):
        running.end(session=session, by=by, kind=EndKind.COMPLETED, now=now)
        return 1
    if session.state is Status.RECOVERING and not session.totals_used:
        return _see_to_the_end(session, by=by, now=now)
    if session.state is Status.RECOVERING and now >= (not_before(session) or now):
        return _go_home(session, by=by, now=now)
    if due is not None and due <= now:
        monitoring.record_vital_signs(session=session, values=_reading(session, now), by=by, now=now)
        return 1
    return 0


def _start(session: InfusionSession, *, by: Actor, now: datetime) -> int:
    minutes = session.course.protocol_version.preparation_minutes
    if now < session.scheduled_start + timedelta(minutes=minutes):
        return 0
    running.start(session=session, by=by, now=now)
    return 1


def _planned(session: InfusionSession) -> timedelta:
    dose = confirmed_dose(session)
    return timedelta(minutes=dose.duration_minutes if dose else session.course.duration_minutes)


def _reading(session: InfusionSession, now: datetime) -> dict[str, int]:
    """A pressure that climbs to the end of the infusion and falls afterwards, around the first one of the visit."""
    first: VitalSigns | None = session.vital_signs.current().exclude(systolic=None).first()
    systolic = (first.systolic if first else None) or 122
    diastolic = (first.diastolic if first else None) or 76
    began = session.infusion_started_at or now
    minute = (now - began).total_seconds() / 60
    rise = round(18 * math.sin(min(math.pi, minute / 75 * math.pi)))
    awake = session.state is Status.RECOVERING
    return {
        "systolic": systolic + rise,
        "diastolic": diastolic + rise // 2,
        "heart_rate": 70 + rise // 2,
        "respiratory_rate": 14,
        "oxygen_saturation": 97,
        "sedation": 5 if awake else 4,
        "dissociation": 1 if awake else min(8, 2 + rise // 5),
    }


def _see_to_the_end(session: InfusionSession, *, by: Actor, now: datetime) -> int:
    """Pump, vial and how it felt: what is written once the infusion has ended."""
    told: dict[str, Any] = {"session": session, "by": by, "now": now}
    read_the_pump(**told)
    if not session.drug_uses.exists():
        # The waste waits for its witness, whom the visitor can be.
        account_for(witness=None, seal="Bag of today", **told)
    monitoring.ask_about_side_effects(moment=_moment(session, AT_END), **told)
    return 1


def _moment(session: InfusionSession, code: str) -> str:
    return code if code in session.course.protocol_version.side_effect_moments else ""


def _go_home(session: InfusionSession, *, by: Actor, now: datetime) -> int:
    """Ready first; gone when the ride has come."""
    criteria = dict.fromkeys(session.course.protocol_version.discharge_criteria, True)
    values = {"aldrete": STEADY} if "aldrete" in criteria else {}
    told: dict[str, Any] = {"session": session, "by": by, "now": now}
    since = ready_since(session)
    if since is None:
        monitoring.ask_about_side_effects(moment=_moment(session, BEFORE_DISCHARGE), **told)
        take_cannula_out(**told)
        is_here = {} if "escort-present" not in criteria else {"escort-present": False}
        discharging.assess_discharge(criteria=criteria | is_here, values=values, **told)
        if obstacles_to_ready(session, now):
            return 0
        discharging.mark_ready(**told)
        return 1
    if now < since + RIDE:
        return 0
    discharging.assess_discharge(criteria=criteria, values=values, escort_name="Escort of the record", **told)
    leaving.discharge(**told)
    return 1
