"""Is a course helping? Response, remission, worsening and relapse by one questionnaire, each with its reasons. Pure.

A verdict is never guessed: without a baseline, or with one of nought, a change is undefined, which is not the same as
"no". A rating whose questions reach back before the first infusion speaks partly of the time before treatment: what
rests on it is provisional.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sessions.rules.outcome_definitions import Concept, OutcomeDefinition, definition

BASELINE_WITHIN_DAYS = 14
"""The baseline is the last total before the first infusion, at most so long before it (version 1 of the rule)."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One total of one questionnaire on a day."""

    day: date
    total: int
    id: object = None


class State(StrEnum):
    """What can be said."""

    MET = "met"
    NOT_MET = "not_met"
    PROVISIONAL = "provisional"
    UNDEFINED = "undefined"


class Because(StrEnum):
    """Why nothing can be said, or only provisionally."""

    NO_BASELINE = "no_baseline"
    BASELINE_ZERO = "baseline_zero"
    NO_RATING = "no_rating"
    REACHES_BACK = "reaches_back"
    NO_RESPONSE = "no_response"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One definition applied to one course.

    Attributes:
        rating: the one on which it rests: the first that meets it, else the latest.
        since_infusion: after how many infusions it was first met.
        percent: the rating's change from the baseline.
    """

    definition: OutcomeDefinition
    state: State
    baseline: Rating | None = None
    rating: Rating | None = None
    because: Because | None = None
    since_infusion: int | None = None

    @property
    def percent(self) -> int | None:
        if not (self.baseline and self.rating and self.baseline.total):
            return None
        return round(100 * (self.rating.total - self.baseline.total) / self.baseline.total)

    @property
    def days(self) -> int | None:
        """Days from the baseline to the rating."""
        return (self.rating.day - self.baseline.day).days if self.rating and self.baseline else None


@dataclass(frozen=True, slots=True)
class Durability:
    """How long a response lasted.

    Attributes:
        days: from the rating that showed it to the relapse, or to the last rating.
        relapsed: False: it still held at the last rating (censored there).
    """

    since: date
    until: date
    relapsed: bool

    @property
    def days(self) -> int:
        return (self.until - self.since).days


def baseline_of(
    ratings: Sequence[Rating], infusions: Sequence[date], *, within_days: int = BASELINE_WITHIN_DAYS
) -> Rating | None:
    """The last rating before the first infusion or on its day, at most ``within_days`` before it.

    A rating of the first infusion's day counts as before it: it is asked for at the check.
    """
    if not infusions:
        return None
    first = min(infusions)
    earliest = first - timedelta(days=within_days)
    before = [rating for rating in ratings if earliest <= rating.day <= first]
    return max(before, key=lambda rating: rating.day, default=None)


def judge(
    definition: OutcomeDefinition,
    *,
    baseline: Rating | None,
    ratings: Sequence[Rating],
    infusions: Sequence[date],
    recall_days: int,
) -> Verdict:
    """Apply one definition to the ratings after the first infusion, in the order of their days."""
    after = _after(ratings, infusions)
    if baseline is None:
        return Verdict(definition, State.UNDEFINED, because=Because.NO_BASELINE)
    if not after:
        return Verdict(definition, State.UNDEFINED, baseline, because=Because.NO_RATING)
    met = [definition.is_met_by(rating.total, baseline.total) for rating in after]
    if None in met:
        return Verdict(definition, State.UNDEFINED, baseline, after[-1], Because.BASELINE_ZERO)
    place = _first_run(met, definition.consecutive)
    if place is None:
        return Verdict(definition, State.NOT_MET, baseline, after[-1])
    rating = after[place]
    given = sum(day < rating.day for day in infusions)
    if reaches_back(rating, infusions, recall_days=recall_days):
        return Verdict(
            definition, State.PROVISIONAL, baseline, rating, Because.REACHES_BACK, since_infusion=given
        )
    return Verdict(definition, State.MET, baseline, rating, since_infusion=given)


def judge_latest(
    definition: OutcomeDefinition,
    *,
    baseline: Rating | None,
    ratings: Sequence[Rating],
    infusions: Sequence[date],
    recall_days: int,
) -> Verdict:
    """As :func:`judge`, but of the latest rating alone: how it stands now."""
    after = _after(ratings, infusions)
    return judge(
        definition, baseline=baseline, ratings=after[-1:], infusions=infusions, recall_days=recall_days
    )


def _after(ratings: Sequence[Rating], infusions: Sequence[date]) -> list[Rating]:
    if not infusions:
        return []
    first = min(infusions)
    return sorted((rating for rating in ratings if rating.day > first), key=lambda rating: rating.day)


def _first_run(met: Sequence[bool | None], length: int) -> int | None:
    """Where the first run of so many begins."""
    for place in range(len(met) - length + 1):
        if all(met[place : place + length]):
            return place
    return None


def reaches_back(rating: Rating, infusions: Sequence[date], *, recall_days: int) -> bool:
    """Whether the days that a rating asks about begin before the first infusion."""
    return bool(infusions) and rating.day - timedelta(days=recall_days) < min(infusions)


def durability(
    definitions: Sequence[OutcomeDefinition],
    *,
    baseline: Rating | None,
    ratings: Sequence[Rating],
    infusions: Sequence[date],
    recall_days: int,
) -> Durability | None:
    """How long the first response lasted; None without one, or where relapse is not defined."""
    response, relapse = definition(Concept.RESPONSE, definitions), definition(Concept.RELAPSE, definitions)
    if response is None or relapse is None or baseline is None:
        return None
    told = {"baseline": baseline, "infusions": infusions, "recall_days": recall_days}
    reached = judge(response, ratings=ratings, **told)  # type: ignore[arg-type]
    if reached.rating is None or reached.state not in {State.MET, State.PROVISIONAL}:
        return None
    since = reached.rating.day
    later = [rating for rating in _after(ratings, infusions) if rating.day > since]
    lost = [relapse.is_met_by(rating.total, baseline.total) for rating in later]
    place = _first_run(lost, relapse.consecutive)
    if place is not None:
        return Durability(since, later[place].day, relapsed=True)
    return Durability(since, later[-1].day if later else since, relapsed=False)


@dataclass(frozen=True, slots=True)
class TimeToResponse:
    """From the first infusion to the first rating that shows a response, or as long as was watched.

    Attributes:
        days: to that rating, or to the last one (censored there).
        infusions: given before that rating.
        reached: False: no response up to the last rating.
        is_provisional: the rating's questions reach back before the first infusion.
    """

    days: int
    infusions: int
    reached: bool
    is_provisional: bool = False


def time_to_response(
    definitions: Sequence[OutcomeDefinition],
    *,
    baseline: Rating | None,
    ratings: Sequence[Rating],
    infusions: Sequence[date],
    recall_days: int,
    since: date | None = None,
) -> TimeToResponse | None:
    """None where nothing can be said: no definition of a response, no baseline, one of nought, or no later rating.

    Args:
        since: the day from which is counted; by default that of the first infusion.
    """
    response = definition(Concept.RESPONSE, definitions)
    if response is None:
        return None
    verdict = judge(
        response, baseline=baseline, ratings=ratings, infusions=infusions, recall_days=recall_days
    )
    if verdict.state is State.UNDEFINED or verdict.rating is None:
        return None
    start, day = since or min(infusions), verdict.rating.day
    return TimeToResponse(
        days=(day - start).days,
        infusions=sum(start <= one < day for one in infusions),
        reached=verdict.state is not State.NOT_MET,
        is_provisional=verdict.state is State.PROVISIONAL,
    )
