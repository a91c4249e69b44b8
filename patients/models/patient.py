"""Who is treated."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.models import PublicModel, Revisioned
from clinic.common.text import search_key, sort_key
from patients.models.registration import Registration
from patients.reading.search_terms import MIN_PHONE_DIGITS, SearchTerm

ADULT_AGE = 18


def phone_key(phone: str) -> str:
    """The digits of a telephone number, by which it is found however it was written."""
    return "".join(str(int(char)) for char in phone if char.isdecimal())


class PatientQuerySet(models.QuerySet["Patient"]):
    def for_user(self, actor: Actor) -> "PatientQuerySet":
        """Patients registered at a site where the actor may open records."""
        mine = Registration.objects.for_user(actor).filter(patient=OuterRef("pk"))
        return self.filter(Exists(mine))

    def at_site(self, site: Any) -> "PatientQuerySet":
        return self.filter(registrations__site=site)

    def locked(self) -> "PatientQuerySet":
        return self.select_for_update(no_key=True, of=("self",))

    def with_record_numbers(self, actor: Actor) -> "PatientQuerySet":
        """Adds ``visible_registrations``: those at the actor's sites only."""
        mine = Registration.objects.for_user(actor).select_related("site")
        return self.prefetch_related(
            Prefetch("registrations", queryset=mine, to_attr="visible_registrations")
        )

    def matching(self, term: SearchTerm, *, actor: Actor) -> "PatientQuerySet":
        """Patients that fit every part of a search; nobody for an empty one."""
        if term.is_empty:
            return self.none()
        found = self.filter(birth_date__in=term.birth_dates) if term.birth_dates else self
        if term.number:
            found = found.filter(_number_fits(term.number, actor))
        for word in term.words:
            found = found.filter(Q(search_key__contains=f" {word}") | Q(_record_number_starts(word, actor)))
        return found


def _record_number_starts(text: str, actor: Actor) -> Exists:
    numbers = Registration.objects.for_user(actor).filter(record_number__istartswith=text)
    return Exists(numbers.filter(patient=OuterRef("pk")))


def _number_fits(digits: str, actor: Actor) -> Q:
    # Names of test data and of some peoples carry digits, so a number may also begin a word of the name.
    fits = Q(search_key__contains=f" {digits}") | Q(_record_number_starts(digits, actor))
    if len(digits) >= MIN_PHONE_DIGITS:
        fits |= Q(phone_key__contains=digits)
    return fits


class Channel(models.TextChoices):
    """How a message reaches a patient."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class Patient(PublicModel, Revisioned):
    """A person treated by the organisation, at whichever of its sites.

    ``search_key`` and ``sort_key`` are the folded words of the name, kept because SQLite and PostgreSQL fold and
    order letters differently.
    """

    class Sex(models.TextChoices):
        """Administrative gender, as in FHIR."""

        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Unknown")

    family_name = models.CharField(_("family name"), max_length=120)
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    middle_names = models.CharField(_("middle names"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices, default=Sex.UNKNOWN)
    deceased_on = models.DateField(_("died on"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_key = models.CharField(max_length=40, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    address_line = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    language = models.CharField(_("preferred language"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    reminders_by = models.CharField(
        _("reminders by"),
        max_length=5,
        choices=Channel.choices,
        blank=True,
        help_text=_("Only by what the patient has agreed to; empty: none."),
    )
    search_key = models.CharField(max_length=800, blank=True, editable=False)
    sort_key = models.CharField(max_length=800, blank=True, editable=False)
    updated_at = models.DateTimeField(editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged_from"
    )

    history = HistoricalRecords(
        table_name="patients_patient_history", excluded_fields=["search_key", "sort_key"]
    )
    objects = PatientQuerySet.as_manager()

    class Meta:
        db_table = "patients_patient"
        ordering = ["sort_key", "birth_date", "pk"]
        indexes = [
            models.Index(fields=["birth_date"], name="patient_birth_date"),
            models.Index(fields=["sort_key", "birth_date"], name="patient_by_name"),
            models.Index(fields=["-updated_at"], name="patient_updated"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(deceased_on__isnull=True) | Q(deceased_on__gte=models.F("birth_date")),
                name="patient_died_after_birth",
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """Derive what the patient is found and ordered by."""
        self.search_key = search_key(self.family_name, self.given_name, self.middle_names)
        self.sort_key = sort_key(self.family_name, self.given_name, self.middle_names)
        self.phone_key = phone_key(self.phone)

    @property
    def full_name(self) -> str:
        """``Family, Given``, as on a wristband."""
        return ", ".join(name for name in (self.family_name, self.given_name) if name)

    @property
    def short_name(self) -> str:
        """Family name and initial, for a board that others may look at."""
        return f"{self.family_name}, {self.given_name[:1]}." if self.given_name else self.family_name

    @property
    def name_words(self) -> frozenset[str]:
        """The folded words of the whole name, in no order."""
        return frozenset(search_key(self.family_name, self.given_name, self.middle_names).split())

    @property
    def is_deceased(self) -> bool:
        return self.deceased_on is not None

    def age_on(self, day: date) -> int:
        """Completed years of age on a day, or at death if that came first; negative before birth."""
        day = min(day, self.deceased_on) if self.deceased_on else day
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def is_minor_on(self, day: date) -> bool:
        return self.age_on(day) < ADULT_AGE


class PatientRowQuerySet(models.QuerySet[Any]):
    """Rows that belong to a patient are reached through the patient's registrations."""

    def for_user(self, actor: Actor) -> Any:
        mine = Registration.objects.for_user(actor).filter(patient=OuterRef("patient"))
        return self.filter(Exists(mine))

    def of(self, patients: Iterable[Patient]) -> Any:
        return self.filter(patient__in=patients)

    def locked(self) -> Any:
        return self.select_for_update(no_key=True, of=("self",))
