"""Weight, dose and the answers of the pre-infusion check."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import DecimalNumber, Text, Whole
from sessions.forms.quantities import Thousandths
from sessions.models import CheckAnswer, InfusionSession, WeightMeasurement
from sessions.rules.protocols import DISCHARGE_CRITERIA


class CheckAnswerForm(forms.Form):
    """One item answered by one tap; what needs a reason has it in the note."""

    item = forms.CharField(max_length=40, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=CheckAnswer.Outcome.choices)
    note = Text(label=_("Why"), required=False, max_length=2000)


class WeightForm(forms.Form):
    """A body weight as read off the scale."""

    value = DecimalNumber(label=_("Weight"))
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=WeightMeasurement.Unit.choices,
        initial=WeightMeasurement.Unit.KILOGRAM,
        widget=forms.RadioSelect,
    )
    confirmed = forms.BooleanField(label=_("This is what the scale shows"), required=False)

    @property
    def asks_to_confirm(self) -> bool:
        refusal = getattr(self, "refusal", None)
        return any(problem.code.endswith(".unusual") for problem in getattr(refusal, "problems", ()))


class DoseForm(forms.Form):
    """Confirms the computed dose, or a departure from the order."""

    over_cap = forms.BooleanField(label=_("Give the full weight dose, over the cap"), required=False)
    duration_minutes = Whole(label=_("Another duration"), unit=_("min"), required=False)
    reason = Text(
        label=_("Why it departs from the order, or from last time"), required=False, max_length=2000
    )
    dosing_weight_grams = Thousandths(label=_("Dosing weight"), unit="kg", required=False)
    dosing_weight_source = Text(
        label=_("How the dosing weight was come by"),
        required=False,
        max_length=2000,
        help_text=_("The formula with its height, or who gave it."),
    )


class AssessmentForm(forms.Form):
    """The discharge criteria of the session's protocol, ticked where they are met."""

    criteria = forms.MultipleChoiceField(
        label=_("Met"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    escort_name = Text(label=_("Goes home with"), required=False, max_length=120)
    note = Text(label=_("Remark"), required=False, max_length=2000)

    def __init__(self, *args: Any, session: InfusionSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = list(session.course.protocol_version.discharge_criteria)
        field: Any = self.fields["criteria"]
        field.choices = [(code, DISCHARGE_CRITERIA[code]) for code in self.codes]

    def assessed(self) -> dict[str, bool]:
        """Every criterion of the protocol: ticked or not."""
        return {code: code in self.cleaned_data["criteria"] for code in self.codes}
