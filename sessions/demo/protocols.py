"""Two example protocols. They show what a protocol can say; no medical director has approved them.

Grades as in the sources: A is a regulation, label or paper, B a hospital's or society's page, C an unattributed
page. Everything graded C is here only to fill a demo and is labelled "example, not approved" wherever it shows.
"""

from typing import Any

DEPRESSION: dict[str, Any] = {
    "is_example": True,
    "drug": "ketamine hydrochloride",
    # 0.5 mg/kg over 40 minutes: the usual dose of the published trials (A).
    "dose_micrograms_per_kg": 500,
    "max_dose_micrograms_per_kg": 1000,
    "cap_micrograms": 60_000,
    "concentration_micrograms_per_ml": 50_000,
    "bag_volume_microlitres": 100_000,
    "duration_minutes": 40,
    # Six infusions, twice a week for three weeks: ELEKT-D 2023 (A).
    "planned_infusions": 6,
    "min_gap_days": 2,
    "target_gap_days": 3,
    "preparation_minutes": 30,
    "recovery_minutes": 60,
    # Blood pressure every 10 minutes during, every 15 after: Emory, 684 infusions (A).
    "vitals_interval_minutes": 10,
    "recovery_vitals_interval_minutes": 15,
    # One hour with an escort: Oxford (B).
    "min_observation_minutes": 60,
    "checklist": [
        {"code": "identity", "requirement": "required"},
        {"code": "fasting", "requirement": "required"},
        {"code": "escort", "requirement": "required"},
        {"code": "pregnancy", "requirement": "required"},
        {"code": "allergies", "requirement": "required"},
        {"code": "medicines", "requirement": "required"},
        {"code": "illness", "requirement": "advisory"},
        {"code": "mood", "requirement": "required"},
        {"code": "weight", "requirement": "required"},
        {"code": "baseline-vitals", "requirement": "required"},
    ],
    # Action limits as one unattributed page lists them (C).
    "limits": [
        {"parameter": "systolic", "phase": "pre", "comparator": ">=", "value": 160, "level": "hold_start"},
        {"parameter": "diastolic", "phase": "pre", "comparator": ">=", "value": 100, "level": "hold_start"},
        {
            "parameter": "oxygen_saturation",
            "phase": "pre",
            "comparator": "<",
            "value": 95,
            "level": "hold_start",
        },
        {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 160, "level": "warn"},
        {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 180, "level": "pause"},
        {"parameter": "diastolic", "phase": "infusion", "comparator": ">=", "value": 110, "level": "pause"},
        {"parameter": "systolic", "phase": "infusion", "comparator": "<", "value": 90, "level": "stop"},
        {"parameter": "heart_rate", "phase": "infusion", "comparator": ">", "value": 120, "level": "pause"},
        {"parameter": "heart_rate", "phase": "infusion", "comparator": "<", "value": 50, "level": "stop"},
        {
            "parameter": "oxygen_saturation",
            "phase": "infusion",
            "comparator": "<=",
            "value": 94,
            "level": "warn",
        },
        {
            "parameter": "oxygen_saturation",
            "phase": "infusion",
            "comparator": "<",
            "value": 92,
            "level": "stop",
        },
    ],
    "discharge_criteria": [
        "vitals-near-baseline",
        "alert",
        "oriented",
        "no-dissociation",
        "walks-unaided",
        "nausea-controlled",
        "no-new-suicidal-thoughts",
        "iv-removed",
        "escort-present",
        "instructions-given",
    ],
    "instruments": ["phq9", "gad7"],
    # Blood pressure as above; the rest and the tolerance have no source (GK): example, not approved.
    "vitals_schedule": [
        *(
            {"parameter": parameter, "phase": "baseline"}
            for parameter in ("blood_pressure", "heart_rate", "oxygen_saturation")
        ),
        *(
            {"parameter": parameter, "phase": "infusion", "every_minutes": 10}
            for parameter in ("blood_pressure", "heart_rate", "oxygen_saturation")
        ),
        {"parameter": "sedation", "phase": "infusion", "at_minutes": [20, 40]},
        {"parameter": "dissociation", "phase": "infusion", "at_minutes": [20, 40]},
        {"parameter": "blood_pressure", "phase": "end"},
        *(
            {"parameter": parameter, "phase": "recovery", "every_minutes": 15}
            for parameter in ("blood_pressure", "heart_rate", "oxygen_saturation")
        ),
        {"parameter": "sedation", "phase": "recovery", "at_minutes": [30, 60]},
    ],
    "totals_tolerance_percent": 10,
}

CHRONIC_PAIN: dict[str, Any] = DEPRESSION | {
    # No source: a second indication with other numbers, to show that it needs no other code.
    "duration_minutes": 60,
    "planned_infusions": 4,
    "min_gap_days": 6,
    "target_gap_days": 7,
    "instruments": [],
}
