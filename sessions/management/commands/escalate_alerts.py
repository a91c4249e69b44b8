"""``manage.py escalate_alerts``: passes on alerts that nobody acknowledges; for a timer, every minute or so."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from clinic.common.job_runs import one_line
from clinic.facilities.models import Site
from sessions.operations.alert_escalating import escalate_alerts
from sessions.operations.alert_sending import send_escalations
from sessions.rules.alerts import job_at


class Command(BaseCommand):
    help = (
        "Passes on alerts that nobody has acknowledged within the minutes of their site, and hands over what is told by"
        " text message or e-mail. Run it every minute; two at once do no harm. Sites without escalation are left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(Site.objects.order_by("pk"))
        by = job_at(sites)
        counts: Counter[str] = Counter()
        for site in sites:
            counts["passed on"] += escalate_alerts(site=site, by=by)
            counts.update(send_escalations(site=site, by=by))
        self.stdout.write(one_line(counts))
