"""What becomes of each row of a file of past scores: decided when it is previewed, and again when it is taken in.

A row is taken in whole or not at all. It is recognised by patient, questionnaire, day and answers, whether it came by
an earlier file or was typed here, and also where it has been corrected or retracted since: the same file again creates
nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from patients.models import Assessment, ImportBatch, ImportRow, Patient
from patients.reading.dates import DateOrder
from patients.reading.verdicts import Verdict
from patients.rules.finding import People
from patients.rules.importing import no_system, unknown_columns
from patients.rules.score_columns import FIELDS, PATIENT_FIELDS
from patients.rules.score_rows import Score, ScoreRow, read_scores

DATE_FIELDS = ("birth_date", "taken_on")
REVIEW_DAYS = 7
"""An imported answer on suicide opens a review when it was given at most so many days before the import.

A convention of this software (docs/decisions/0018): about such an answer somebody may still have to act today; an
older one is history that the other house has had to answer for, and hundreds of reviews due within the hour would hide
the one that matters. Older ones are listed in the result of the import.
"""

Content = tuple[tuple[tuple[str, int], ...], int | None]
Place = tuple[int, str, date]


@dataclass(slots=True)
class JudgedScores:
    """A row with its verdict.

    Attributes:
        patient: whose scores they are; None where nobody was found.
        wanted: the scores that the record does not hold yet.
    """

    row: ImportRow
    read: ScoreRow
    verdict: Verdict
    reasons: list[str]
    patient: Patient | None = None
    wanted: list[Score] = field(default_factory=list)


class ScoreJudge:
    """Judges the rows of a batch in their order, and remembers those that it has let in.

    Args:
        holds: keep the patients locked, so that another file cannot bring in the same scores meanwhile.
    """

    def __init__(self, batch: ImportBatch, *, now: datetime, holds: bool = False) -> None:
        self.batch = batch
        self.today = clock.local_date(now, batch.site.time_zone)
        self.order = DateOrder(batch.date_order) if batch.date_order else None
        self.holds = holds
        self._let_in: defaultdict[Place, list[Content]] = defaultdict(list)

    def judge(self, rows: Sequence[ImportRow]) -> list[JudgedScores]:
        """Verdicts of one chunk; the number of queries does not depend on its length."""
        batch = self.batch
        read = [
            read_scores(
                row.cells,
                columns=batch.columns,
                mapping=batch.mapping,
                order=self.order,
                taken_on=batch.taken_on,
            )
            for row in rows
        ]
        people = People(batch, [one for one in read if not one.reasons])
        judged = [self._found(row, one, people) for row, one in zip(rows, read, strict=True)]
        found = [one for one in judged if one.verdict is Verdict.NEW]
        known = _Recorded(found, zone=batch.site.time_zone, holds=self.holds)
        for one in found:
            self._compare(one, known)
        return judged

    def _found(self, row: ImportRow, read: ScoreRow, people: People) -> JudgedScores:
        """The row with its patient, refused where it cannot be about anybody or cannot have happened."""
        if read.reasons:
            return JudgedScores(row, read, Verdict.REFUSED, read.reasons)
        patient, reason = people.find(read)
        if patient is not None and read.day is not None:
            reason = self._impossible(patient, read.day)
        if reason:
            return JudgedScores(row, read, Verdict.REFUSED, [reason])
        return JudgedScores(row, read, Verdict.NEW, [], patient, list(read.scores))

    def _impossible(self, patient: Patient, day: date) -> str:
        if day > self.today:
            return "taken_on_future"
        if day < patient.birth_date:
            return "taken_on_before_birth"
        return "taken_on_after_death" if patient.deceased_on and day > patient.deceased_on else ""

    def _compare(self, one: JudgedScores, known: "_Recorded") -> None:
        """Leave out what the record, or the file further up, holds already; the verdict says what is left."""
        places = {score.questionnaire.code: self._place(one, score) for score in one.read.scores}
        one.wanted, differs = [], False
        for score in one.read.scores:
            place, content, name = (
                places[score.questionnaire.code],
                content_of(score),
                score.questionnaire.name,
            )
            if known.has(place, content):
                one.reasons.append(f"score_known:{name}")
            elif _among(content, self._let_in[place]):
                one.reasons.append(f"score_repeated:{name}")
            else:
                one.wanted.append(score)
                if known.stands(place) or self._let_in[place]:
                    one.reasons.append(f"other_score_that_day:{name}")
                    differs = True
        if not one.wanted:
            one.verdict = Verdict.ALREADY_HERE
            return
        one.verdict = Verdict.POSSIBLE_DUPLICATE if differs else Verdict.NEW
        one.reasons += [*one.read.remarks, *self._about_suicide(one)]
        if not differs or one.row.is_chosen:
            for score in one.wanted:
                self._let_in[places[score.questionnaire.code]].append(content_of(score))

    def _about_suicide(self, one: JudgedScores) -> Iterable[str]:
        for score in one.wanted:
            if score.questionnaire.score(score.answers).flags and one.read.day:
                recent = is_recent(one.read.day, today=self.today)
                yield f"{'opens_review' if recent else 'old_suicide_answer'}:{score.questionnaire.name}"

    @staticmethod
    def _place(one: JudgedScores, score: Score) -> Place:
        if one.patient is None or one.read.day is None:
            raise AssertionError("a row that is compared has a patient and a day")
        return one.patient.pk, score.questionnaire.code, one.read.day


class _Recorded:
    """What the record holds of the patients of one chunk on its days; read in one query."""

    def __init__(self, judged: Sequence[JudgedScores], *, zone: str, holds: bool) -> None:
        self._contents: defaultdict[Place, list[Content]] = defaultdict(list)
        self._standing: set[Place] = set()
        patients = sorted({one.patient.pk for one in judged if one.patient})
        days = [one.read.day for one in judged if one.read.day]
        if not patients:
            return
        if holds:
            list(Patient.objects.locked().filter(pk__in=patients).order_by("pk").values_list("pk"))
        begin, end = clock.day_range(min(days), zone)[0], clock.day_range(max(days), zone)[1]
        rows = Assessment.objects.filter(patient__in=patients, taken_at__gte=begin, taken_at__lt=end)
        standing = set(rows.current().values_list("pk", flat=True))
        for row in rows.filter(retracted=False):
            place = row.patient_id, row.instrument_code, clock.local_date(row.taken_at, zone)
            self._contents[place].append((tuple(sorted(row.answers.items())), row.total))
            if row.pk in standing:
                self._standing.add(place)

    def has(self, place: Place, content: Content) -> bool:
        return _among(content, self._contents[place])

    def stands(self, place: Place) -> bool:
        return place in self._standing


def content_of(score: Score) -> Content:
    """By what a score is recognised: its answers and its total."""
    return tuple(sorted(score.answers.items())), score.total


def _among(content: Content, known: Sequence[Content]) -> bool:
    """A total without answers is also known where answers that add up to it stand."""
    answers, total = content
    return any(content == other or (not answers and total == other[1]) for other in known)


def is_recent(day: date, *, today: date) -> bool:
    """Whether somebody may still have to act on an answer of that day (:data:`REVIEW_DAYS`)."""
    return today - day <= timedelta(days=REVIEW_DAYS)


def taken_at(day: date, *, zone: str, now: datetime) -> datetime:
    """Noon of a day at the site, and never later than now: files give days, and noon is in both nights' clocks."""
    return min(datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC), now)


def check_mapping(
    batch: ImportBatch, *, mapping: Mapping[str, str], system: str, taken_on: date | None, now: datetime
) -> None:
    """Refuse a mapping that cannot make scores.

    Raises:
        Invalid: by field of the mapping, or ``system`` and ``taken_on``.
    """
    problems = unknown_columns(batch, mapping, FIELDS)
    if not system.strip():
        problems["system"] = no_system()
    problems |= _patient_missing(mapping) | _day_missing(mapping, taken_on)
    if taken_on and taken_on > clock.local_date(now, batch.site.time_zone):
        problems["taken_on"] = Problem("import.future_day", _("This day is in the future. Check it."))
    if ("instrument" in mapping) != ("total" in mapping):
        message = _(
            "The name of a questionnaire and its total belong together: choose both columns or neither."
        )
        problems["total"] = Problem("import.half_named", message)
    if not set(mapping) - set(PATIENT_FIELDS) - {"taken_on", "instrument"}:
        message = _("Choose at least one column that holds answers or a total.")
        problems.setdefault("total", Problem("import.no_score_column", message))
    if problems:
        raise Invalid(problems)


def _patient_missing(mapping: Mapping[str, str]) -> dict[str, Problem]:
    named = "birth_date" in mapping and {"family_name", "full_name"} & set(mapping)
    if named or {"record_number", "source_id"} & set(mapping):
        return {}
    message = _(
        "Choose the column that says whose scores they are: a record number, or the name and date of birth."
    )
    return {"record_number": Problem("import.no_patient_column", message)}


def _day_missing(mapping: Mapping[str, str], taken_on: date | None) -> dict[str, Problem]:
    if taken_on and "taken_on" in mapping:
        message = _(
            "A column holds the date already. Leave the one date for all rows empty, or leave the column out."
        )
        return {"taken_on": Problem("import.two_days", message)}
    if not taken_on and "taken_on" not in mapping:
        message = _("Choose the column that holds the date, or give one date for all rows.")
        return {"taken_on": Problem("import.no_day_column", message)}
    return {}
