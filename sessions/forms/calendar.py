"""Which visits a calendar shows."""

from django import forms
from django.utils.translation import gettext_lazy as _

MINE, ALL = "mine", "all"


class FeedForm(forms.Form):
    """One's own visits or those of all one's sites; one's shifts are in it either way."""

    shows = forms.ChoiceField(
        label=_("It shows, beside my shifts"),
        choices=[(MINE, _("visits that I look after")), (ALL, _("all visits at my sites"))],
        widget=forms.RadioSelect,
        initial=MINE,
    )

    @property
    def only_mine(self) -> bool:
        return bool(self.cleaned_data["shows"] == MINE)
