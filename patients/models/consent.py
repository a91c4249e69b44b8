"""Consents: what was read, what was agreed to, and what became of it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.accounts.permissions import Permission
from clinic.common.models import AppendOnly, PublicModel, Revisioned
from patients.models.patient import PatientRowQuerySet


class ConsentDocumentQuerySet(models.QuerySet["ConsentDocument"]):
    def for_user(self, actor: Actor) -> "ConsentDocumentQuerySet":
        """The texts are the organisation's: everybody who may open records at any site may read them."""
        return self if actor.can(Permission.VIEW_PATIENTS) else self.none()

    def offered(self) -> "ConsentDocumentQuerySet":
        """The latest version of each document in each language."""
        newer = ConsentDocument.objects.filter(
            code=OuterRef("code"), language=OuterRef("language"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer))


class ConsentDocument(AppendOnly, PublicModel):
    """One version of a text that patients agree to. Never changed: a new wording is a new version."""

    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    title = models.CharField(_("title"), max_length=150)
    language = models.CharField(_("language"), max_length=20, default="en")
    body = models.TextField(_("text"))
    valid_days = models.PositiveSmallIntegerField(
        _("valid for days"), null=True, blank=True, help_text=_("Empty: until it is revoked")
    )
    published_at = models.DateTimeField()

    objects = ConsentDocumentQuerySet.as_manager()

    class Meta:
        db_table = "patients_consent_document"
        ordering = ["title", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version", "language"], name="consent_document_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class ConsentQuerySet(PatientRowQuerySet):
    def in_date(self, day: date) -> Any:
        """The same as :meth:`Consent.is_in_date`, for many at once."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            Q(revoked_on__isnull=True) | Q(revoked_on__gt=day),
            given_on__lte=day,
        )


class Consent(PublicModel, Revisioned):
    """A patient's consent to one document, for one purpose, until a day or until it is revoked.

    Attributes:
        given_by: who agreed if not the patient: a parent or a legal representative.
        valid_until: the last day on which it holds; none where the document sets no limit.
        revoked_on: the first day on which it does not hold any more.
    """

    class Purpose(models.TextChoices):
        """What the consent allows."""

        TREATMENT = "treatment", _("Treatment")
        SHARING = "sharing", _("Sharing the record")
        RESEARCH = "research", _("Research")

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="consents")
    document = models.ForeignKey(ConsentDocument, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(_("for"), max_length=20, choices=Purpose.choices, default=Purpose.TREATMENT)
    given_on = models.DateField(_("given on"))
    given_by = models.CharField(
        _("given by"), max_length=150, blank=True, help_text=_("If not by the patient: name and relation")
    )
    valid_until = models.DateField(null=True, blank=True, editable=False)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_on = models.DateField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(editable=False)

    history = HistoricalRecords(table_name="patients_consent_history")
    objects = ConsentQuerySet.as_manager()

    class Meta:
        db_table = "patients_consent"
        ordering = ["-given_on", "-pk"]
        indexes = [models.Index(fields=["patient", "-given_on"], name="consent_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("given_on")),
                name="consent_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("given_on")),
                name="consent_revoked_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.given_on:%Y-%m-%d}"

    @property
    def is_revoked(self) -> bool:
        return self.revoked_on is not None

    def is_in_date(self, day: date) -> bool:
        """Whether it holds on a day of the site's calendar."""
        return (
            self.given_on <= day
            and (self.valid_until is None or day <= self.valid_until)
            and (self.revoked_on is None or day < self.revoked_on)
        )


class ConsentEvent(ClinicalFact):
    """What happened to a consent."""

    class Kind(models.TextChoices):
        """What can happen to a consent."""

        GIVEN = "given", _("Given")
        REVOKED = "revoked", _("Revoked")

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "patients_consent_event"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["consent", "kind"], name="consent_event_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.taken_at:%Y-%m-%d}"
