"""Reviews of answers on suicide as forms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.common.forms import Day, LongText
from patients.models import SuicideReviewEntry


class NoteForm(forms.Form):
    """What was done."""

    text = LongText(label=_("What was done"), max_length=5000, rows=3)


class CloseForm(forms.Form):
    """What was found, and how it ends."""

    outcome = forms.ChoiceField(
        label=_("Found"), choices=SuicideReviewEntry.Outcome.choices, widget=forms.RadioSelect
    )
    text = LongText(label=_("What was found and done"), max_length=5000, rows=4)


class AssignForm(forms.Form):
    """To whom the review is given."""

    owner = forms.ModelChoiceField(
        label=_("Give to"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        empty_label=_("Choose a person"),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = people


class SafetyPlanForm(forms.Form):
    """The plan made with the patient."""

    text = LongText(label=_("Plan"), max_length=20_000, rows=8)
    review_by = Day(label=_("Stands until"))
