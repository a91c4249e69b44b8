from typing import Any, Self

from django.db import models

from clinic.accounts.actor import Actor
from clinic.accounts.models import FactQuerySet
from clinic.accounts.permissions import Permission


class SessionFactQuerySet(FactQuerySet):
    def for_user(self, actor: Actor) -> Self:
        """Rows of sessions at sites where the actor may open patients' records."""
        return self.filter(session__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


def of_session(related_name: str) -> Any:
    """The foreign key by which a fact belongs to its session; sessions are never deleted."""
    return models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name=related_name
    )
