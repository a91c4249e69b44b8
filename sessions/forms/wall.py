"""A screen on a wall: its name when it is made, its code when it is opened."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text


class ScreenForm(forms.Form):
    name = Text(
        label=_("Where the screen hangs"),
        max_length=80,
        help_text=_("Such as: nurses' station, second floor"),
    )


class CodeForm(forms.Form):
    code = Text(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
