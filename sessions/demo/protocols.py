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
        {"code": "consent", "requirement": "required"},
        {"code": "identity", "requirement": "required"},
        {"code": "fasting", "requirement": "required"},
        {"code": "escort", "requirement": "required"},
        {"code": "pregnancy", "requirement": "required"},
        {"code": "allergies", "requirement": "required"},
        {"code": "medicines", "requirement": "required"},
        {"code": "substances", "requirement": "required"},
        {"code": "illness", "requirement": "advisory"},
        {"code": "urinary", "requirement": "advisory"},
        {"code": "side-effects", "requirement": "advisory"},
        {"code": "mood", "requirement": "required"},
        {"code": "weight", "requirement": "required"},
        {"code": "baseline-vitals", "requirement": "required"},
    ],
    # Action limits as one unattributed page lists them (C): example, not approved.
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
        {
            "parameter": "systolic",
            "phase": "infusion",
            "comparator": ">=",
            "value": 160,
            "level": "warn",
            "required_action": "Measure again in 5 minutes",
        },
        {
            "parameter": "systolic",
            "phase": "infusion",
            "comparator": ">=",
            "value": 180,
            "level": "pause",
            "required_action": "Hold or slow the infusion, consider a medicine",
        },
        {
            "parameter": "diastolic",
            "phase": "infusion",
            "comparator": ">=",
            "value": 110,
            "level": "pause",
            "required_action": "Hold or slow the infusion, consider a medicine",
        },
        {
            "parameter": "systolic",
            "phase": "infusion",
            "comparator": "<",
            "value": 90,
            "level": "stop",
            "required_action": "Stop the infusion",
        },
        # No source (GK): a change in percent that waits for a second reading, to show what a rule can say.
        {
            "parameter": "heart_rate",
            "phase": "infusion",
            "comparator": ">",
            "value": 40,
            "level": "warn",
            "relative_to_baseline": True,
            "in_percent": True,
            "persist_readings": 2,
        },
        {
            "parameter": "heart_rate",
            "phase": "infusion",
            "comparator": ">",
            "value": 120,
            "level": "pause",
            "required_action": "Assess, slow the infusion",
        },
        {
            "parameter": "heart_rate",
            "phase": "infusion",
            "comparator": "<",
            "value": 50,
            "level": "stop",
            "required_action": "Stop the infusion",
        },
        {
            "parameter": "oxygen_saturation",
            "phase": "infusion",
            "comparator": "<=",
            "value": 94,
            "level": "warn",
            "required_action": "Measure again, consider oxygen",
        },
        {
            "parameter": "oxygen_saturation",
            "phase": "infusion",
            "comparator": "<",
            "value": 92,
            "level": "stop",
            "required_action": "Stop the infusion, give oxygen",
        },
        {
            "parameter": "oxygen_saturation",
            "phase": "infusion",
            "comparator": "<",
            "value": 88,
            "level": "emergency",
            "required_action": "Emergency",
        },
        {
            "parameter": "respiratory_rate",
            "phase": "infusion",
            "comparator": "<",
            "value": 8,
            "level": "emergency",
            "required_action": "Emergency: open the airway, give oxygen",
        },
        # Often quoted, no source (GK).
        {
            "parameter": "sedation",
            "phase": "infusion",
            "comparator": "<=",
            "value": 3,
            "level": "pause",
            "required_action": "Pause, speak to the patient",
        },
    ],
    "discharge_criteria": [
        "vitals-near-baseline",
        "aldrete",
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
    # 9 of 10, as two pages quote it (C): example, not approved.
    "aldrete_minimum": 9,
    # No source says when to ask; these moments are an example, not approved (GK).
    "side_effect_moments": ["before-start", "infusing-15", "infusing-30", "at-end", "before-discharge"],
    # Six hours without food, two without clear liquids (B); twelve without alcohol or drugs (B).
    "fasting_solids_minutes": 360,
    "fasting_liquids_minutes": 120,
    "substance_free_hours": 12,
    # No source: how long a test counts, until which age it is asked for, how often the bladder is asked about.
    "pregnancy_test_days": 7,
    "pregnancy_until_age": 55,
    "urinary_days": 14,
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
    # No source says how often (GK), so this plan is an example, not approved. That the PHQ-9 keeps 14 days between two
    # is its own rule: it asks about the last two weeks.
    "check_ins": [
        {"from_day": 1, "at": "10:00", "ask": ["side-effects", "mood"], "within_hours": 36},
        {"from_day": 2, "until_day": 7, "every_days": 1, "at": "10:00", "ask": ["mood"], "within_hours": 22},
        {
            "from_day": 14,
            "until_day": 56,
            "every_days": 7,
            "at": "10:00",
            "ask": ["phq9", "mood"],
            "within_hours": 48,
        },
    ],
}

CHRONIC_PAIN: dict[str, Any] = DEPRESSION | {
    # No source: a second indication with other numbers, to show that it needs no other code.
    "duration_minutes": 60,
    "planned_infusions": 4,
    "min_gap_days": 6,
    "target_gap_days": 7,
    "instruments": [],
    "check_ins": DEPRESSION["check_ins"][:2],
}

STEADY = {"activity": 2, "respiration": 2, "circulation": 2, "consciousness": 2, "oxygen": 2}
"""A modified Aldrete score of somebody who has quite recovered."""
