"""``manage.py send_check_ins``: asks patients between sessions what is due; for a timer, every five minutes or so."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.models import JobRun
from clinic.facilities.models import Site
from sessions.models import HomeCheckIn
from sessions.operations.asking import hand_over_check_in, queue_check_ins, record_half_filled

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
            counts["half-filled recorded"] += record_half_filled(site=site, by=by)
            counts["queued"] += queue_check_ins(site=site, by=by)
        waiting = HomeCheckIn.objects.filter(state=HomeCheckIn.State.QUEUED, due_at__lte=clock.now())
        for check_in in waiting.select_related("session").order_by("due_at", "pk"):
            counts[_WORDS[hand_over_check_in(check_in=check_in, by=by)]] += 1
        return Counter({name: count for name, count in counts.items() if count})

    def _finish(self, run: JobRun, state: JobRun.State, **told: Any) -> None:
        run.state, run.finished_at = state, clock.now()
        run.result, run.error = dict(told.get("result", {})), told.get("error", "")
        run.done = run.total = sum(run.result.values())
        run.save(update_fields=["state", "finished_at", "result", "error", "done", "total"])


_WORDS = {
    HomeCheckIn.State.SENT: "sent",
    HomeCheckIn.State.FAILED: "failed",
    HomeCheckIn.State.DROPPED: "dropped",
    HomeCheckIn.State.QUEUED: "put off",
    "": "left",
}
