from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from clinic.common.models import AppendOnly, PublicModel
from sessions.models.facts import SessionFactQuerySet, of_session


class Signature(AppendOnly, PublicModel):
    """A signed chart: printed name, moment and meaning (as 21 CFR 11.50 asks), over a digest of the chart.

    Attributes:
        edition: what the digest was taken over, as :func:`sessions.rules.signing.digest_of_chart` knows it.
    """

    class Meaning(models.TextChoices):
        AUTHOR = "author", _("Author")
        REVIEW = "review", _("Review")

    session = of_session("signatures")
    meaning = models.CharField(max_length=8, choices=Meaning.choices)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    printed_name = models.CharField(max_length=200)
    statement = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    edition = models.PositiveSmallIntegerField(default=1)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_signature"
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "meaning"], name="signature_once_per_meaning")
        ]

    def __str__(self) -> str:
        return f"{self.meaning} {self.printed_name}"


class Addendum(ClinicalFact):
    """Something added to a signed chart: beside the original, which stays as it was signed."""

    session = of_session("addenda")
    text = models.TextField()

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_addendum"
        ordering = ["entered_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
