from django.conf import settings
from django.db import models

from sessions.models.facts import of_session


class TabletContact(models.Model):
    """A person has this session's page open, and the tablet was last heard of then.

    No fact of the chart: it is overwritten every half minute and goes when the page is closed.
    """

    session = of_session("+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "sessions_tablet_contact"
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="tablet_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.session_id}"
