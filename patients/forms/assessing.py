"""Questionnaires as forms: every question may be left blank."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text
from patients.forms.fields import TakenForm, choice_of
from patients.models import Assessment
from patients.scoring.instrument import Instrument, Item

MOST_BUTTONS = 11
"""Above that a number is typed: sixty buttons are none."""
NUMBER_PAD = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


def _range_of(item: Item) -> str:
    lowest, highest = item.choices[0].value, item.choices[-1].value
    return _("Choose from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}


class AnswersForm(TakenForm):
    """The answers to one questionnaire. A field is called as the refusal of its answer is: ``answers.phq9_1``."""

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for item in instrument.items:
            self.fields[f"answers.{item.code}"] = forms.ChoiceField(
                label=item.text,
                choices=[(str(choice.value), choice.text) for choice in item.choices],
                widget=forms.RadioSelect if len(item.choices) <= MOST_BUTTONS else NUMBER_PAD,
                required=False,
                error_messages={"invalid_choice": _range_of(item)},
            )

    @classmethod
    def initial_of(cls, answers: Mapping[str, int]) -> dict[str, Any]:
        return {f"answers.{code}": str(value) for code, value in answers.items()}

    def questions(self) -> list[forms.BoundField]:
        return [self[f"answers.{item.code}"] for item in self.instrument.items]

    def about(self) -> list[forms.BoundField]:
        """The fields that are no questions."""
        return [self[name] for name in self.fields if not name.startswith("answers.")]

    def answers(self) -> dict[str, str]:
        """As the operation takes them: blanks left out."""
        given = {item.code: self.cleaned_data[f"answers.{item.code}"] for item in self.instrument.items}
        return {code: value for code, value in given.items() if value}


class AssessmentForm(AnswersForm):
    """A questionnaire that was filled in."""

    field_order = ("mode",)

    mode = choice_of(Assessment, "mode", wide=True, choices=Assessment.Mode.typed())


class CorrectionForm(AnswersForm):
    """All answers as they should have been, or nothing in the place of a wrong entry."""

    field_order = ("correction_reason",)

    correction_reason = Text(label=_("What was wrong"), max_length=2000)
