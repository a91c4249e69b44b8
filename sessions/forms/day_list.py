"""The opening and closing list as forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text
from sessions.models import DayListAnswer


class DayListForm(forms.Form):
    """One item answered by one tap; what is not in order needs words."""

    moment = forms.ChoiceField(choices=DayListAnswer.Moment.choices, widget=forms.HiddenInput)
    item = forms.CharField(max_length=40, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=DayListAnswer.Outcome.choices)
    note = Text(label=_("What is wrong"), required=False, max_length=1000)
