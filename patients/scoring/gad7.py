"""GAD-7: seven questions on anxiety. Wording, scoring and bands: CamCOPS.

The lowest answer is "Not at all"; a widespread copy says "Not at all sure" and is wrong (Zorowitz 2021).
"""

from patients.scoring.instrument import Band, Instrument, Item
from patients.scoring.phq9 import FREQUENCY, LICENCE, STEM

_QUESTIONS = (
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
)

GAD7 = Instrument(
    code="gad7",
    version="1",
    name="GAD-7",
    stem=STEM,
    recall_days=14,
    items=tuple(Item(f"gad7_{number}", text, FREQUENCY) for number, text in enumerate(_QUESTIONS, 1)),
    bands=(
        Band(0, 4, "minimal", "None or minimal"),
        Band(5, 9, "mild", "Mild"),
        Band(10, 14, "moderate", "Moderate"),
        Band(15, 21, "severe", "Severe"),
    ),
    flag_from={},
    loinc_total="70274-6",
    source="CamCOPS gad7.xml; LOINC 70274-6",
    licence=LICENCE,
)
