"""``manage.py escalate_reviews``: lets reviews climb that nobody confirms; for a timer, every five minutes or so."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic.common.job_runs import counted_run, one_line
from clinic.facilities.models import Site
from patients.operations.review_climbing import send_review_steps
from patients.rules.review_climbing import job_at
from sessions.operations.review_climbing import pass_on_reviews

JOB = "escalate_reviews"


class Command(BaseCommand):
    help = (
        "Lets reviews of answers on suicide that nobody has confirmed in time climb to the next person of the site's"
        " coverage, and hands over what is told by text message or e-mail. Run it every few minutes; two at once do no"
        " harm. Sites that have not set the minutes are left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(Site.objects.order_by("pk"))
        by = job_at(sites)
        with counted_run(JOB, started_by=by.key) as counts:
            for site in sites:
                counts["climbed"] += pass_on_reviews(site=site, by=by)
                counts.update(send_review_steps(site=site, by=by))
        self.stdout.write(one_line(counts))
