"""A chair's name and place in the order, and why it is out of service."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text, Whole


class ChairForm(forms.Form):
    """Without a place in the order the chair comes last."""

    name = Text(label=_("Name"), max_length=40)
    position = Whole(
        label=_("Place in the order"), required=False, help_text=_("Chairs are listed by it, then by name.")
    )


class EditChairForm(ChairForm):
    """A chair that stands somewhere keeps a place."""

    position = Whole(label=_("Place in the order"), help_text=_("Chairs are listed by it, then by name."))


class OutOfServiceForm(forms.Form):
    reason = LongText(label=_("Reason"), max_length=1000, rows=2, required=False)
