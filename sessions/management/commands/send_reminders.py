"""``manage.py send_reminders``: queues and sends what is due; for a timer, every five minutes or so."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.models import JobRun
from clinic.facilities.models import Site
from sessions.models import Reminder
from sessions.operations.reminding import drop_outdated, hand_over, queue_reminders

JOB = "send_reminders"


class Command(BaseCommand):
    help = (
        "Queues reminders that are due within a day, takes back those of moved visits, and sends what is due. Run it"
        " every few minutes; two at once do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(Site.objects.order_by("pk"))
        by = Actor.job(JOB, site_ids=[site.pk for site in sites], permissions=[Permission.BOOK])
        run = JobRun.objects.create(name=JOB, started_by=by.key, started_at=clock.now())
        try:
            counts = self._work(sites, by)
        except BaseException as error:
            self._finish(run, JobRun.State.FAILED, error=f"{type(error).__name__}: {error}")
            raise
        self._finish(run, JobRun.State.DONE, result=counts)
        self.stdout.write(
            ", ".join(f"{count} {name}" for name, count in counts.items()) or "Nothing was due."
        )

    def _work(self, sites: list[Site], by: Actor) -> Counter[str]:
        counts: Counter[str] = Counter()
        for site in sites:
            counts["dropped"] += drop_outdated(site=site, by=by)
            counts["queued"] += queue_reminders(site=site, by=by)
        waiting = Reminder.objects.filter(state=Reminder.State.QUEUED, due_at__lte=clock.now())
        for reminder in waiting.select_related("session").order_by("due_at", "pk"):
            counts[_WORDS[hand_over(reminder=reminder, by=by)]] += 1
        return Counter({name: count for name, count in counts.items() if count})

    def _finish(self, run: JobRun, state: JobRun.State, **told: Any) -> None:
        run.state, run.finished_at = state, clock.now()
        run.result, run.error = dict(told.get("result", {})), told.get("error", "")
        run.done = run.total = sum(run.result.values())
        run.save(update_fields=["state", "finished_at", "result", "error", "done", "total"])


_WORDS = {
    Reminder.State.SENT: "sent",
    Reminder.State.FAILED: "failed",
    Reminder.State.DROPPED: "dropped",
    Reminder.State.QUEUED: "put off",
    "": "left",
}
