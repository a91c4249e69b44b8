"""Which part of an episode a course is, what was given elsewhere, and what it is measured against."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.dateformat import format as day_format
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, LongText, Text, Thousandths
from sessions.models import CoursePhase, OutsideInfusion


class PhaseForm(forms.Form):
    """Part of the episode, and the earlier course."""

    phase = forms.ChoiceField(
        label=_("Which part of the episode is this course?"),
        choices=CoursePhase.Phase.choices,
        widget=forms.RadioSelect(attrs={"class": "wide"}),
    )
    continues = forms.ChoiceField(
        label=_("It goes on from"),
        required=False,
        help_text=_("The first baseline of the episode then counts for this course too."),
    )
    reason = LongText(label=_("Why"), required=False, rows=2, max_length=2000)

    def __init__(self, *args: Any, courses: Sequence[Any], is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.courses = {str(course.public_id): course for course in courses}
        described = [(key, _described(course)) for key, course in self.courses.items()]
        self.fields["continues"].choices = [("", _("No course here")), *described]  # type: ignore[attr-defined]
        if not is_first:
            self.fields["reason"].help_text = _("Needed, since something else was said before.")

    @property
    def told(self) -> dict[str, Any]:
        """What the operation takes."""
        told = dict(self.cleaned_data)
        return told | {"continues": self.courses.get(told["continues"])}


def _described(course: Any) -> str:
    ordered = day_format(course.ordered_at.astimezone(course.site.zone), "j M Y")
    return f"{course.protocol_version.protocol.name}, {ordered}"


class OutsideInfusionForm(forms.Form):
    """An infusion that was given elsewhere."""

    given_on = Day(label=_("Given on"))
    micrograms = Thousandths(
        label=_("Dose"), unit=_("mg"), required=False, help_text=_("Empty where it is not known.")
    )
    place = Text(label=_("Where"), max_length=200)
    source = forms.ChoiceField(
        label=_("How is it known?"),
        choices=OutsideInfusion.Source.choices,
        widget=forms.RadioSelect(attrs={"class": "wide"}),
    )
    note = LongText(label=_("Note"), required=False, rows=2, max_length=2000)


class StrikeForm(forms.Form):
    """Why something was never so."""

    reason = LongText(label=_("What was wrong?"), rows=2, max_length=2000)


class BaselineForm(forms.Form):
    """The score to measure against; the first choice is the rule's."""

    assessment = forms.ChoiceField(label=_("Measured against"), required=False, widget=forms.RadioSelect)
    reason = LongText(label=_("Why"), rows=2, max_length=2000)

    def __init__(self, *args: Any, offered: Sequence[tuple[uuid.UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_rule = ("", _("By the rule: the last total before the first infusion"))
        self.fields["assessment"].choices = [by_rule, *((str(key), words) for key, words in offered)]  # type: ignore[attr-defined]
