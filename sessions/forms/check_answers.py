"""The answer to one item of the check as the page sends it: one form for every kind of item, all fields optional."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.forms import Day, SiteTime, Text, instant_on
from sessions.models import CheckAnswer, CheckDecision, InfusionSession, PatientWish
from sessions.rules.check_details import (
    ESCORT_KINDS,
    IDENTIFIERS,
    MEDICINE_CLASSES,
    SUBSTANCES,
    SYMPTOMS,
)
from sessions.rules.check_times import latest_shown

WAITS = [("10", "+10"), ("20", "+20"), ("30", "+30"), ("60", "+60")]
YES_OR_NO = [("yes", _("yes")), ("no", _("no"))]


def _one(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False)


def _several(known: dict[str, Any]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=list(known.items()), required=False)


class WaitForm(forms.Form):
    """Until when something waits: in some minutes, or a time on the site's clocks."""

    wait_minutes = forms.ChoiceField(
        label=_("Wait, minutes"), choices=WAITS, required=False, widget=forms.RadioSelect
    )
    wait_at = SiteTime(label=_("or until"), required=False)

    def __init__(self, *args: Any, session: InfusionSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def waits_until(self, now: datetime) -> datetime | None:
        """The moment meant; None where the form does not say. A time that has passed is one of tomorrow."""
        typed = self.cleaned_data
        if typed.get("wait_at"):
            zone = self.session.site.time_zone
            today = clock.local_date(now, zone)
            at = instant_on(self, "wait_at", day=today, zone=zone)
            if at is not None and at <= now:
                at = instant_on(self, "wait_at", day=today + timedelta(days=1), zone=zone)
            return at
        minutes = typed.get("wait_minutes")
        return now + timedelta(minutes=int(minutes)) if minutes else None


class CheckAnswerForm(WaitForm):
    """One item answered; :meth:`arguments` is what the operation takes."""

    item = forms.CharField(max_length=40, widget=forms.HiddenInput)
    outcome = _one([("", ""), *CheckAnswer.Outcome.choices])
    note = Text(label=_("Why"), required=False, max_length=2000)
    identifiers = _several(IDENTIFIERS)
    solids = SiteTime(label=_("Last solid food"), required=False)
    liquids = SiteTime(label=_("Last clear liquids"), required=False)
    kind = _one([("", ""), *ESCORT_KINDS.items()])
    contact = forms.UUIDField(required=False)
    name = Text(label=_("Name"), required=False, max_length=150)
    phone = Text(label=_("Phone"), required=False, max_length=40)
    result = _one([("", ""), ("negative", _("negative")), ("positive", _("positive"))])
    tested_on = Day(label=_("Day of the test"), required=False)
    changed = _one([("", ""), *YES_OR_NO])
    classes = _several(MEDICINE_CLASSES)
    antihypertensive = _one([("", ""), ("taken", _("taken")), ("not_taken", _("not taken"))])
    used = _several(SUBSTANCES)
    asked = _one([("", ""), *YES_OR_NO])
    last = SiteTime(label=_("Last taken"), required=False)
    found = _several(SYMPTOMS)
    thoughts = _one([("", ""), *YES_OR_NO])
    scale = _one([("", ""), ("done", _("done")), ("not_done", _("not done"))])
    symptoms = _one([("", ""), *YES_OR_NO])

    def arguments(self, now: datetime) -> dict[str, Any]:
        """Everything but session, actor and time.

        Raises:
            Invalid: a time of day that the clocks skipped.
        """
        typed = self.cleaned_data
        read = DETAILS.get(typed["item"])
        details = read(self, typed, now) if read else {}
        return {
            "item": typed["item"],
            "outcome": typed["outcome"],
            "note": typed["note"],
            "details": {name: value for name, value in details.items() if value not in ("", None)},
            "waits_until": self.waits_until(now) if typed["outcome"] == CheckAnswer.Outcome.WAIT else None,
        }

    def instant(self, name: str, now: datetime) -> str:
        """A time of day as the last such instant that has passed."""
        told = self.cleaned_data[name]
        if told is None:
            return ""
        return latest_shown(told, now=now, zone=self.session.site.time_zone, field=name).isoformat()


Typed = dict[str, Any]


def _yes(typed: Typed, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(typed[name])


def _fasting(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    return {"solids_at": form.instant("solids", now), "liquids_at": form.instant("liquids", now)}


def _escort(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    contact = str(typed["contact"]) if typed["contact"] else ""
    return {"kind": typed["kind"], "contact": contact, "name": typed["name"], "phone": typed["phone"]}


def _pregnancy(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    tested = typed["tested_on"]
    return {"result": typed["result"], "tested_on": tested.isoformat() if tested else ""}


def _medicines(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    return {
        "changed": _yes(typed, "changed"),
        "classes": typed["classes"] or None,
        "antihypertensive": typed["antihypertensive"],
    }


def _substances(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    none: list[str] | None = [] if typed["asked"] == "yes" else None
    return {"used": typed["used"] or none, "last_at": form.instant("last", now)}


def _illness(form: CheckAnswerForm, typed: Typed, now: datetime) -> Typed:
    return {"found": typed["found"] or ([] if typed["outcome"] == CheckAnswer.Outcome.OK else None)}


DETAILS: dict[str, Callable[[CheckAnswerForm, Typed, datetime], Typed]] = {
    "identity": lambda form, typed, now: {"identifiers": typed["identifiers"] or None},
    "fasting": _fasting,
    "escort": _escort,
    "pregnancy": _pregnancy,
    "allergies": lambda form, typed, now: {"changed": _yes(typed, "changed")},
    "medicines": _medicines,
    "substances": _substances,
    "illness": _illness,
    "mood": lambda form, typed, now: {"thoughts": _yes(typed, "thoughts"), "scale": typed["scale"]},
    "urinary": lambda form, typed, now: {"symptoms": _yes(typed, "symptoms")},
}


class QuestionForm(forms.Form):
    """What a prescriber is asked."""

    question = Text(label=_("What should be decided?"), max_length=1000)


class DecisionForm(WaitForm):
    """What is decided after the check; the button says which."""

    outcome = forms.ChoiceField(choices=CheckDecision.Outcome.choices)
    changes = forms.MultipleChoiceField(
        label=_("What changes"),
        choices=CheckDecision.Change.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = Text(label=_("In a few words"), required=False, max_length=1000)

    def arguments(self, now: datetime) -> dict[str, Any]:
        """Everything but session, actor and time; changes and time only where they are asked for."""
        typed, outcome = self.cleaned_data, self.cleaned_data["outcome"]
        return {
            "outcome": outcome,
            "changes": typed["changes"] if outcome == CheckDecision.Outcome.CHANGE else [],
            "words": typed["words"],
            "waits_until": self.waits_until(now) if outcome == CheckDecision.Outcome.WAIT else None,
        }


class BaselineForm(forms.Form):
    """Which reading is the baseline, and why."""

    reading = forms.UUIDField(widget=forms.HiddenInput)
    reason = Text(label=_("Why"), required=False, max_length=500)


class WishForm(forms.Form):
    """How the patient wants it to be."""

    kinds = forms.MultipleChoiceField(
        label=_("Wishes"),
        choices=PatientWish.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = Text(label=_("In the patient's words"), required=False, max_length=500)
