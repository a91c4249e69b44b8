import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from patients.models.entry import RecordEntry

_ICD_10_CM = re.compile(r"[A-TV-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?")

# Offered while typing; any code of the right shape is accepted. The first four were read in the FY2026 release
# or a coding source; the rest are general knowledge, to be checked against the current release.
SUGGESTED_CODES: tuple[tuple[str, str], ...] = (
    ("F33.2", "Major depressive disorder, recurrent severe without psychotic features"),
    ("F32.2", "Major depressive disorder, single episode, severe without psychotic features"),
    ("F32.1", "Major depressive disorder, single episode, moderate"),
    ("F32.0", "Major depressive disorder, single episode, mild"),
    ("F33.1", "Major depressive disorder, recurrent, moderate"),
    ("F33.0", "Major depressive disorder, recurrent, mild"),
    ("F33.3", "Major depressive disorder, recurrent, severe with psychotic symptoms"),
    ("F33.9", "Major depressive disorder, recurrent, unspecified"),
    ("F32.3", "Major depressive disorder, single episode, severe with psychotic features"),
    ("F32.A", "Depression, unspecified"),
    ("F41.1", "Generalized anxiety disorder"),
    ("F43.10", "Post-traumatic stress disorder, unspecified"),
    ("R45.851", "Suicidal ideations"),
)


def normal_code(typed: str) -> str:
    """The code in capitals and with its dot: ``f332`` becomes ``F33.2``."""
    code = typed.strip().upper().replace(" ", "")
    return f"{code[:3]}.{code[3:]}" if "." not in code and len(code) > 3 else code


def validate_code(code: str) -> None:
    """Accept what has the shape of an ICD-10-CM code; whether it is billable changes every year."""
    if not _ICD_10_CM.fullmatch(code):
        message = _("%(code)s is not written like an ICD-10-CM code. One looks like F33.2.")
        raise ValidationError(message, code="icd10cm.shape", params={"code": code})


class Diagnosis(RecordEntry):
    """A diagnosis by ICD-10-CM. "Treatment resistant" has no code: it shows in the antidepressant trials."""

    noun = "diagnosis"
    code = models.CharField(_("ICD-10-CM code"), max_length=10, validators=[validate_code])
    label = models.CharField(_("in words"), max_length=200)
    noted_on = models.DateField(_("diagnosed on"), null=True, blank=True)

    history = HistoricalRecords(table_name="patients_diagnosis_history")

    class Meta(RecordEntry.Meta):
        db_table = "patients_diagnosis"
        ordering = ["code", "pk"]
        verbose_name_plural = "diagnoses"

    def __str__(self) -> str:
        return f"{self.code} {self.label}"
