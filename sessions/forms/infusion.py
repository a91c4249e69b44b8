"""What is typed about the infusion itself: rates, reasons, the pump's volume, cannulas, readings not done."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text, Whole
from sessions.forms.moments import MomentForm
from sessions.forms.quantities import Thousandths
from sessions.models import InfusionSession, IVAccess, IVRemoval
from sessions.models.choices import TOTALS_CHOICES
from sessions.states import EndKind, EventKind

END_KINDS = [(EndKind.COMPLETED.value, _("Completed")), (EndKind.STOPPED_EARLY.value, _("Stopped early"))]
WIDE = {"class": "wide"}


def _why(label: Any, *, required: bool = False) -> Text:
    return Text(label=label, required=required, max_length=2000, widget=forms.TextInput(attrs=WIDE))


class RateForm(MomentForm):
    """The pump's new rate, from a moment on."""

    rate_microlitres_per_hour = Thousandths(label=_("New rate at the pump"), unit="mL/h")
    reason = _why(_("Why"))


class EventDetailForm(forms.Form):
    """Why it was paused or stopped; of an end also how it ended."""

    end_kind = forms.ChoiceField(
        label=_("How it ended"), choices=END_KINDS, widget=forms.RadioSelect, required=False
    )
    reason = _why(_("Why"))


class ForgottenForm(MomentForm):
    """A pause or a resume that was not recorded while the infusion ran."""

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[(EventKind.PAUSE.value, _("Paused")), (EventKind.RESUME.value, _("Resumed"))],
        widget=forms.RadioSelect,
    )
    reason = _why(_("Why it is entered now"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["ago"]
        self.fields["at"].required = True
        self.fields["at"].label = _("True time")


class TotalsForm(forms.Form):
    """What the pump shows, or why that is not recorded."""

    pump_microlitres = Thousandths(label=_("Pump's volume infused"), unit="mL", required=False)
    used = forms.ChoiceField(
        label=_("The record goes by"), choices=TOTALS_CHOICES, widget=forms.RadioSelect, required=False
    )
    reason = _why(_("Why they differ, or why the pump's volume is not recorded"))
    residual_microlitres = Thousandths(label=_("Left in bag and line"), unit="mL", required=False)
    flush_microlitres = Thousandths(label=_("Line flushed with"), unit="mL", required=False)

    def arguments(self) -> dict[str, Any]:
        """What the operation takes."""
        return {name: self.cleaned_data[name] for name in self.base_fields}


class IVAccessForm(MomentForm):
    """A cannula as it was placed."""

    site = forms.ChoiceField(label=_("Where"), choices=[("", "–"), *IVAccess.Site.choices])
    side = forms.ChoiceField(label=_("Side"), choices=IVAccess.Side.choices, widget=forms.RadioSelect)
    gauge = forms.TypedChoiceField(
        label=_("Gauge"),
        choices=[("", "–"), *((str(gauge), f"{gauge} G") for gauge in IVAccess.GAUGES)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    attempts = Whole(label=_("Attempts"), min_value=1, max_value=20)
    patency = forms.ChoiceField(
        label=_("Patency"), choices=IVAccess.Patency.choices, widget=forms.RadioSelect
    )
    note = _why(_("Remark"))

    def arguments(self) -> dict[str, Any]:
        """What the operation takes beside the moment."""
        return {name: self.cleaned_data[name] for name in self.base_fields if name not in {"ago", "at"}}


class IVRemovalForm(MomentForm):
    """A cannula taken out, and how its place looks."""

    condition = forms.ChoiceField(
        label=_("The place"), choices=IVRemoval.Condition.choices, widget=forms.RadioSelect
    )
    note = _why(_("Remark"))


class NotDoneForm(forms.Form):
    """Which planned reading was not taken, and why. The moment is that of the plan, as the page showed it."""

    due_at = forms.DateTimeField(widget=forms.HiddenInput)
    reason = _why(_("Why it was not done"), required=True)


def flow_forms(session: InfusionSession) -> dict[str, forms.BaseForm]:
    """The empty forms of the infusion on a session's page, by the name under which a refused one comes back."""
    return {
        "rate_form": RateForm(session=session, auto_id="rate_%s"),
        "detail_form": EventDetailForm(auto_id="detail_%s"),
        "totals_form": TotalsForm(auto_id="totals_%s"),
        "iv_form": IVAccessForm(session=session, auto_id="iv_%s"),
        "iv_removal_form": IVRemovalForm(session=session, auto_id="iv_removal_%s"),
        "not_done_form": NotDoneForm(auto_id="not_done_%s"),
    }
