"""How many nurses are there for how many patients, hour by hour?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic.facilities.rules.duty import Duty, on_duty, steps
from clinic.facilities.rules.opening import Range
from sessions.reports.axis import Axis, Span


@dataclass(frozen=True, slots=True)
class Staffing:
    """An hour of the axis: the fewest nurses on duty in it, and the most patients that need one.

    Example: ``Staffing(span, 2, 5, True, ("D. Ramos", "A. Boateng"))``: five for two are too many.
    """

    span: Span
    nurses: int
    patients: int
    is_short: bool
    names: tuple[str, ...]


def staffing(
    axis: Axis, *, known: Sequence[Duty], nursed: Sequence[Range], names: Mapping[int, str], most: int
) -> Iterable[Staffing]:
    """Every hour of a day; none where no roster is kept.

    Args:
        nursed: when somebody needs a nurse.
        most: patients for each nurse; 0: the site does not check.
    """
    if not known:
        return
    for start, end in axis.hours:
        # What is true of the hour's worst moment is what a planner must know.
        moments = [
            (len(on_duty(known, at)), sum(begins <= at < until for begins, until in nursed))
            for at, _until in steps(known, nursed, start, end)
        ]
        here = sorted({duty.user_id for duty in known if duty.starts_at < end and duty.ends_at > start})
        yield Staffing(
            span=axis.span(start, end),
            nurses=min(nurses for nurses, _ in moments),
            patients=max(patients for _, patients in moments),
            is_short=bool(most) and any(patients > nurses * most for nurses, patients in moments),
            names=tuple(names[pk] for pk in here),
        )
