"""QIDS-SR16: sixteen items, of which four groups count only with their highest answer. Never a plain sum.

Scoring and bands as two public descriptions give them; the wording is not shipped: several pages call it free, but the
owner's own terms could not be read. Which item asks about suicide (12) and when a domain counts are general knowledge.
"""

from patients.scoring.instrument import Band, Instrument, Wording, number_item

SUICIDE_ITEM = "qids_12"

QIDS = Instrument(
    code="qids",
    version="1",
    name="QIDS-SR16",
    stem="Enter the numbers of the answers on the patient's own form.",
    recall_days=7,
    items=tuple(number_item(f"qids_{number}", f"Item {number}", 0, 3) for number in range(1, 17)),
    bands=(
        Band(0, 5, "none", "None"),
        Band(6, 10, "mild", "Mild"),
        Band(11, 15, "moderate", "Moderate"),
        Band(16, 20, "severe", "Severe"),
        Band(21, 27, "very_severe", "Very severe"),
    ),
    flag_from={SUICIDE_ITEM: 1},
    loinc_total="",
    source="Scoring rule and bands of the QIDS-SR16 as published; recall 7 days",
    licence="Not established: numbers only until the owner's terms are confirmed.",
    domains=(
        ("qids_1", "qids_2", "qids_3", "qids_4"),
        ("qids_5",),
        ("qids_6", "qids_7", "qids_8", "qids_9"),
        *((f"qids_{number}",) for number in range(10, 15)),
        ("qids_15", "qids_16"),
    ),
    # The patient answers one of each pair on appetite and weight, so that no form has all sixteen.
    missing_rule="A domain counts when one of its items is answered (general knowledge, not verified).",
    wording=Wording.NUMBERS_ONLY,
)
