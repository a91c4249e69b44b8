"""A drug product as it stands in a site's cabinet."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text, Thousandths


class ProductForm(forms.Form):
    """One product. Field names are the row's own, so that a refusal finds its field."""

    name = Text(
        label=_("Name"), max_length=120, help_text=_("As people say it: ketamine 50 mg/mL, vial of 10 mL.")
    )
    drug = Text(label=_("Drug"), max_length=80)
    concentration_micrograms_per_ml = Thousandths(label=_("Concentration"), unit="mg/mL")
    volume_microlitres = Thousandths(label=_("One container holds"), unit="mL")
    ndc = Text(label=_("NDC"), max_length=20, required=False)


class ProductChangeForm(ProductForm):
    """Also whether it is still kept."""

    is_active = forms.BooleanField(label=_("Kept here: it can be chosen"), required=False)
