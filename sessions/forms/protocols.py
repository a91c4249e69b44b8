"""A protocol, and what a version of it says: the quantities, one choice for each check item, the limits as rows."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text, Whole
from patients.scoring.registry import CURRENT
from sessions.forms.quantities import Thousandths
from sessions.models import WeightBasis
from sessions.rules.plausibility import RANGES
from sessions.rules.protocol_words import COMPARATOR_WORDS, LEVEL_WORDS, PHASE_WORDS, REQUIREMENT_WORDS
from sessions.rules.protocols import CHECK_ITEMS, DISCHARGE_CRITERIA

BLANK_LIMITS = 6
MOST_LIMITS = 60


class ProtocolForm(forms.Form):
    """A new protocol, still without a version."""

    name = Text(label=_("Name"), max_length=120)
    indication = Text(label=_("Indication"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Short, in small letters and hyphens, such as ketamine-depression."),
    )


class LimitForm(forms.Form):
    """One row of the table of limits. Empty rows are left out."""

    phase = forms.ChoiceField(label=_("When"), choices=[("", "–"), *PHASE_WORDS.items()], required=False)
    parameter = forms.ChoiceField(
        label=_("Parameter"),
        choices=[("", "–"), *((code, known.label) for code, known in RANGES.items())],
        required=False,
    )
    relative_to_baseline = forms.ChoiceField(
        label=_("Compared as"), choices=[("", _("value")), ("yes", _("change"))], required=False
    )
    comparator = forms.ChoiceField(
        label=_("Is"), choices=[("", "–"), *COMPARATOR_WORDS.items()], required=False
    )
    value = forms.FloatField(
        label=_("Number"),
        required=False,
        min_value=-1000,
        max_value=1000,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    level = forms.ChoiceField(label=_("Then"), choices=[("", "–"), *LEVEL_WORDS.items()], required=False)

    NEEDED = ("phase", "parameter", "comparator", "value", "level")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        missing = [name for name in self.NEEDED if typed.get(name) in {"", None} and name not in self.errors]
        if missing and (self.errors or len(missing) < len(self.NEEDED)):
            labels = ", ".join(str(self.fields[name].label).lower() for name in missing)
            message = _("This limit is not complete: %(missing)s. Fill it in, or clear the row.")
            self.add_error(None, message % {"missing": labels})
        return typed

    @property
    def limit(self) -> dict[str, Any] | None:
        """The limit as a version stores it; None for an empty row."""
        typed = self.cleaned_data
        if not typed.get("parameter"):
            return None
        stored = {name: typed[name] for name in ("parameter", "phase", "comparator", "value", "level")}
        return stored | ({"relative_to_baseline": True} if typed.get("relative_to_baseline") else {})


class VersionForm(forms.Form):
    """What a version says. Field names are the version's own, so that a refusal finds its field."""

    drug = Text(label=_("Drug"), max_length=80)
    is_example = forms.BooleanField(
        label=_("Example, not approved: usable at demo sites only"), required=False
    )
    dose_micrograms_per_kg = Thousandths(label=_("Dose"), unit="mg/kg")
    max_dose_micrograms_per_kg = Thousandths(label=_("Highest dose"), unit="mg/kg")
    cap_micrograms = Thousandths(label=_("Cap"), unit="mg")
    concentration_micrograms_per_ml = Thousandths(label=_("Concentration of the vial"), unit="mg/mL")
    bag_volume_microlitres = Thousandths(label=_("Volume of the bag"), unit="mL")
    duration_minutes = Whole(label=_("Infusion"), unit=_("min"), max_value=1000)
    planned_infusions = Whole(label=_("Infusions planned"), max_value=60)
    min_gap_days = Whole(label=_("Days between, at least"), unit=_("days"), max_value=365)
    target_gap_days = Whole(label=_("Days between, aimed at"), unit=_("days"), max_value=365)
    max_gap_days = Whole(
        label=_("Days between, at most"),
        unit=_("days"),
        max_value=365,
        required=False,
        help_text=_("Empty: lateness is not checked."),
    )
    reevaluate_after_infusions = Whole(
        label=_("Prescriber looks again after"),
        unit=_("infusions"),
        min_value=1,
        max_value=60,
        required=False,
        help_text=_("Empty: not asked for."),
    )
    preparation_minutes = Whole(label=_("Preparation"), unit=_("min"), max_value=1000)
    recovery_minutes = Whole(label=_("Recovery"), unit=_("min"), max_value=1000)
    vitals_interval_minutes = Whole(label=_("During the infusion, every"), unit=_("min"), max_value=1000)
    recovery_vitals_interval_minutes = Whole(label=_("During recovery, every"), unit=_("min"), max_value=1000)
    min_observation_minutes = Whole(
        label=_("Observation after the end, at least"), unit=_("min"), max_value=1440
    )
    discharge_criteria = forms.MultipleChoiceField(
        label=_("Met before discharge"),
        choices=list(DISCHARGE_CRITERIA.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    instruments = forms.MultipleChoiceField(
        label=_("Questionnaires"),
        choices=[(code, known.name) for code, known in CURRENT.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    weight_basis = forms.ChoiceField(
        label=_("Dosed by"), choices=[("", _("Measured weight")), *WeightBasis.choices[1:]], required=False
    )
    rounding_micrograms = Thousandths(
        label=_("Rounded to"), unit="mg", required=False, help_text=_("Empty: to a microgram.")
    )
    soft_limit_micrograms = Thousandths(
        label=_("Asks for a reason above"), unit="mg", required=False, help_text=_("Empty: not checked.")
    )
    hard_limit_micrograms = Thousandths(
        label=_("Needs the right to go over above"),
        unit="mg",
        required=False,
        help_text=_("Empty: not checked."),
    )
    needs_second_check = forms.BooleanField(
        label=_("A second person computes the dose anew before the start"), required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    SECTIONS = (
        (
            _("Drug and dose"),
            ("drug", "dose_micrograms_per_kg", "max_dose_micrograms_per_kg", "cap_micrograms"),
        ),
        (
            _("Bag and pump"),
            ("concentration_micrograms_per_ml", "bag_volume_microlitres", "duration_minutes"),
        ),
        (
            _("Course"),
            (
                "planned_infusions",
                "min_gap_days",
                "target_gap_days",
                "max_gap_days",
                "reevaluate_after_infusions",
            ),
        ),
        (_("Chair time around the infusion"), ("preparation_minutes", "recovery_minutes")),
        (
            _("Vital signs and observation"),
            ("vitals_interval_minutes", "recovery_vitals_interval_minutes", "min_observation_minutes"),
        ),
        (
            _("Confirming the dose"),
            (
                "weight_basis",
                "rounding_micrograms",
                "soft_limit_micrograms",
                "hard_limit_micrograms",
                "needs_second_check",
            ),
        ),
    )

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        required = {item["code"]: item["requirement"] for item in self.initial.get("checklist", [])}
        for code, label in CHECK_ITEMS.items():
            self.fields[f"check-{code}"] = forms.ChoiceField(
                label=label,
                choices=[*REQUIREMENT_WORDS.items(), ("", _("Not asked"))],
                widget=forms.RadioSelect,
                initial=required.get(code, ""),
                required=False,
            )
        self.limit_rows = self._limit_rows()

    def _limit_rows(self) -> list[LimitForm]:
        """As many rows as were sent, or those that stand and some blank ones."""
        if self.is_bound:
            sent = [n for n in range(MOST_LIMITS) if f"limit-{n}-parameter" in self.data]
            return [LimitForm(self.data, prefix=f"limit-{n}") for n in sent]
        stored = [
            limit
            | {
                "value": f"{limit['value']:g}",
                "relative_to_baseline": "yes" if limit.get("relative_to_baseline") else "",
            }
            for limit in self.initial.get("limits", [])
        ]
        rows = [*stored, *({} for _ in range(BLANK_LIMITS))][:MOST_LIMITS]
        return [LimitForm(prefix=f"limit-{n}", initial=row) for n, row in enumerate(rows)]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.limit_rows]
        return super().is_valid() and all(rows)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not any(typed.get(f"check-{code}") for code in CHECK_ITEMS):
            self.add_error(None, _("Ask for at least one item in the pre-infusion check."))
        if not typed.get("discharge_criteria") and "discharge_criteria" not in self.errors:
            self.add_error("discharge_criteria", _("Choose at least one criterion for discharge."))
        if any(not row.is_valid() for row in self.limit_rows):
            self.add_error(None, _("A limit is not complete. See the table of limits."))
        return typed

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The quantities, as the page groups them."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    @property
    def checks(self) -> list[forms.BoundField]:
        return [self[f"check-{code}"] for code in CHECK_ITEMS]

    @property
    def lists(self) -> list[forms.BoundField]:
        return [self["discharge_criteria"], self["instruments"]]

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, as a version stores it."""
        typed = self.cleaned_data
        plain = {name: typed[name] for name in self.base_fields if name != "revision"}
        asked = [(code, typed[f"check-{code}"]) for code in CHECK_ITEMS]
        return plain | {
            "checklist": [{"code": code, "requirement": how} for code, how in asked if how],
            "limits": [row.limit for row in self.limit_rows if row.limit],
        }
