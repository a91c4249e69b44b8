"""What the tablet says of an unsent entry that its author gives up."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text


class DiscardForm(forms.Form):
    """Which entry, what it said, and why it is given up."""

    entry = forms.UUIDField(label=_("Entry"))
    what = LongText(label=_("What was typed"))
    reason = Text(label=_("Reason"), max_length=2000)
