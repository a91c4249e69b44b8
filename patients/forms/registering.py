"""The details of a person, as typed at the desk."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, Text
from clinic.facilities.models import Site
from patients.forms.fields import RevisionForm, choice_of, day_of, text_of
from patients.models import Channel, Patient, Registration
from patients.rules.people import DETAILS

NOTHING_FILLED_IN = {"autocomplete": "off"}


class DetailsForm(forms.Form):
    """What is known of a person; the fields are those of :data:`patients.rules.people.DETAILS`."""

    family_name = text_of(Patient, "family_name")
    given_name = text_of(Patient, "given_name")
    middle_names = text_of(Patient, "middle_names")
    birth_date = day_of(Patient, "birth_date")
    sex = choice_of(Patient, "sex")
    phone = text_of(Patient, "phone")
    email = text_of(Patient, "email")
    language = text_of(Patient, "language")
    reminders_by = forms.ChoiceField(
        label=_("Reminders by"),
        choices=[("", _("None agreed")), *Channel.choices],
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Only by what the patient has agreed to."),
    )
    time_zone = text_of(
        Patient, "time_zone", help_text=_("Such as America/Chicago. Empty: the site's clocks.")
    )
    address_line = text_of(Patient, "address_line")
    city = text_of(Patient, "city")
    state = text_of(Patient, "state", label=_("State or province"))
    postal_code = text_of(Patient, "postal_code")
    country = text_of(Patient, "country")

    GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("Who"), ("family_name", "given_name", "middle_names", "birth_date", "sex")),
        (_("How to reach them"), ("phone", "email", "language", "reminders_by", "time_zone")),
        (_("Address"), ("address_line", "city", "state", "postal_code", "country")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DETAILS:
            # The browser would offer the staff's own address, or the patient before.
            self.fields[name].widget.attrs.update(NOTHING_FILLED_IN)
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["email"].widget.attrs["inputmode"] = "email"

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings, in the order of a conversation."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DETAILS}


class RegisterForm(DetailsForm):
    """A person to be registered at one of the sites where the actor may do that."""

    site = forms.ChoiceField(label=_("Site"))
    record_number = text_of(
        Registration, "record_number", required=False, help_text=_("Empty: the next free number")
    )

    GROUPS = (*DetailsForm.GROUPS, (_("Here"), ("site", "record_number")))

    def __init__(self, *args: Any, sites: Iterable[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {str(site.public_id): site for site in sites}
        field = cast(forms.ChoiceField, self.fields["site"])
        field.choices = [(key, site.name) for key, site in self.sites.items()]
        self.fields["record_number"].widget.attrs.update(NOTHING_FILLED_IN)

    @property
    def chosen_site(self) -> Site:
        return self.sites[self.cleaned_data["site"]]


class PatientForm(RevisionForm, DetailsForm):
    """The details of a registered patient."""

    @classmethod
    def initial_of(cls, patient: Patient) -> dict[str, Any]:
        return {name: getattr(patient, name) for name in (*DETAILS, "revision")}


class DeathForm(RevisionForm):
    """The day on which the patient died."""

    deceased_on = Day(label=_("Died on"))
    reason = Text(label=_("How it became known"), required=False, max_length=1000)


class DeathTakenBackForm(RevisionForm):
    """A death that was recorded wrongly."""

    reason = LongText(label=_("Why the record is taken back"), max_length=1000)
