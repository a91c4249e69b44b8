from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac

from clinic.accounts.actor import Actor


class OutboxKeyQuerySet(models.QuerySet["OutboxKey"]):
    def for_user(self, actor: Actor) -> "OutboxKeyQuerySet":
        """One's own, and nobody else's."""
        return self.filter(user=actor.user_id)


class OutboxKey(models.Model):
    """What a person's tablet encrypts unsent entries with. The row holds a random seed, never the key.

    The key is derived from the seed and the installation's secret: neither a copy of the database nor the secret
    alone opens what lies on a tablet.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = OutboxKeyQuerySet.as_manager()

    class Meta:
        db_table = "accounts_outbox_key"

    def __str__(self) -> str:
        return f"key of {self.user_id}"

    @property
    def key(self) -> bytes:
        """256 bits for AES."""
        return salted_hmac("clinic.accounts.outbox", self.seed, algorithm="sha256").digest()
