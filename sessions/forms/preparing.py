"""Drug drawn up, what became of it, and who saw it. Fields start empty, and no product is chosen beforehand."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, Text
from clinic.stock.models import DrugProduct
from sessions.forms.moments import MomentForm
from sessions.forms.quantities import Thousandths
from sessions.models import DrugUse


class PreparationForm(MomentForm):
    """Drug drawn from a container."""

    product = forms.ChoiceField(label=_("Product"), widget=forms.RadioSelect(attrs={"class": "wide"}))
    lot = Text(label=_("Lot"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    expires_on = Day(label=_("Expires on"))
    drawn_micrograms = Thousandths(label=_("Drawn"), unit="mg")
    departure_reason = Text(
        label=_("Why it was drawn from an expired container"), max_length=2000, required=False
    )

    def __init__(self, *args: Any, products: Iterable[DrugProduct], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = {str(product.public_id): product for product in products}
        chosen: Any = self.fields["product"]
        chosen.choices = [(key, product.name) for key, product in self.products.items()]

    @property
    def is_expired(self) -> bool:
        """Whether it was turned down for its expiry, which only a reason mends."""
        refusal = getattr(self, "refusal", None)
        return any(problem.code == "preparation.expired" for problem in getattr(refusal, "problems", ()))

    def details(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        names = ("lot", "expires_on", "drawn_micrograms", "departure_reason")
        typed = {name: self.cleaned_data[name] for name in names}
        return typed | {"product": self.products[self.cleaned_data["product"]]}


class UsesForm(forms.Form):
    """What became of a preparation: any of the three amounts."""

    given = Thousandths(label=_("Given"), unit="mg", required=False)
    wasted = Thousandths(label=_("Wasted"), unit="mg", required=False)
    returned = Thousandths(label=_("Returned unopened"), unit="mg", required=False)
    seal = Text(
        label=_("Seal"),
        max_length=40,
        required=False,
        help_text=_("Where waste waits, sealed, for its witness."),
    )
    note = Text(label=_("Remark"), max_length=2000, required=False)
    confirmed = forms.BooleanField(label=_("More than was drawn: it is so"), required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and not self.amounts(typed):
            self.add_error(None, _("Enter at least one amount."))
        return typed

    def amounts(self, typed: dict[str, Any] | None = None) -> list[tuple[str, int]]:
        """The kinds with an amount, in the order of the form."""
        typed = self.cleaned_data if typed is None else typed
        return [(kind, typed[kind]) for kind in DrugUse.Kind.values if typed.get(kind)]

    @property
    def asks_to_confirm(self) -> bool:
        refusal = getattr(self, "refusal", None)
        return any(problem.code == "drug_use.over" for problem in getattr(refusal, "problems", ()))


class DoseCheckForm(forms.Form):
    """What the second person has computed. Always empty at the start."""

    weight_grams = Thousandths(label=_("Weight dosed by"), unit="kg", max_value=1000)
    dose_micrograms = Thousandths(label=_("Dose"), unit="mg")
    rate_microlitres_per_hour = Thousandths(label=_("Pump rate"), unit="mL/h")
