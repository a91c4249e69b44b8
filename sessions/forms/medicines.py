"""Medicines at the chairside: what was given, what is ordered, what it did."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.common.forms import Day, DecimalNumber, LongText, Text
from sessions.forms.moments import MomentForm
from sessions.models import DoseUnit, InfusionSession, MedicationEffect, OrderAnswer, Route
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS
from sessions.rules.responsible import Kind, people_for

ROUTES = [("", _("Choose")), *Route.choices]


class GiveForm(MomentForm):
    """What was given. By an order it starts as the order says; without one it starts empty."""

    medicine = Text(label=_("Medicine"), max_length=80)
    dose = DecimalNumber(label=_("Dose given"))
    unit = forms.ChoiceField(label=_("Unit"), choices=DoseUnit.choices, widget=forms.RadioSelect)
    route = forms.ChoiceField(label=_("How"), choices=ROUTES)
    indication = Text(label=_("For"), max_length=200, required=False)
    side_effect = forms.ChoiceField(label=_("Side effect"), required=False)
    departure_reason = Text(
        label=_("Why it was given although the order does not cover it"), max_length=2000, required=False
    )

    def __init__(self, *args: Any, session: InfusionSession, order: Any = None, **kwargs: Any) -> None:
        if order is not None:
            kwargs.setdefault("initial", {}).update(_as_ordered(order))
        super().__init__(*args, session=session, **kwargs)
        self.effects = {str(effect.public_id): effect for effect in session.side_effects.all()}
        chosen: Any = self.fields["side_effect"]
        chosen.choices = [
            ("", _("None recorded")),
            *((key, effect.get_term_display()) for key, effect in self.effects.items()),
        ]
        if not self.effects:
            del self.fields["side_effect"]
        if order is not None:
            del self.fields["medicine"]

    def given(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        names = ("medicine", "dose", "unit", "route", "indication", "departure_reason")
        typed = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return typed | {"side_effect": self.effects.get(self.cleaned_data.get("side_effect", ""))}


def _as_ordered(order: Any) -> dict[str, Any]:
    return {
        "dose": order.dose_typed,
        "unit": order.dose_unit,
        "route": order.route,
        "indication": order.indication,
    }


class OrderForm(forms.Form):
    """What every order says. Nothing is filled in."""

    medicine = Text(label=_("Medicine"), max_length=80)
    dose = DecimalNumber(label=_("One dose"))
    unit = forms.ChoiceField(label=_("Unit"), choices=DoseUnit.choices, widget=forms.RadioSelect)
    route = forms.ChoiceField(label=_("How"), choices=ROUTES)
    indication = Text(label=_("For"), max_length=200)
    max_session = DecimalNumber(
        label=_("At most in one session"),
        required=False,
        help_text=_("In the same unit. Empty: one dose."),
    )

    SAID = ("medicine", "dose", "unit", "route", "indication", "max_session")

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.SAID}


class VerbalOrderForm(OrderForm, MomentForm):
    """An order given by word of mouth, as it was said."""

    ordered_by = forms.ChoiceField(label=_("Who ordered it"))
    words = LongText(label=_("The order, word for word"), rows=2, max_length=2000)
    read_back = forms.BooleanField(label=_("I read it back, and it was confirmed"), required=False)
    field_order = [
        "ordered_by",
        "words",
        *OrderForm.SAID,
        "read_back",
        "ago",
        "at",
    ]

    def __init__(self, *args: Any, session: InfusionSession, first: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, session=session, **kwargs)
        self.order_fields(self.field_order)
        # Who answers today stands first, and is not chosen: it was whoever it was.
        people = sorted(people_for(session.site, Kind.RESPONSIBLE), key=lambda user: user.pk != first)
        self.people = {str(user.public_id): user for user in people}
        chosen: Any = self.fields["ordered_by"]
        chosen.choices = [
            ("", _("Choose")),
            *((key, user.printed_name) for key, user in self.people.items()),
        ]

    @property
    def prescriber(self) -> User:
        return self.people[self.cleaned_data["ordered_by"]]


class EffectForm(forms.Form):
    """What a medicine did: one tap."""

    outcome = forms.ChoiceField(choices=MedicationEffect.Outcome.choices)
    note = Text(label=_("Remark"), required=False, max_length=2000)


class AnswerForm(forms.Form):
    """The prescriber's answer for a verbal order."""

    verdict = forms.ChoiceField(choices=OrderAnswer.Verdict.choices)
    words = Text(label=_("What is wrong, or what was ordered"), required=False, max_length=2000)


class StandingOrderForm(OrderForm):
    """A standing order of one site, or of all of them."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Short, in small letters and hyphens: ondansetron-iv.")
    )
    site = forms.ChoiceField(label=_("Stands at"), required=False)
    valid_until = Day(label=_("Valid until"), required=False)
    for_side_effects = forms.MultipleChoiceField(
        label=_("Offered first for"),
        required=False,
        choices=[(term.code, term.label) for term in SIDE_EFFECT_TERMS],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "wide"}),
    )
    is_example = forms.BooleanField(
        label=_("Example, not approved: usable at demo sites only"), required=False
    )

    def __init__(self, *args: Any, sites: Iterable[Any] = (), version_of: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {str(site.public_id): site for site in sites}
        chosen: Any = self.fields["site"]
        chosen.choices = [
            ("", _("Every site")),
            *((key, site.name) for key, site in self.sites.items()),
        ]
        if version_of is not None:
            # Another version stands where the one before does.
            del self.fields["code"], self.fields["site"]

    @property
    def place(self) -> Any:
        return self.sites.get(self.cleaned_data.get("site", ""))

    @property
    def content(self) -> dict[str, Any]:
        names = ("is_example", "valid_until", "for_side_effects")
        return self.said | {name: self.cleaned_data[name] for name in names}
