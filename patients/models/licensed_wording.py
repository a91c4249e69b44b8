"""The words of a questionnaire that a site may show under a licence of its own: stated, entered, approved, withdrawn.

Nothing of such words stands in this software. Each version is written once; what became of it stands in its steps.
"""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact
from clinic.accounts.permissions import Permission
from clinic.common.models import AppendOnly, PublicModel
from patients.scoring.instrument import Instrument, ItemText
from patients.scoring.registry import INSTRUMENTS


class LicensedWordingQuerySet(models.QuerySet["LicensedWording"]):
    def for_user(self, actor: Actor) -> Self:
        """All versions of sites where the actor keeps them; where scores are recorded, those that were approved."""
        approved = WordingStep.objects.filter(wording=OuterRef("pk"), kind=WordingStep.Kind.APPROVED)
        return self.filter(
            Q(site__in=actor.sites_with(Permission.LICENSE_WORDING))
            | (Q(site__in=actor.sites_with(Permission.RECORD_SCORES)) & Exists(approved))
        )

    def standing(self, at: datetime) -> Self:
        """As of a moment: of each questionnaire in each language, the version approved last, unless withdrawn."""
        same = {
            f"wording__{name}": OuterRef(f"wording__{name}")
            for name in ("site", "instrument_code", "language")
        }
        approved, withdrawn = WordingStep.Kind.APPROVED, WordingStep.Kind.WITHDRAWN
        until_then = WordingStep.objects.filter(entered_at__lte=at)
        later = until_then.filter(**same, kind=approved, pk__gt=OuterRef("pk"))
        last = until_then.filter(~Exists(later), kind=approved)
        gone = until_then.filter(wording=OuterRef("pk"), kind=withdrawn)
        return self.filter(~Exists(gone), pk__in=last.values("wording"))


class LicensedWording(AppendOnly, PublicModel):
    """One version of a questionnaire's words at one site, with the licence under which they may be shown.

    Attributes:
        number: counts the versions of a questionnaire in a language at the site, from 1.
        language: of the words, as a language tag (``en``).
        licence_holder: who holds the licence. licence_reference: the number of the licence or its document.
        licensed_until: the last day on which the words may be shown; None where the licence names none.
        items: ``{item code: {"text": words, "answers": {"0": words}}}``; an answer without words keeps its number.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    instrument_code = models.CharField(max_length=20)
    instrument_version = models.CharField(max_length=20)
    language = models.CharField(_("language of the words"), max_length=10, default="en")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    licence_holder = models.CharField(_("who holds the licence"), max_length=200)
    licence_reference = models.CharField(_("licence or document number"), max_length=200)
    licensed_from = models.DateField(_("valid from"))
    licensed_until = models.DateField(_("valid until"), null=True, blank=True)
    licence_note = models.TextField(_("note"), max_length=2000, blank=True)
    stem = models.TextField(_("what stands above the questions"), max_length=2000)
    items = models.JSONField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LicensedWordingQuerySet.as_manager()

    class Meta:
        db_table = "patients_licensed_wording"
        ordering = ["instrument_code", "language", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "instrument_code", "language", "number"], name="licensed_wording_version_once"
            ),
            models.CheckConstraint(
                condition=Q(licensed_until__isnull=True) | Q(licensed_until__gte=F("licensed_from")),
                name="licensed_wording_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base.name} {self.language} v{self.number}"

    @property
    def base(self) -> Instrument:
        """The questionnaire without these words."""
        return INSTRUMENTS[self.instrument_code, self.instrument_version]

    @property
    def instrument(self) -> Instrument:
        """The questionnaire in these words."""
        texts = {
            code: ItemText(
                said["text"], {int(value): text for value, text in said.get("answers", {}).items()}
            )
            for code, said in self.items.items()
        }
        return self.base.worded(self.stem, texts)

    def is_licensed_on(self, day: date) -> bool:
        """Whether the licence covers a day, both ends included."""
        return self.licensed_from <= day and (self.licensed_until is None or day <= self.licensed_until)


class WordingStepQuerySet(models.QuerySet[Any]):
    def for_user(self, actor: Actor) -> Self:
        """Steps of versions within reach."""
        return self.filter(wording__in=LicensedWording.objects.for_user(actor))


class WordingStep(ClinicalFact):
    """What became of a version. Of a questionnaire in a language the version approved last stands, unless withdrawn."""

    class Kind(models.TextChoices):
        """What was decided."""

        APPROVED = "approved", _("Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    wording = models.ForeignKey(LicensedWording, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(_("why"), max_length=2000, blank=True)

    objects = WordingStepQuerySet.as_manager()

    class Meta:
        db_table = "patients_wording_step"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["wording", "kind"], name="wording_step_once"),
            models.CheckConstraint(
                condition=~Q(kind="withdrawn") | ~Q(reason=""), name="wording_withdrawn_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entered_at:%Y-%m-%d}"
