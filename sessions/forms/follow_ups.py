"""What is typed about something that is still open for a patient."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.forms import Day, LongText, SiteTime, Text, instant_on
from sessions.models import CallAttempt, FollowUp, FollowUpEntry
from sessions.rules.following_up import BY_HAND


class WorklistForm(forms.Form):
    """What the worklist shows."""

    def __init__(self, asked: Any, *, sites: Iterable[Any]) -> None:
        super().__init__(dict(asked))
        offered = [(str(site.public_id), site.name) for site in sites]
        if len(offered) > 1:
            choices: list[Any] = [("", _("All sites")), *offered]
            self.fields["site"] = forms.ChoiceField(label=_("Site"), required=False, choices=choices)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind"), required=False, choices=[("", _("Any")), *FollowUp.Kind.choices]
        )
        for field in self.fields.values():
            field.quiet = True  # type: ignore[attr-defined]


class DueMixin(forms.Form):
    """A day and a time on the site's clocks; both or neither."""

    day = Day(label=_("Due on"), required=False)
    time = SiteTime(label=_("at"), required=False)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(typed.get("day")) != bool(typed.get("time")) and not self.errors:
            self.add_error("time", _("Give a day and a time, or neither."))
        self.due: datetime | None = instant_on(self, "time", day=typed.get("day"), zone=self.zone)
        return typed


class AddForm(DueMixin):
    """A follow-up opened by hand."""

    kind = forms.ChoiceField(
        label=_("What"),
        choices=[(code, label) for code, label in FollowUp.Kind.choices if code in BY_HAND],
        widget=forms.RadioSelect,
    )
    reason = Text(label=_("What is to be done"), max_length=2000)
    field_order = ["kind", "reason", "day", "time"]


class NoteForm(forms.Form):
    """What was found out."""

    text = LongText(label=_("Note"), rows=3)


class AttemptForm(DueMixin):
    """Somebody called, and what came of it."""

    result = forms.ChoiceField(
        label=_("What came of it"), choices=CallAttempt.Outcome.choices, widget=forms.RadioSelect
    )
    text = Text(label=_("Remark"), required=False, max_length=2000)
    taken_at = SiteTime(label=_("Called today at"), required=False, help_text=_("Empty: now."))
    field_order = ["result", "text", "taken_at", "day", "time"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].label = _("Try again on")

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        today = clock.local_date(clock.now(), self.zone)
        self.called_at: datetime | None = instant_on(self, "taken_at", day=today, zone=self.zone)
        return typed


class ReassignForm(forms.Form):
    """Whose it is from now on."""

    to = forms.ChoiceField(label=_("Hand it to"))
    text = Text(label=_("Remark"), required=False, max_length=2000)

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.public_id): user for user in people}
        named = [(key, user.printed_name) for key, user in self.people.items()]
        self.fields["to"].choices = [("", _("Choose")), *named]  # type: ignore[attr-defined]

    @property
    def colleague(self) -> Any:
        return self.people[self.cleaned_data["to"]]


class CloseForm(forms.Form):
    """It is done, with what came of it."""

    outcome = forms.ChoiceField(
        label=_("How it ended"), choices=FollowUpEntry.Outcome.choices, widget=forms.RadioSelect
    )
    text = LongText(label=_("What came of it"), rows=3)
