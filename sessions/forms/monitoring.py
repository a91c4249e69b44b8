"""What is typed at the chairside. Shapes only: whether a value can be right is judged by the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import DecimalNumber, LongText, Text, Whole
from sessions.forms.moments import MomentForm
from sessions.models import VitalSigns
from sessions.operations.monitoring import WHOLE_NUMBERS
from sessions.rules.plausibility import RANGES

RASS = [
    ("", "–"),
    ("4", _("+4 combative")),
    ("3", _("+3 very agitated")),
    ("2", _("+2 agitated")),
    ("1", _("+1 restless")),
    ("0", _("0 alert and calm")),
    ("-1", _("−1 drowsy")),
    ("-2", _("−2 light sedation")),
    ("-3", _("−3 moderate sedation")),
    ("-4", _("−4 deep sedation")),
    ("-5", _("−5 cannot be roused")),
]
"""Richmond Agitation-Sedation Scale (Sessler 2002)."""


class VitalSignsForm(MomentForm):
    """One set of vital signs; what was not measured stays empty."""

    systolic = Whole(label=_("Systolic"), unit="mmHg", required=False)
    diastolic = Whole(label=_("Diastolic"), unit="mmHg", required=False)
    heart_rate = Whole(label=_("Heart rate"), unit="/min", required=False)
    oxygen_saturation = Whole(label=_("SpO2"), unit="%", required=False)
    respiratory_rate = Whole(label=_("Resp. rate"), unit="/min", required=False)
    sedation = Whole(label=_("MOAA/S"), unit="0–5", required=False)
    dissociation = Whole(label=_("Dissociation"), unit="0–10", required=False)
    rass = forms.TypedChoiceField(label=_("RASS"), choices=RASS, coerce=int, empty_value=None, required=False)
    pain = Whole(label=_("Pain"), unit="0–10", required=False)
    oxygen_flow = Whole(label=_("Oxygen given"), unit="L/min", required=False)
    temperature = DecimalNumber(label=_("Temperature"), unit="", required=False)
    temperature_unit = forms.ChoiceField(
        label=_("Unit"), choices=VitalSigns.TemperatureUnit.choices, required=False
    )
    confirmed = forms.BooleanField(label=_("This is what the monitor shows"), required=False)

    FIRST = ("systolic", "diastolic", "heart_rate", "oxygen_saturation")
    MORE = (
        "respiratory_rate",
        "sedation",
        "rass",
        "dissociation",
        "pain",
        "temperature",
        "temperature_unit",
        "oxygen_flow",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in RANGES and isinstance(field, Whole):
                # The number pad goes on to the next field where one digit more could not be right.
                field.widget.attrs |= {"data-pad-field": "", "data-most": f"{RANGES[name].possible[1]:g}"}

    def values(self) -> dict[str, Any]:
        """What was measured, as the operation takes it."""
        typed = self.cleaned_data
        values = {name: typed[name] for name in WHOLE_NUMBERS if typed.get(name) is not None}
        if typed.get("temperature") is not None:
            unit = typed.get("temperature_unit") or VitalSigns.TemperatureUnit.CELSIUS
            values |= {"temperature": typed["temperature"], "temperature_unit": unit}
        return values

    @property
    def asks_to_confirm(self) -> bool:
        """Whether it was turned down for an unusual value, which the nurse may confirm."""
        refusal = getattr(self, "refusal", None)
        return any(problem.code.endswith(".unusual") for problem in getattr(refusal, "problems", ()))

    @property
    def more_is_open(self) -> bool:
        return any(
            self[name].errors or self[name].value() for name in self.MORE if name != "temperature_unit"
        )


class ReasonMixin(forms.Form):
    """A correction says what was wrong."""

    reason = Text(label=_("What was wrong"), max_length=2000, widget=forms.TextInput(attrs={"class": "wide"}))


class VitalSignsCorrectionForm(VitalSignsForm, ReasonMixin):
    """The whole set as it should have been."""


class ReasonForm(ReasonMixin):
    """Only a reason."""


class NoteForm(MomentForm):
    """A note."""

    text = LongText(label=_("Note"), rows=3)


class NoteCorrectionForm(ReasonMixin):
    """The note as it should read."""

    text = LongText(label=_("Note"), rows=6)
    field_order = ["text", "reason"]


class EventCorrectionForm(MomentForm, ReasonMixin):
    """The true time of an event of the infusion."""

    field_order = ["at", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["ago"]
        self.fields["at"].required = True
        self.fields["at"].label = _("True time")
