"""What is asked before the day, and what came of a call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text
from sessions.models import CallAttempt, ReadinessAnswer


class AnswerForm(forms.Form):
    """How one item of readiness stands; the page says which item."""

    item = forms.ChoiceField(choices=ReadinessAnswer.Item.choices, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("How it stands"), choices=ReadinessAnswer.Outcome.choices, widget=forms.RadioSelect
    )
    note = Text(
        label=_("Note"),
        required=False,
        max_length=300,
        help_text=_("Who drives, or why it does not apply."),
    )

    def __init__(self, data: Any = None, *, item: str, row: object = "", **kwargs: Any) -> None:
        # Several stand on one page.
        super().__init__(data, auto_id=f"id_{item}{row}_%s", initial={"item": item}, **kwargs)
        if item == ReadinessAnswer.Item.FASTING:
            self.fields["note"].help_text = _("What was agreed, or why it does not apply.")


class CallForm(forms.Form):
    """Somebody tried to reach the patient."""

    purpose = forms.ChoiceField(choices=CallAttempt.Purpose.choices, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=CallAttempt.Outcome.choices, widget=forms.RadioSelect
    )
    note = LongText(label=_("What was said"), required=False, rows=2, max_length=2000)

    def __init__(self, data: Any = None, *, purpose: str, row: object = "", **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"id_call{row}_%s", initial={"purpose": purpose}, **kwargs)
