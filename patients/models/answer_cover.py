"""Who has accepted to read answers on suicide outside the opening hours of a site, from when until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.constraints import NoOverlap
from clinic.common.models import PeriodQuerySet, PublicModel, Revisioned


class AnswerCoverQuerySet(PeriodQuerySet):
    def for_user(self, actor: Actor) -> "AnswerCoverQuerySet":
        """Of sites at which the actor has a role."""
        return self.filter(site__in=actor.site_ids)


class AnswerCover(PublicModel, Revisioned):
    """Somebody reads answers that arrive at a site out of hours in ``[starts_at, ends_at)``; one person at a time.

    Whoever it is has accepted it: it is not laid upon anybody. Taken back, it ends at that moment; what had not begun
    is withdrawn.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    accepted_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)

    history = HistoricalRecords(table_name="patients_answer_cover_history")
    objects = AnswerCoverQuerySet.as_manager()

    class Meta:
        db_table = "patients_answer_cover"
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["site", "starts_at"], name="answer_cover_of_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="answer_cover_ends_after_start"
            ),
            NoOverlap(
                name="answer_cover_once",
                key="site",
                start="starts_at",
                end="ends_at",
                condition=Q(is_withdrawn=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.site} from {self.starts_at:%Y-%m-%d %H:%M}"
