"""Scales whose wording may not stand here: item numbers or totals only, under their licence.

MADRS: ten items; its owner has refused permission to an open-source project. BDI-II: commercial, totals only. CADSS in
its version of 23 subjective items, and the six of them that the CADSS-6 takes; no severity cut-off is accepted, so that
one band holds every total. Where a site holds a licence for the BDI-II, its 21 items can be answered one by one.
"""

from dataclasses import replace

from patients.scoring.instrument import Band, Instrument, Wording, number_item

COPY_NUMBERS = "Enter the numbers as they stand on the form."

MADRS = Instrument(
    code="madrs",
    version="1",
    name="MADRS",
    stem=COPY_NUMBERS,
    recall_days=7,
    items=tuple(number_item(f"madrs_{number}", f"Item {number}", 0, 6) for number in range(1, 11)),
    bands=(
        Band(0, 6, "none", "None"),
        Band(7, 19, "mild", "Mild"),
        Band(20, 34, "moderate", "Moderate"),
        Band(35, 60, "severe", "Severe"),
    ),
    # Item 10 asks about suicidal thoughts; 2 and more is more than weariness of life.
    flag_from={"madrs_10": 1},
    loinc_total="",
    source="Range and bands after Snaith; another cut for severe is 31 (Müller 2003)",
    licence="Royal College of Psychiatrists; licence required. Numbers only, by a trained rater.",
    wording=Wording.NUMBERS_ONLY,
    repeat_days=1,
    by_patient=False,
)

BDI2 = Instrument(
    code="bdi2",
    version="1",
    name="BDI-II",
    stem="Enter the total of the form.",
    recall_days=14,
    items=(number_item("bdi2_total", "Total", 0, 63), number_item("bdi2_9", "Item 9", 0, 3, is_scored=False)),
    bands=(
        Band(0, 13, "minimal", "Minimal"),
        Band(14, 19, "mild", "Mild"),
        Band(20, 28, "moderate", "Moderate"),
        Band(29, 63, "severe", "Severe"),
    ),
    flag_from={"bdi2_9": 1},
    loinc_total="",
    source="Range and bands as published; item 9 asks about suicidal thoughts",
    licence="Pearson, commercial: totals only.",
    wording=Wording.NUMBERS_ONLY,
)

BDI2_ITEMS = replace(
    BDI2,
    version="21",
    # Items 16 and 18 have two answers for each of 1 to 3, more and less: both count alike.
    items=tuple(number_item(f"bdi2_{number}", f"Item {number}", 0, 3) for number in range(1, 22)),
)

CADSS = Instrument(
    code="cadss",
    version="23",
    name="CADSS (23 items)",
    stem=COPY_NUMBERS,
    recall_days=0,
    items=tuple(number_item(f"cadss_{number}", f"Item {number}", 0, 4) for number in range(1, 24)),
    bands=(Band(0, 92, "no_bands", "No accepted bands"),),
    flag_from={},
    loinc_total="",
    source="Bremner 1998, the 23 subjective items; item range 0 to 4 is general knowledge",
    licence="Not established: numbers only.",
    wording=Wording.NUMBERS_ONLY,
    by_patient=False,
)

CADSS6 = Instrument(
    code="cadss6",
    version="23",
    name="CADSS-6",
    stem="Enter the numbers of these six items of the 23-item version; older prints number them otherwise.",
    recall_days=0,
    items=tuple(number_item(f"cadss6_{number}", f"Item {number}", 0, 4) for number in (1, 2, 6, 7, 15, 22)),
    bands=(Band(0, 24, "no_bands", "No accepted bands"),),
    flag_from={},
    loinc_total="",
    source="Rodrigues 2021: derived in retrospect (n = 260), not validated prospectively",
    licence="Not established: numbers only.",
    wording=Wording.NUMBERS_ONLY,
    by_patient=False,
)
