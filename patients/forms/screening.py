"""The contraindication screen as a form: a question is a segmented choice with room for a note."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text
from patients.forms.fields import TakenForm
from patients.rules.screening import MAX_NOTE
from patients.scoring.contraindications import Answer, ScreenList

ANSWERS = ((Answer.NO.value, _("No")), (Answer.YES.value, _("Yes")), (Answer.UNKNOWN.value, _("Unknown")))


class ScreenForm(TakenForm):
    """One pass through a list. A field is called as the refusal of its answer is: ``answers.pregnancy``."""

    def __init__(self, *args: Any, screen: ScreenList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.screen = screen
        missing = {"required": _("Answer with yes, no or unknown.")}
        for question in screen.questions:
            self.fields[f"answers.{question.code}"] = forms.ChoiceField(
                label=question.text, choices=ANSWERS, widget=forms.RadioSelect, error_messages=missing
            )
            note = Text(label=_("Note on: %(question)s") % {"question": question.text}, required=False)
            note.max_length = MAX_NOTE
            note.widget.attrs.update({"maxlength": MAX_NOTE, "placeholder": _("Note")})
            self.fields[f"notes.{question.code}"] = note

    def questions(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Answer and note of each question."""
        return [(self[f"answers.{one.code}"], self[f"notes.{one.code}"]) for one in self.screen.questions]

    def moment(self) -> list[forms.BoundField]:
        return [self["taken_on"], self["taken_time"]]

    def answers(self) -> dict[str, dict[str, str]]:
        """As the operation takes them."""
        given = self.cleaned_data
        return {
            one.code: {"answer": given[f"answers.{one.code}"], "note": given[f"notes.{one.code}"]}
            for one in self.screen.questions
        }
