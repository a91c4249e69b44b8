"""What is typed about a side effect: the sheet at the chair, what became of it, what was told later, its review."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, SiteTime, Text, Whole, instant_on
from sessions.forms.moments import MomentForm
from sessions.models import InfusionSession, LateEffect, SideEffect, SideEffectEntry, SideEffectReview
from sessions.rules.ctcae import CtcaeTerm
from sessions.rules.effect_steps import EffectStep
from sessions.rules.side_effects import COMMON_TERMS

TERMS = [(code, label) for code, label in SideEffect._meta.get_field("term").flatchoices]
SHORT: dict[str, Any] = {
    "dissociation": _("Dissociation"),
    "blurred-vision": _("Blurred vision"),
    "anxiety": _("Anxiety"),
    "blood-pressure-rise": _("BP rise"),
}
"""Words that fit on a tile."""
COMMON = [(code, SHORT.get(code, dict(TERMS)[code])) for code in COMMON_TERMS]
OTHERS = [(code, label) for code, label in TERMS if code not in COMMON_TERMS]
YES_NO = [("no", _("No")), ("yes", _("Yes"))]


class SeverityMixin(forms.Form):
    """How bad it looks, and whether it is serious, which is another thing."""

    severity = forms.ChoiceField(
        label=_("How bad"), choices=SideEffectEntry.Severity.choices, widget=forms.RadioSelect
    )
    serious = forms.ChoiceField(label=_("Serious?"), choices=YES_NO, required=False, widget=forms.RadioSelect)
    serious_criteria = forms.MultipleChoiceField(
        label=_("What makes it serious"),
        choices=SideEffectEntry.Criterion.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def judged(self) -> dict[str, Any]:
        """Severity and seriousness, as the operations take them."""
        typed = self.cleaned_data
        return {
            "severity": typed["severity"],
            "serious": {"yes": True, "no": False}.get(typed["serious"]),
            "serious_criteria": typed["serious_criteria"],
        }


class TermMixin(forms.Form):
    """A tile for what is common, a list for the rest."""

    term = forms.ChoiceField(label=_("What"), choices=COMMON, required=False, widget=forms.RadioSelect)
    other = forms.ChoiceField(label=_("Something else"), choices=[("", _("–")), *OTHERS], required=False)

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not (typed.get("term") or typed.get("other") or self.errors.get("term")):
            self.add_error("term", _("Choose what it is."))
        return typed

    @property
    def chosen(self) -> str:
        """What was chosen from the list counts: it takes a second look, the tile may be an older tap."""
        return str(self.cleaned_data["other"] or self.cleaned_data["term"])


class EffectSheetForm(TermMixin, SeverityMixin, MomentForm):
    """A side effect as first seen, with what was done about it in the same breath."""

    steps = forms.MultipleChoiceField(
        label=_("Done now"), required=False, widget=forms.CheckboxSelectMultiple
    )
    action_taken = forms.ChoiceField(
        label=_("What was done"),
        choices=[("", _("–")), *SideEffectEntry.ActionTaken.choices],
        required=False,
    )
    note = Text(label=_("Remark"), required=False, max_length=2000)
    asked = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, session: InfusionSession, steps: Iterable[EffectStep] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, session=session, **kwargs)
        self.fields["steps"].choices = [(step.value, step.label) for step in steps]  # type: ignore[attr-defined]

    def effect(self, now: datetime) -> dict[str, Any]:
        """The side effect, as the operation takes it."""
        typed = self.cleaned_data
        return self.judged | {
            "term": self.chosen,
            "action_taken": typed["action_taken"] or SideEffectEntry.ActionTaken.NONE.value,
            "note": typed["note"],
            "moment": typed["asked"],
            "onset_at": self.moment(now),
        }


class EffectUpdateForm(SeverityMixin):
    """What has become of a side effect."""

    action_taken = forms.ChoiceField(
        label=_("What was done"), choices=SideEffectEntry.ActionTaken.choices, required=False
    )
    note = Text(label=_("Remark"), required=False, max_length=2000)
    resolved = forms.BooleanField(label=_("It is over"), required=False)

    @property
    def entry(self) -> dict[str, Any]:
        typed = self.cleaned_data
        action = typed["action_taken"] or SideEffectEntry.ActionTaken.NONE.value
        return self.judged | {"action_taken": action, "note": typed["note"]}


class LateEffectForm(TermMixin, SeverityMixin):
    """What was told after the patient had gone, usually by phone on the next day."""

    reporter = forms.ChoiceField(
        label=_("Who told it"), choices=LateEffect.Reporter.choices, widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(label=_("How"), choices=LateEffect.Channel.choices, widget=forms.RadioSelect)
    words = LongText(label=_("In their words"), required=False, rows=3)
    onset_day = Day(label=_("Began on"), required=False)
    onset_time = SiteTime(label=_("at"), required=False)
    is_over = forms.BooleanField(label=_("It is over"), required=False)

    def __init__(self, *args: Any, session: InfusionSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        day = typed.get("onset_day") or (self.session.local_date if typed.get("onset_time") else None)
        self.onset = instant_on(self, "onset_time", day=day, zone=self.session.site.time_zone)
        if typed.get("onset_day") and typed.get("onset_time") is None and not self.errors:
            self.add_error("onset_time", _("Say about when on that day, or leave the day empty."))
        return typed

    @property
    def report(self) -> dict[str, Any]:
        """As the operation takes it."""
        told = {name: self.cleaned_data[name] for name in ("reporter", "channel", "words", "is_over")}
        return self.judged | told | {"term": self.chosen, "onset_at": self.onset}


class NarrativeForm(forms.Form):
    """The story of a serious side effect."""

    text = LongText(label=_("What happened, in the order of time"), rows=8)


class EffectReviewForm(forms.Form):
    """The prescriber's judgement."""

    causality = forms.ChoiceField(
        label=_("Cause (WHO-UMC)"), choices=[("", _("–")), *SideEffectReview.Causality.choices]
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", _("–")), *SideEffectReview.Outcome.choices])
    grading = forms.ChoiceField(label=_("Grade"), required=False, widget=forms.RadioSelect)
    comment = LongText(label=_("Remark"), required=False, rows=3)

    def __init__(self, *args: Any, terms: Iterable[CtcaeTerm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = list(terms)
        self.fields["grading"].choices = [  # type: ignore[attr-defined]
            (f"{term.code}:{number}", f"{term.name} {number}: {text}")
            for term in self.terms
            for number, text in term.available
        ]

    @property
    def review(self) -> dict[str, Any]:
        """As the operation takes it: the chosen grade names its term."""
        typed = self.cleaned_data
        code, _colon, grade = typed["grading"].partition(":")
        told = {name: typed[name] for name in ("causality", "outcome", "comment")}
        return told | {"ctcae_code": code, "ctcae_grade": int(grade) if grade else None}


class PhraseForm(forms.Form):
    """A quick phrase and its place."""

    text = Text(label=_("Phrase"), max_length=200)
    position = Whole(label=_("Place"), max_value=999, required=False)
