from typing import Self

from django.db import models
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned


class QuickPhraseQuerySet(models.QuerySet["QuickPhrase"]):
    def for_user(self, actor: Actor) -> Self:
        """Those of sites where the actor may open patients' records."""
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def in_use(self) -> Self:
        return self.filter(is_in_use=True)


class QuickPhrase(PublicModel, Revisioned):
    """Words that a site's nurses write often; a tap puts them into the note."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    is_in_use = models.BooleanField(default=True)

    history = HistoricalRecords(table_name="sessions_quick_phrase_history")
    objects = QuickPhraseQuerySet.as_manager()

    class Meta:
        db_table = "sessions_quick_phrase"
        ordering = ["position", "text", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "text"], condition=models.Q(is_in_use=True), name="quick_phrase_once"
            )
        ]

    def __str__(self) -> str:
        return self.text
