"""An order, the consent it rests on, and the end of a course."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Text, Whole
from patients.models import Consent
from sessions.forms.quantities import Thousandths
from sessions.models import Course, ProtocolVersion, StopCode
from sessions.rules.quantities import plain, thousandths


class OrderForm(forms.Form):
    """An order under one version; a number left empty is the protocol's. Names are those of the refusals."""

    diagnosis_code = Text(
        label=_("Diagnosis, ICD-10-CM"), max_length=10, help_text=_("What the course is for, such as F33.2.")
    )
    dose_mg_per_kg = Thousandths(label=_("Dose"), unit="mg/kg", required=False)
    cap_mg = Thousandths(label=_("Cap"), unit="mg", required=False)
    duration_minutes = Whole(label=_("Infusion"), unit=_("min"), required=False, max_value=1000)
    planned_infusions = Whole(label=_("Infusions planned"), required=False, max_value=1000)
    order_reason = LongText(
        label=_("Why it departs from the protocol"),
        required=False,
        rows=2,
        max_length=2000,
        help_text=_("Needed where dose, cap or duration is not the protocol's."),
    )
    instructions = LongText(label=_("Instructions to the nurses"), required=False, rows=3, max_length=2000)
    consent = forms.ChoiceField(label=_("Consent"), required=False, widget=forms.RadioSelect)

    FROM_PROTOCOL = (
        ("dose_mg_per_kg", "dose_micrograms_per_kg", True),
        ("cap_mg", "cap_micrograms", True),
        ("duration_minutes", "duration_minutes", False),
        ("planned_infusions", "planned_infusions", False),
    )

    def __init__(
        self, data: Any = None, *, version: ProtocolVersion, consents: Iterable[Consent], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.consents = {str(consent.public_id): consent for consent in consents}
        choices = [(key, _consent_words(consent)) for key, consent in self.consents.items()]
        self.fields["consent"].choices = [*choices, ("", _("To be attached later"))]  # type: ignore[attr-defined]
        for name, source, in_thousandths in self.FROM_PROTOCOL:
            value = getattr(version, source)
            shown = plain(thousandths(value) or 0) if in_thousandths else value
            told = {"value": f"{shown} {getattr(self.fields[name], 'unit', '')}".strip()}
            self.fields[name].help_text = _("Empty: %(value)s, as in the protocol.") % told

    @property
    def order(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        typed = self.cleaned_data
        return {
            "diagnosis_code": typed["diagnosis_code"],
            "dose_micrograms_per_kg": typed["dose_mg_per_kg"],
            "cap_micrograms": typed["cap_mg"],
            "duration_minutes": typed["duration_minutes"],
            "planned_infusions": typed["planned_infusions"],
            "consent": self.consents.get(typed["consent"]),
            "instructions": typed["instructions"],
            "order_reason": typed["order_reason"],
        }


class ConsentChoiceForm(forms.Form):
    """Which of the patient's consents a course rests on."""

    consent = forms.ChoiceField(label=_("Consent"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, consents: Iterable[Consent]) -> None:
        super().__init__(data)
        self.consents = {str(consent.public_id): consent for consent in consents}
        choices = [(key, _consent_words(consent)) for key, consent in self.consents.items()]
        self.fields["consent"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Consent:
        return self.consents[self.cleaned_data["consent"]]


class CloseForm(forms.Form):
    """How a course ends."""

    state = forms.ChoiceField(
        label=_("How does it end?"),
        choices=[
            (Course.State.COMPLETED.value, _("Completed as planned")),
            (Course.State.STOPPED.value, _("Stopped before")),
        ],
        widget=forms.RadioSelect(attrs={"class": "wide"}),
    )
    code = forms.ChoiceField(
        label=_("Why it is stopped"),
        choices=[("", _("It is not stopped")), *StopCode.choices],
        required=False,
        help_text=_("Counted in the reports; needed where the course is stopped."),
    )
    reason = LongText(
        label=_("Reason in words"),
        required=False,
        rows=3,
        max_length=2000,
        help_text=_("Needed where the course is stopped."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


def _consent_words(consent: Consent) -> str:
    given = _("%(document)s, given %(day)s") % {
        "document": consent.document,
        "day": f"{consent.given_on.day} {consent.given_on:%b %Y}",
    }
    if consent.valid_until is None:
        return given
    until = {"given": given, "day": f"{consent.valid_until.day} {consent.valid_until:%b %Y}"}
    return _("%(given)s, valid until %(day)s") % until
