"""A daily number for the mood, 0 to 10: a plain question of this software's own, comparable only with itself."""

from patients.scoring.instrument import Band, Choice, Instrument, Item

_ENDS = {0: "the worst I can imagine", 10: "the best I can imagine"}

MOOD = Instrument(
    code="mood",
    version="1",
    name="Mood today",
    stem="How is your mood today?",
    recall_days=1,
    items=(
        Item(
            "mood",
            "Mood today, from 0 to 10",
            tuple(Choice(value, _ENDS.get(value, str(value))) for value in range(11)),
        ),
    ),
    bands=(Band(0, 10, "no_bands", "No bands"),),
    flag_from={},
    loinc_total="",
    source="A single numeric rating; no published bands",
    licence="This software's own.",
    lower_is_better=False,
)
