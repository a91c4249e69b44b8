"""Weight and dose."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import DecimalNumber, Text, Whole
from sessions.forms.quantities import Thousandths
from sessions.models import WeightMeasurement


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
