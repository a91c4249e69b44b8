"""Questionnaires of the demo: item answers that add up to a wanted total."""

import random

ITEMS = {"phq9": 9, "gad7": 7}


def answers(instrument: str, total: int, chance: random.Random) -> dict[str, int]:
    """Item answers, 0 to 3 each, with the wanted sum; the last PHQ-9 item stays low and falls first."""
    count = ITEMS[instrument]
    values = [0] * count
    open_items = list(range(count - 1 if instrument == "phq9" else count))
    for _point in range(min(total, 3 * len(open_items))):
        item = chance.choice([index for index in open_items if values[index] < 3])
        values[item] += 1
    if instrument == "phq9" and total >= 17 and chance.random() < 0.5:
        donor = max(range(count - 1), key=lambda index: values[index])
        values[donor] -= 1
        values[-1] = 1
    return {f"{instrument}_{number}": value for number, value in enumerate(values, start=1)}


def course_of_totals(baseline: int, infusions: int, responds: float, chance: random.Random) -> list[int]:
    """Totals before infusion 1 and after each infusion; ``responds`` is the share lost by the end."""
    totals = [baseline]
    for number in range(1, infusions + 1):
        fall = responds * (1 - 0.55**number) / (1 - 0.55**infusions)
        totals.append(max(0, round(baseline * (1 - fall) + chance.uniform(-1.4, 1.4))))
    return totals
