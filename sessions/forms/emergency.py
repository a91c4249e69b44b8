"""The buttons of the emergency page as a form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text
from sessions.forms.moments import MomentForm
from sessions.models import EmergencyStep


class EmergencyStepForm(MomentForm):
    """One thing done; the words are for what has no button."""

    kind = forms.ChoiceField(label=_("What was done"), choices=EmergencyStep.Kind.choices)
    note = Text(label=_("Words"), required=False, max_length=2000)


class StrikeForm(forms.Form):
    """Why a step of the log is struck."""

    reason = Text(label=_("Why it is struck"), max_length=500)
