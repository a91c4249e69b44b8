"""PHQ-9: nine questions on depression, and one on how hard life is that does not count.

Wording, scoring and bands: CamCOPS ``phq9.xml``; codes: LOINC panel 44249-1. No total if any scored item is
missing: prorating has no source that could be read.
"""

from patients.scoring.instrument import Band, Choice, Instrument, Item

FREQUENCY = (
    Choice(0, "Not at all", "LA6568-5"),
    Choice(1, "Several days", "LA6569-3"),
    Choice(2, "More than half the days", "LA6570-1"),
    Choice(3, "Nearly every day", "LA6571-9"),
)
DIFFICULTY = (
    Choice(0, "Not difficult at all", "LA6572-7"),
    Choice(1, "Somewhat difficult", "LA6573-5"),
    Choice(2, "Very difficult", "LA6575-0"),
    Choice(3, "Extremely difficult", "LA6574-3"),
)
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
LICENCE = "No permission is required to reproduce, translate, display or distribute (phqscreeners.com)."

# Thoughts of being better off dead or of self-harm: any answer but "Not at all" is looked at before an infusion.
SUICIDE_ITEM = "phq9_9"

_QUESTIONS = (
    ("44250-9", "Little interest or pleasure in doing things"),
    ("44255-8", "Feeling down, depressed, or hopeless"),
    ("44259-0", "Trouble falling or staying asleep, or sleeping too much"),
    ("44254-1", "Feeling tired or having little energy"),
    ("44251-7", "Poor appetite or overeating"),
    (
        "44258-2",
        "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    ),
    ("44252-5", "Trouble concentrating on things, such as reading the newspaper or watching television"),
    (
        "44253-3",
        "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or"
        " restless that you have been moving around a lot more than usual",
    ),
    ("44260-8", "Thoughts that you would be better off dead or of hurting yourself in some way"),
)
_DIFFICULTY_QUESTION = (
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care"
    " of things at home, or get along with other people?"
)

PHQ9 = Instrument(
    code="phq9",
    version="1",
    name="PHQ-9",
    stem=STEM,
    recall_days=14,
    items=(
        *(
            Item(f"phq9_{number}", text, FREQUENCY, loinc)
            for number, (loinc, text) in enumerate(_QUESTIONS, 1)
        ),
        Item("phq9_10", _DIFFICULTY_QUESTION, DIFFICULTY, "69722-7", is_scored=False),
    ),
    bands=(
        Band(0, 4, "minimal", "None or minimal"),
        Band(5, 9, "mild", "Mild"),
        Band(10, 14, "moderate", "Moderate"),
        Band(15, 19, "moderately_severe", "Moderately severe"),
        Band(20, 27, "severe", "Severe"),
    ),
    flag_from={SUICIDE_ITEM: 1},
    loinc_total="44261-6",
    source="CamCOPS phq9.xml; LOINC 44249-1",
    licence=LICENCE,
)
