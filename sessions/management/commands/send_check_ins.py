"""``manage.py send_check_ins``: asks patients between sessions what is due; for a timer, every five minutes or so."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.job_runs import counted_run, one_line
from clinic.facilities.models import Site
from sessions.models import HomeCheckIn
from sessions.operations.asking import hand_over_check_in, queue_check_ins, record_half_filled
from sessions.rules.messages import WORDS

JOB = "send_check_ins"


class Command(BaseCommand):
    help = (
        "Queues the check-ins that protocols plan for now and sends their links, and records what was typed into links"
        " whose time is over. Run it every few minutes; two at once do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(Site.objects.order_by("pk"))
        rights = [Permission.BOOK, Permission.RECORD_SCORES]
        by = Actor.job(JOB, site_ids=[site.pk for site in sites], permissions=rights)
        with counted_run(JOB, started_by=by.key) as counts:
            for site in sites:
                counts["half-filled recorded"] += record_half_filled(site=site, by=by)
                counts["queued"] += queue_check_ins(site=site, by=by)
            waiting = HomeCheckIn.objects.filter(state=HomeCheckIn.State.QUEUED, due_at__lte=clock.now())
            for check_in in waiting.select_related("session").order_by("due_at", "pk"):
                counts[WORDS[hand_over_check_in(check_in=check_in, by=by)]] += 1
        self.stdout.write(one_line(counts))
