"""Signing a chart, and adding to one that is signed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text


class StatementForm(forms.Form):
    """What the signer states, if anything."""

    statement = Text(label=_("Statement"), required=False, max_length=2000)


class AddendumForm(forms.Form):
    """Something to add to a signed chart."""

    text = LongText(label=_("Addendum"), rows=4)
