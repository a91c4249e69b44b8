"""The rows of the record's lists, one form for each list, and the form that ends a row."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, Text
from patients.forms.fields import RevisionForm, check_of, choice_of, day_of, text_of, whole_of
from patients.models import (
    Allergy,
    AntidepressantTrial,
    Authorization,
    Contact,
    Diagnosis,
    Medication,
    RecordEntry,
    ReferringClinician,
)
from patients.models.diagnosis import SUGGESTED_CODES, normal_code


class EntryForm(forms.Form):
    """Base: the model whose rows it makes."""

    model: ClassVar[type[RecordEntry]]

    @classmethod
    def initial_of(cls, entry: RecordEntry) -> dict[str, Any]:
        return {name: getattr(entry, name) for name in cls.base_fields} | {"revision": entry.revision}


class AllergyForm(EntryForm):
    model = Allergy
    substance = text_of(Allergy, "substance")
    reaction = text_of(Allergy, "reaction")
    severity = choice_of(Allergy, "severity", wide=True)


class MedicationForm(EntryForm):
    model = Medication
    name = text_of(Medication, "name")
    dose = text_of(Medication, "dose")
    rems_class = forms.ChoiceField(
        label=_("Class"),
        choices=Medication.RemsClass.choices,
        required=False,
        help_text=_("Classes that add to sedation or change blood pressure"),
    )
    started_on = day_of(Medication, "started_on")
    is_antihypertensive = check_of(Medication, "is_antihypertensive")


class DiagnosisForm(EntryForm):
    """Suggestions come from the page's list of codes; a code that stands there brings its own words."""

    model = Diagnosis
    code = text_of(Diagnosis, "code", help_text=_("Such as F33.2"))
    label = text_of(Diagnosis, "label", required=False, help_text=_("Empty: the words of a suggested code"))
    noted_on = day_of(Diagnosis, "noted_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"list": "icd10-codes", "autocomplete": "off"})

    def clean_code(self) -> str:
        return normal_code(self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "code" in cleaned and not cleaned.get("label"):
            cleaned["label"] = dict(SUGGESTED_CODES).get(cleaned["code"], "")
            if not cleaned["label"] and "label" not in self.errors:
                self.add_error("label", _("Say in words what this code stands for."))
        return cleaned


class AntidepressantTrialForm(EntryForm):
    model = AntidepressantTrial
    drug = text_of(AntidepressantTrial, "drug")
    dose = text_of(AntidepressantTrial, "dose", help_text=_("Such as 200 mg a day"))
    weeks = whole_of(AntidepressantTrial, "weeks", unit=_("weeks"))
    result = choice_of(AntidepressantTrial, "result", wide=True)
    in_current_episode = check_of(AntidepressantTrial, "in_current_episode")


class ContactForm(EntryForm):
    model = Contact
    kind = choice_of(Contact, "kind", wide=True)
    name = text_of(Contact, "name")
    relationship = text_of(Contact, "relationship")
    phone = text_of(Contact, "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["inputmode"] = "tel"


class ReferringClinicianForm(EntryForm):
    model = ReferringClinician
    name = text_of(ReferringClinician, "name", help_text=_("As it stands on an envelope, such as Dr Jo Lind"))
    organisation = text_of(ReferringClinician, "organisation")
    address = LongText(label=_("Address"), max_length=300, required=False)
    phone = text_of(ReferringClinician, "phone")
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["inputmode"] = "tel"


class AuthorizationForm(EntryForm):
    model = Authorization
    payer = text_of(Authorization, "payer")
    reference = text_of(Authorization, "reference", help_text=_("The number under which the payer knows it"))
    infusions = whole_of(Authorization, "infusions", max_value=999)
    valid_from = day_of(Authorization, "valid_from")
    valid_until = day_of(
        Authorization, "valid_until", help_text=_("The last day that counts; empty: no end is known")
    )


class EndForm(RevisionForm):
    """Taking a row off its list. The names of the fields are those of the row."""

    ended_on = Day(label=_("Ended on"), required=False, help_text=_("Empty: today"))
    end_reason = Text(label=_("Why"), required=False, max_length=200)
    entered_in_error = forms.BooleanField(label=_("It never held: it was entered in error"), required=False)


FORMS: dict[str, type[EntryForm]] = {
    "allergies": AllergyForm,
    "medications": MedicationForm,
    "diagnoses": DiagnosisForm,
    "antidepressant-trials": AntidepressantTrialForm,
    "contacts": ContactForm,
    "referring-clinicians": ReferringClinicianForm,
    "authorizations": AuthorizationForm,
}
"""By the name that the list has in addresses, on the pages as in the API."""


def editing(form: type[EntryForm]) -> type[EntryForm]:
    """The same form with the version that was read."""
    return type(form.__name__, (RevisionForm, form), {})
