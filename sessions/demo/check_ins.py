"""Check-ins of the demo's last days: as the timer would have sent them, some answered, some not."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.patient_account import patient_by_link
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import OneTimeLink
from patients.models.one_time_link import SIDE_EFFECTS
from patients.operations.one_time_links import begin_link, keep_answers
from sessions.demo.scores import answers
from sessions.models import HomeCheckIn
from sessions.operations.answering import finish_answers
from sessions.operations.asking import hand_over_check_in, queue_check_ins

DAYS = 10
AT = (time(10, 5), time(18, 5))
"""When the timer runs on each of these days; a real one runs every few minutes."""
ANSWERED_AFTER = timedelta(hours=3)


def ask_between_sessions(*, now: datetime) -> int:
    """Send what the last days have planned and answer two of three; how many were sent. A second run adds nothing."""
    found = 0
    for site in Site.objects.filter(is_demo=True).order_by("pk"):
        rights = [Permission.BOOK, Permission.RECORD_SCORES]
        by = Actor.job("send_check_ins", site_ids=[site.pk], permissions=rights)
        today = clock.local_date(now, site.time_zone)
        for ago in range(DAYS, -1, -1):
            for at in AT:
                moment = datetime.combine(today - timedelta(days=ago), at, tzinfo=site.zone).astimezone(UTC)
                if moment <= now:
                    found += _sent(site, by=by, at=moment, until=now)
    return found


def _sent(site: Site, *, by: Actor, at: datetime, until: datetime) -> int:
    queue_check_ins(site=site, by=by, now=at)
    waiting = HomeCheckIn.objects.filter(session__site=site, state=HomeCheckIn.State.QUEUED, due_at__lte=at)
    found = 0
    for check_in in waiting.select_related("session").order_by("pk"):
        if hand_over_check_in(check_in=check_in, by=by, now=at) != HomeCheckIn.State.SENT:
            continue
        found += 1
        link = OneTimeLink.objects.select_related("patient", "site").get(pk=_link_of(check_in))
        chance = random.Random(f"{check_in.session.pk} {check_in.day}")
        if at + ANSWERED_AFTER <= until and chance.random() < 0.67:
            _answered(link, chance, at + ANSWERED_AFTER)
    return found


def _link_of(check_in: HomeCheckIn) -> int | None:
    check_in.refresh_from_db(fields=["link"])
    return check_in.link_id


def _answered(link: OneTimeLink, chance: random.Random, at: datetime) -> None:
    by = patient_by_link(link_id=str(link.public_id), site_id=link.site_id)
    begin_link(link=link, by=by, now=at)
    told: dict[str, dict[str, Any]] = {
        "mood": {"mood": chance.randint(4, 8)},
        "phq9": answers("phq9", chance.randint(3, 12), chance),
        "gad7": answers("gad7", chance.randint(2, 9), chance),
        SIDE_EFFECTS: {"headache": chance.choice(["none", "mild"]), "nausea": "none", "words": ""},
    }
    for part in link.parts:
        keep_answers(link=link, part=part, answers=told[part], by=by, now=at)
    finish_answers(link=link, by=by, now=at)
