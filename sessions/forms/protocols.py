"""A protocol, and what a version of it says: the quantities, one choice for each check item, the limits as rows."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid
from clinic.common.forms import LongText, Text, Whole
from patients.scoring.registry import CURRENT
from sessions.forms.quantities import Thousandths
from sessions.forms.vitals_schedule import ScheduleForm
from sessions.models import WeightBasis
from sessions.rules.check_in_plan import EXAMPLE as CHECK_IN_EXAMPLE
from sessions.rules.check_in_plan import as_lines, read_lines
from sessions.rules.effect_moments import FIXED, infusing, moments
from sessions.rules.plausibility import RANGES
from sessions.rules.protocol_words import COMPARATOR_WORDS, LEVEL_WORDS, PHASE_WORDS, REQUIREMENT_WORDS
from sessions.rules.protocols import (
    ACKNOWLEDGERS,
    CHECK_ITEMS,
    DISCHARGE_CRITERIA,
    LONGEST_ACTION,
    MOST_MINUTES,
    MOST_READINGS,
    OPTIONAL,
)

BLANK_LIMITS = 6
MOST_LIMITS = 60
OFFERED_MOMENTS = (*FIXED, *(infusing(minutes) for minutes in range(5, 61, 5)))


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
        label=_("Compared as"),
        choices=[("", _("value")), ("yes", _("change")), ("percent", _("change in %"))],
        required=False,
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
    persist_readings = Whole(label=_("In a row"), required=False, min_value=1, max_value=MOST_READINGS)
    persist_minutes = Whole(label=_("Over min"), required=False, max_value=MOST_MINUTES)
    required_action = Text(label=_("What to do"), required=False, max_length=LONGEST_ACTION)
    acknowledged_by = forms.ChoiceField(
        label=_("Acknowledged by"), choices=list(ACKNOWLEDGERS.items()), required=False
    )

    NEEDED = ("phase", "parameter", "comparator", "value", "level")
    MORE = ("persist_readings", "persist_minutes", "required_action", "acknowledged_by")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        missing = [name for name in self.NEEDED if typed.get(name) in {"", None} and name not in self.errors]
        if missing and (self.errors or len(missing) < len(self.NEEDED)):
            labels = ", ".join(str(self.fields[name].label).lower() for name in missing)
            message = _("This limit is not complete: %(missing)s. Fill it in, or clear the row.")
            self.add_error(None, message % {"missing": labels})
        return typed

    @property
    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.MORE]

    @property
    def more(self) -> list[forms.BoundField]:
        """What a limit says besides: on a line of its own below it."""
        return [self[name] for name in self.MORE]

    @property
    def says_more(self) -> bool:
        return any(self[name].value() or self[name].errors for name in self.MORE)

    @property
    def limit(self) -> dict[str, Any] | None:
        """The limit as a version stores it; None for an empty row."""
        typed = self.cleaned_data
        if not typed.get("parameter"):
            return None
        found = {name: typed[name] for name in ("parameter", "phase", "comparator", "value", "level")}
        compared = typed.get("relative_to_baseline")
        told = {"relative_to_baseline": bool(compared), "in_percent": compared == "percent"}
        told |= {name: typed.get(name) or usual for name, usual in OPTIONAL.items() if name not in told}
        return found | {name: value for name, value in told.items() if value != OPTIONAL[name]}

    @classmethod
    def initial_of(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """A stored limit as the row shows it."""
        change = "percent" if stored.get("in_percent") else "yes"
        compared = change if stored.get("relative_to_baseline") else ""
        return {**stored, "value": f"{stored['value']:g}", "relative_to_baseline": compared}


NOT_CHECKED = _("Empty: not checked.")


def _check_number(label: Any, unit: Any, most: int, empty: Any) -> Whole:
    """A number of the pre-infusion check that a protocol may leave out."""
    return Whole(label=label, unit=unit, max_value=most, required=False, help_text=empty)


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
    aldrete_minimum = Whole(
        label=_("Modified Aldrete score, at least"),
        unit=_("of 10"),
        min_value=1,
        max_value=10,
        required=False,
        help_text=_("Needed where the score is a criterion of discharge."),
    )
    instruments = forms.MultipleChoiceField(
        label=_("Questionnaires"),
        choices=[(code, known.name) for code, known in CURRENT.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    fasting_solids_minutes = _check_number(_("Without solid food"), _("min"), 1440, NOT_CHECKED)
    fasting_liquids_minutes = _check_number(_("Without clear liquids"), _("min"), 1440, NOT_CHECKED)
    substance_free_hours = _check_number(_("Without alcohol or drugs"), _("hours"), 240, NOT_CHECKED)
    pregnancy_test_days = _check_number(_("Pregnancy test counts for"), _("days"), 90, NOT_CHECKED)
    pregnancy_until_age = _check_number(
        _("Pregnancy asked below"), _("years"), 120, _("Empty: at every age.")
    )
    urinary_days = _check_number(
        _("Urinary symptoms asked again after"), _("days"), 365, _("Empty: at every visit.")
    )
    totals_tolerance_percent = Whole(
        label=_("Pump and chart may differ by"),
        unit=_("% of the dose"),
        max_value=100,
        required=False,
        help_text=_("Empty: not checked."),
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
    check_ins = LongText(
        label=_("Check-ins between sessions"),
        required=False,
        max_length=2000,
        rows=4,
        help_text=_("One a line, such as: %(example)s. Empty: nothing is sent.")
        % {"example": CHECK_IN_EXAMPLE},
    )
    side_effect_moments = forms.MultipleChoiceField(
        label=_("Side effects are asked about"), widget=forms.CheckboxSelectMultiple, required=False
    )

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
            (
                "vitals_interval_minutes",
                "recovery_vitals_interval_minutes",
                "min_observation_minutes",
                "aldrete_minimum",
            ),
        ),
        (
            _("Numbers of the pre-infusion check"),
            (
                "fasting_solids_minutes",
                "fasting_liquids_minutes",
                "substance_free_hours",
                "pregnancy_test_days",
                "pregnancy_until_age",
                "urinary_days",
            ),
        ),
        (_("At the end of the infusion"), ("totals_tolerance_percent",)),
        (_("After the infusion"), ("check_ins",)),
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
        stored = dict(initial or {})
        if not isinstance(stored.get("check_ins", ""), str):
            stored["check_ins"] = as_lines(stored["check_ins"])
        super().__init__(data, initial=stored)
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
        known = moments({*OFFERED_MOMENTS, *self.initial.get("side_effect_moments", [])})
        self.fields["side_effect_moments"].choices = [(moment.code, moment.label) for moment in known]  # type: ignore[attr-defined]
        self.schedule = ScheduleForm(data, stored=self.initial.get("vitals_schedule") or [])

    def _limit_rows(self) -> list[LimitForm]:
        """As many rows as were sent, or those that stand and some blank ones."""
        if self.is_bound:
            sent = [n for n in range(MOST_LIMITS) if f"limit-{n}-parameter" in self.data]
            return [LimitForm(self.data, prefix=f"limit-{n}") for n in sent]
        stored = [LimitForm.initial_of(limit) for limit in self.initial.get("limits", [])]
        rows = [*stored, *({} for _ in range(BLANK_LIMITS))][:MOST_LIMITS]
        return [LimitForm(prefix=f"limit-{n}", initial=row) for n, row in enumerate(rows)]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.limit_rows]
        return super().is_valid() and all(rows) and self.schedule.is_valid()

    def clean_check_ins(self) -> list[dict[str, Any]]:
        try:
            return read_lines(self.cleaned_data["check_ins"])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from None

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
        return [self["discharge_criteria"], self["instruments"], self["side_effect_moments"]]

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, as a version stores it."""
        typed = self.cleaned_data
        plain = {name: typed[name] for name in self.base_fields if name != "revision"}
        asked = [(code, typed[f"check-{code}"]) for code in CHECK_ITEMS]
        return plain | {
            "checklist": [{"code": code, "requirement": how} for code, how in asked if how],
            "limits": [row.limit for row in self.limit_rows if row.limit],
            "vitals_schedule": self.schedule.rows,
        }
