"""Consents: given and revoked."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText
from patients.forms.fields import RevisionForm, choice_of, text_of
from patients.models import Consent, ConsentDocument


class ConsentForm(forms.Form):
    """A consent to one of the texts that are offered today."""

    document = forms.ChoiceField(
        label=_("Text"),
        widget=forms.RadioSelect(attrs={"class": "wide"}),
        error_messages={
            "invalid_choice": _("This text has been replaced. Read the current one with the patient.")
        },
    )
    purpose = choice_of(Consent, "purpose", wide=True)
    given_on = Day(label=_("Given on"), required=False, help_text=_("Empty: today"))
    given_by = text_of(Consent, "given_by")

    def __init__(self, *args: Any, documents: Iterable[ConsentDocument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = {str(document.public_id): document for document in documents}
        field = cast(forms.ChoiceField, self.fields["document"])
        field.choices = [(key, str(document)) for key, document in self.documents.items()]

    @property
    def chosen_document(self) -> ConsentDocument:
        return self.documents[self.cleaned_data["document"]]


class RevokeForm(RevisionForm):
    """A consent that does not hold any more."""

    reason = LongText(label=_("Why, in the patient's words"), max_length=2000)
    revoked_on = Day(label=_("From"), required=False, help_text=_("Empty: from today"))
