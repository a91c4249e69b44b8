"""A licence and the words of a questionnaire, item by item, as they are typed off the licensed form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text
from patients.forms.fields import day_of, text_of
from patients.models import LicensedWording
from patients.rules.wordings import ENGLISH, LANGUAGES, LONGEST_TEXT, NO_WORDS
from patients.scoring.instrument import Instrument

COMMON = "common"
LICENCE = ("licence_holder", "licence_reference", "licensed_from", "licensed_until", "licence_note")
NO_SUCH_ANSWERS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ItemFields:
    """The fields of one item: its words, and those of its answers."""

    number: int
    name: str
    text: forms.BoundField
    answers: tuple[forms.BoundField, ...]

    @property
    def has_own(self) -> bool:
        """Whether an answer of its own is typed or refused, so that its fields stand open."""
        return any(field.value() or field.errors for field in self.answers)


class WordingForm(forms.Form):
    """A field is called as the refusal of its words is: ``items.qids_1.text``, ``items.qids_1.answers.0``."""

    licence_holder = text_of(
        LicensedWording, "licence_holder", help_text=_("The clinic or person that the licence names.")
    )
    licence_reference = text_of(LicensedWording, "licence_reference")
    licensed_from = day_of(LicensedWording, "licensed_from")
    licensed_until = day_of(LicensedWording, "licensed_until", help_text=_("Empty: it names no last day."))
    licence_note = LongText(label=_("Note"), rows=2, max_length=LONGEST_TEXT, required=False)
    language = forms.ChoiceField(
        label=_("Language of the words"),
        choices=[(code, f"{name} ({code})") for code, name in LANGUAGES.items()],
        initial=ENGLISH,
    )
    stem = LongText(
        label=_("What stands above the questions"),
        max_length=LONGEST_TEXT,
        help_text=_("With the days it asks about, and the way through it where questions are left out."),
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for value in self._values():
            self.fields[f"{COMMON}.{value}"] = _answer(value)
        for item in instrument.items:
            self.fields[f"items.{item.code}.text"] = LongText(
                label=item.text,
                rows=2,
                max_length=LONGEST_TEXT,
                error_messages={"required": NO_WORDS},
            )
            for choice in item.choices:
                self.fields[f"items.{item.code}.answers.{choice.value}"] = _answer(choice.value)

    def _values(self) -> list[int]:
        """The answers that every item has: they are typed once where the form prints them once."""
        shared = set.intersection(
            *({choice.value for choice in item.choices} for item in self.instrument.items)
        )
        return sorted(shared)

    @staticmethod
    def initial_of(wording: LicensedWording) -> dict[str, Any]:
        """A version as the beginning of the next one; what all its items share is said once."""
        found: dict[str, Any] = {name: getattr(wording, name) for name in (*LICENCE, "language", "stem")}
        answers = [said.get("answers", NO_SUCH_ANSWERS) for said in wording.items.values()]
        is_shared = len(answers) > 1 and all(one == answers[0] for one in answers)
        if is_shared:
            found |= {f"{COMMON}.{value}": words for value, words in answers[0].items()}
        for code, said in wording.items.items():
            found[f"items.{code}.text"] = said["text"]
            if not is_shared:
                own = said.get("answers", NO_SUCH_ANSWERS)
                found |= {f"items.{code}.answers.{value}": words for value, words in own.items()}
        return found

    def licence(self) -> list[forms.BoundField]:
        return [self[name] for name in LICENCE]

    def common(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{COMMON}.")]

    def questions(self) -> Iterable[ItemFields]:
        for number, item in enumerate(self.instrument.items, 1):
            name = f"items.{item.code}"
            answers = tuple(self[f"{name}.answers.{choice.value}"] for choice in item.choices)
            yield ItemFields(number, item.text, self[f"{name}.text"], answers)

    def told(self) -> dict[str, Any]:
        """As the operation takes it: an item's own answers before those that all share."""
        typed = self.cleaned_data
        items = {
            item.code: {
                "text": typed[f"items.{item.code}.text"],
                "answers": {
                    str(choice.value): typed[f"items.{item.code}.answers.{choice.value}"]
                    or typed.get(f"{COMMON}.{choice.value}", "")
                    for choice in item.choices
                },
            }
            for item in self.instrument.items
        }
        return {name: typed[name] for name in (*LICENCE, "language", "stem")} | {"items": items}


def _answer(value: int) -> Text:
    return Text(label=_("Answer %(value)s") % {"value": value}, max_length=LONGEST_TEXT, required=False)


class WithdrawForm(forms.Form):
    """Why words are shown no more."""

    reason = LongText(label=_("Why it is withdrawn"), rows=2, max_length=LONGEST_TEXT)
