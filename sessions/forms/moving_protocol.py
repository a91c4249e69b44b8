"""Moving a course to another version of its protocol."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import LongText, Whole
from sessions.forms.quantities import Thousandths
from sessions.models import Course, ProtocolVersion

ORDER = {
    "dose_mg_per_kg": "dose_micrograms_per_kg",
    "cap_mg": "cap_micrograms",
    "duration_minutes": "duration_minutes",
}
"""The fields of an order, as its refusals name them, and what they are called inside."""


class MoveVersionForm(forms.Form):
    """The version, the order as it goes on, and why."""

    version = forms.ChoiceField(label=_("To"), widget=forms.RadioSelect(attrs={"class": "wide"}))
    dose_mg_per_kg = Thousandths(label=_("Dose"), unit="mg/kg")
    cap_mg = Thousandths(label=_("Cap"), unit="mg")
    duration_minutes = Whole(label=_("Over"), unit=_("min"))
    reason = LongText(label=_("Why"), rows=2, max_length=2000)

    def __init__(
        self, data: Any = None, *, course: Course, versions: Iterable[ProtocolVersion], **kwargs: Any
    ) -> None:
        # The order stands until its prescriber changes it; it is shown to be read, not filled in anew.
        super().__init__(
            data, initial={name: getattr(course, inside) for name, inside in ORDER.items()}, **kwargs
        )
        self.versions = {str(version.public_id): version for version in versions}
        chosen: Any = self.fields["version"]
        chosen.choices = [(key, str(version)) for key, version in self.versions.items()]
        if len(self.versions) == 1:
            self.initial["version"] = next(iter(self.versions))

    def details(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        order = {inside: self.cleaned_data[name] for name, inside in ORDER.items()}
        version = self.versions[self.cleaned_data["version"]]
        return order | {"reason": self.cleaned_data["reason"], "version": version}
