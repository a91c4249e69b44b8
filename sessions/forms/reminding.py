"""Texts of reminders, and what the list of messages can be asked for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, Text, Whole
from patients.models import Channel
from sessions.models import Reminder, ReminderText
from sessions.operations.reminder_texts import CONTENT, KEPT
from sessions.rules.reminder_examples import Example
from sessions.rules.reminder_languages import LANGUAGES
from sessions.rules.reminding import EMAIL_LONGEST, PLACEHOLDERS, SMS_LONGEST


class EditTextForm(forms.Form):
    """The words of a text and when it goes out."""

    subject = Text(label=_("Subject"), max_length=150, required=False, help_text=_("For e-mails only."))
    body = LongText(label=_("Text"), max_length=EMAIL_LONGEST, rows=5)
    days_before = Whole(label=_("Days before the visit"), unit=_("days"))
    send_at = SiteTime(label=_("At"), help_text=_("On the patient's clocks."))
    is_in_use = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        told = _("Filled in: %(known)s. A text message has at most %(most)s characters.")
        self.fields["body"].help_text = told % {"known": known, "most": SMS_LONGEST}

    @classmethod
    def initial_of(cls, text: ReminderText) -> dict[str, Any]:
        return {name: getattr(text, name) for name in CONTENT}

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTENT}


class AddTextForm(EditTextForm):
    """A new text: what it is called, in which language and for which channel."""

    name = Text(label=_("Name"), max_length=80, help_text=_("For the staff, such as: Ride home."))
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))
    channel = forms.ChoiceField(
        label=_("Goes out by"), choices=Channel.choices, widget=forms.RadioSelect, initial=Channel.SMS
    )

    field_order = ["name", "language", "channel", "subject", "body", "days_before", "send_at", "is_in_use"]

    @staticmethod
    def initial_from(example: Example) -> dict[str, Any]:
        return {
            "name": example.name,
            "language": example.language,
            "subject": example.subject,
            "body": example.body,
            "days_before": example.days_before,
            "send_at": example.send_at,
        }

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*KEPT, *CONTENT)}


class RemindersForm(forms.Form):
    """Filters of the list of messages; they stay in the address."""

    state = forms.ChoiceField(label=_("State"), required=False)
    day = Day(label=_("Visit on"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)

    def __init__(self, *args: Any, sites: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["state"], _("All"), Reminder.State.choices)
        offered = [(str(site.public_id), site.name) for site in sites]
        if len(offered) > 1:
            _offer(self.fields["site"], _("All sites"), offered)
        else:
            del self.fields["site"]
        for field in self.fields.values():
            # Everything in a filter is optional, so that no label says it.
            field.quiet = True  # type: ignore[attr-defined]


def _offer(field: Any, nothing: Any, offered: Iterable[tuple[str, Any]]) -> None:
    field.choices = [("", nothing), *offered]
