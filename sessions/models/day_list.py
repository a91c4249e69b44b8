"""Opening and closing a site's day: what was looked at, by whom, and how it was found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.accounts.permissions import Permission


class DayListAnswerQuerySet(models.QuerySet["DayListAnswer"]):
    def for_user(self, actor: Actor) -> "DayListAnswerQuerySet":
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class DayListAnswer(ClinicalFact):
    """One item of a site's opening or closing list on one day; the last answer of an item stands."""

    class Moment(models.TextChoices):
        OPENING = "opening", _("Opening")
        CLOSING = "closing", _("Closing")

    class Outcome(models.TextChoices):
        OK = "ok", _("OK")
        NOT_OK = "not_ok", _("Not OK")
        NOT_KEPT = "not_kept", _("Not kept here")

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    local_date = models.DateField()
    moment = models.CharField(max_length=8, choices=Moment.choices)
    item = models.SlugField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.TextField(blank=True)

    objects = DayListAnswerQuerySet.as_manager()

    class Meta:
        db_table = "sessions_day_list_answer"
        ordering = ["entered_at", "pk"]
        indexes = [models.Index(fields=["site", "local_date"], name="day_list_of_site")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="not_ok") | ~Q(note=""), name="day_list_not_ok_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.local_date} {self.item}: {self.outcome}"
