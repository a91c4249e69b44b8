"""``manage.py send_reminders``: queues and sends what is due; for a timer, every five minutes or so."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.job_runs import counted_run, one_line
from clinic.facilities.models import Site
from sessions.models import Reminder
from sessions.operations.reminding import drop_outdated, hand_over, queue_reminders
from sessions.rules.messages import WORDS

JOB = "send_reminders"


class Command(BaseCommand):
    help = (
        "Queues reminders that are due within a day, takes back those of moved visits, and sends what is due. Run it"
        " every few minutes; two at once do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(Site.objects.order_by("pk"))
        by = Actor.job(JOB, site_ids=[site.pk for site in sites], permissions=[Permission.BOOK])
        with counted_run(JOB, started_by=by.key) as counts:
            for site in sites:
                counts["dropped"] += drop_outdated(site=site, by=by)
                counts["queued"] += queue_reminders(site=site, by=by)
            waiting = Reminder.objects.filter(state=Reminder.State.QUEUED, due_at__lte=clock.now())
            for reminder in waiting.select_related("session").order_by("due_at", "pk"):
                counts[WORDS[hand_over(reminder=reminder, by=by)]] += 1
        self.stdout.write(one_line(counts))
