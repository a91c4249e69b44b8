"""The form of a step from one state to another: what its operation takes, nothing else."""

import inspect
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text
from sessions.forms.moments import MomentForm
from sessions.models import EarlyLeaving
from sessions.operations.by_action import OPERATIONS
from sessions.states import TRANSITIONS, Action, EndKind

END_KINDS = [(EndKind.COMPLETED.value, _("Completed")), (EndKind.STOPPED_EARLY.value, _("Stopped early"))]
WIDE = {"class": "wide"}
NAMES = ("kind", "leaving", "reason", "override_reason", "departure_reason")


class StepForm(MomentForm):
    """When, why, and for an end how."""

    leaving = forms.ChoiceField(
        label=_("How the patient left"),
        choices=EarlyLeaving.Kind.choices,
        widget=forms.RadioSelect,
        required=False,
        initial=EarlyLeaving.Kind.OTHER,
    )
    kind = forms.ChoiceField(
        label=_("How it ended"),
        choices=END_KINDS,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Left open it follows from how much had run in by then."),
    )
    reason = Text(label=_("Reason"), required=False, max_length=2000, widget=forms.TextInput(attrs=WIDE))
    override_reason = Text(
        label=_("Why the patient goes although criteria are open"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=WIDE),
    )
    departure_reason = Text(
        label=_("Why it happened although it was not cleared"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=WIDE),
        help_text=_("Only to record what has happened already; the obstacles stay in the signed chart."),
    )

    def __init__(self, *args: Any, action: Action, needs_override: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action
        taken = set(inspect.signature(OPERATIONS[action]).parameters)
        for name in NAMES:
            if name not in taken:
                del self.fields[name]
        if TRANSITIONS[action].needs_reason:
            self.fields["reason"].required = True
        if needs_override:
            self.fields["override_reason"].required = True

    def arguments(self) -> dict[str, Any]:
        """What the operation gets beside session, actor and time."""
        given = {name: self.cleaned_data[name] for name in NAMES if name in self.fields}
        if not given.get("leaving"):
            given.pop("leaving", None)
        return given
