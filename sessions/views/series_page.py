"""The rows of a series on their page: as they were proposed, as they were typed, or as a button has changed them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import ClinicError, Conflict, Problem
from clinic.facilities.models import Chair
from sessions.forms.series import MOST_ROWS, RowForm, SeriesForm, WishesForm
from sessions.models import Course, InfusionSession
from sessions.reports.free_times import CourseTimes, course_times
from sessions.reports.series_rows import (
    Line,
    lines,
    proposal_between,
    proposals,
    wishes_to_begin_with,
)
from sessions.rules.proposing import Proposal
from sessions.rules.slot_check import Chosen
from sessions.rules.wishes import OPEN, read
from sessions.views.booking import chairs_of

BOOK, ADD = "book", "add"
FIELDS = ("day", "starts_at", "fold", "chair", "session", "revision")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row: its fields, what is said of them, and the session that it moves.

    Attributes:
        refused: why the operation has refused it, beyond what the line says already.
        stays: whether it is the time and the chair that the session has.
    """

    place: int
    form: RowForm
    line: Line
    session: InfusionSession | None
    refused: tuple[str, ...] = ()
    stays: bool = False


class SeriesPage:
    """One request's series.

    Args:
        sessions: those that may be moved, in order; None: new ones are booked.
        wishes_form: what was typed about the wishes and could not be kept; the series is then proposed as before.
    """

    def __init__(
        self,
        request: StaffRequest,
        course: Course,
        *,
        now: datetime,
        sessions: Sequence[InfusionSession] | None = None,
        wishes_form: WishesForm | None = None,
    ) -> None:
        self.request, self.course = request, course
        self.chairs: list[Chair] = chairs_of(request, course)
        self._moves_some = sessions is not None
        self._sessions = {str(session.public_id): session for session in sessions or ()}
        is_sent = request.method == "POST" and wishes_form is None
        sent_rows = _sent_rows(request.POST) if is_sent else []
        in_rows = [row["session"] for row in sent_rows] if is_sent else list(self._sessions)
        moved = [session for key, session in self._sessions.items() if key in in_rows]
        self.times: CourseTimes = course_times(course, now=now, besides=moved)
        kept = wishes_to_begin_with(course, self.times)
        self.wishes = read(kept, self.chairs)
        self.wishes_form = wishes_form or WishesForm(
            chairs=self.chairs, spacing=self.times.spacing, initial=kept | {"revision": course.revision}
        )
        self.do = request.POST.get("do", "") if is_sent else ""
        self.form = self._changed(sent_rows) if is_sent else self._proposed(moved)

    def _proposed(self, moved: Sequence[InfusionSession]) -> SeriesForm:
        """The whole series as the wishes would have it."""
        number = len(moved) if self._moves_some else min(self.times.to_book, MOST_ROWS)
        found = proposals(self.times, self.wishes, number=number)
        values = [self._values(proposal) for proposal in found]
        rows = (
            [row | _named(session) for row, session in zip(values, moved, strict=True)] if moved else values
        )
        return self._form_of(rows)

    def _changed(self, rows: list[dict[str, Any]]) -> SeriesForm:
        """The rows that were sent, after what the button asks for."""
        verb, _dash, place = self.do.partition("-")
        index = int(place) if place.isdecimal() and int(place) < len(rows) else None
        if verb == "remove" and index is not None:
            del rows[index]
        elif verb == "again" and index is not None:
            found = proposal_between(self.times, self.wishes, self._chosen(self._form_of(rows)), index)
            rows[index] |= self._values(found)
        elif verb == "follow" and index is not None:
            self._follow(rows, index + 1)
        elif verb == ADD and not self._moves_some and len(rows) < self.times.to_book:
            rows.append({})
            self._follow(rows, len(rows) - 1)
        return self._form_of(rows, is_final=self.do == BOOK)

    def _follow(self, rows: list[dict[str, Any]], first: int) -> None:
        """Propose every row from ``first`` on anew, after those before it as they stand."""
        kept = self._chosen(self._form_of(rows[:first]))
        found = proposals(self.times, self.wishes, number=len(rows) - first, kept=kept)
        for row, proposal in zip(rows[first:], found, strict=True):
            row |= self._values(proposal)

    def _form_of(self, rows: Sequence[Values], *, is_final: bool = False) -> SeriesForm:
        data = {f"row-{n}-{name}": row.get(name, "") for n, row in enumerate(rows) for name in FIELDS}
        typed = {name: self.request.POST.get(name, "") for name in ("reason", "override_reason")}
        return SeriesForm(
            data | typed,
            zone=self.course.site.time_zone,
            chairs=self.chairs,
            needs_reason=is_final and self._moves_some,
        )

    def _values(self, proposal: Proposal) -> dict[str, Any]:
        """A proposal as the fields of a row; empty where nothing is free."""
        by_key = {chair.pk: str(chair.public_id) for chair in self.chairs}
        if proposal.starts_at is None:
            return {"day": "", "starts_at": "", "fold": "", "chair": by_key.get(self.wishes.chair or 0, OPEN)}
        chair = OPEN if proposal.chair is None else by_key[proposal.chair]
        return self._wall(proposal.starts_at) | {"chair": chair}

    def _wall(self, start: datetime) -> dict[str, str]:
        local = self.times.known.local(start)
        fold = clock.fold_of(start, self.course.site.time_zone)
        return {
            "day": f"{local:%Y-%m-%d}",
            "starts_at": f"{local:%H:%M}",
            "fold": "" if fold is None else str(fold),
        }

    def _chosen(self, form: SeriesForm) -> list[Chosen | None]:
        found: list[Chosen | None] = []
        for row in form.rows:
            start = row.instant
            chair = form.chair_of(row) if start else None
            found.append(Chosen(start, chair.pk if chair else None) if start else None)
        return found

    def slots(self) -> list[tuple[datetime, Chair | None]]:
        """The times and chairs of a form that is valid."""
        return [(row.instant, self.form.chair_of(row)) for row in self.form.rows if row.instant]

    def moves(self) -> list[tuple[InfusionSession, int, datetime, Chair | None]]:
        """The rows of a valid form whose session does not stay where it is.

        Raises:
            Conflict: a session is not scheduled any more, or none would be moved.
        """
        found = []
        for row, (start, chair) in zip(self.form.rows, self.slots(), strict=True):
            session = self._session_of(row)
            if session is None:
                message = _("One of these sessions is not scheduled any more. Open this page again.")
                raise Conflict(Problem("session.status", message))
            if not _stays(session, start, chair):
                found.append((session, row.cleaned_data["revision"] or 0, start, chair))
        if not found:
            message = _("Every session stays where it is. Change a day, a time or a chair first.")
            raise Conflict(Problem("series.unchanged", message))
        return found

    def _session_of(self, row: RowForm) -> InfusionSession | None:
        return self._sessions.get(str(row["session"].value() or ""))

    def context(self) -> dict[str, Any]:
        """What the templates show."""
        rows = list(self._rows())
        refusal = getattr(self.form, "refusal", None)
        in_the_way = [row for row in rows if row.line.problems or row.line.until is None or row.refused]
        actor, site = self.request.actor, self.course.site
        return {
            "course": self.course,
            "site": site,
            "form": self.form,
            "wishes_form": self.wishes_form,
            "rows": rows,
            "refusal": refusal,
            "refused": self._refused_whole(refusal),
            "is_sent": bool(self.do),
            "is_final": self.do == BOOK,
            "moves_some": self._moves_some,
            "to_book": self.times.to_book,
            "may_add": not self._moves_some and len(rows) < self.times.to_book,
            "spacing": self.times.spacing,
            "in_the_way": len(in_the_way),
            "may_override": bool(in_the_way)
            and all(row.line.can_be_overridden for row in in_the_way)
            and actor.can(Permission.OVERBOOK, site.pk),
        }

    def _rows(self) -> Iterator[PageRow]:
        chosen = self._chosen(self.form)
        said = lines(self.times, self.wishes, chosen)
        for place, (row, line, slot) in enumerate(zip(self.form.rows, said, chosen, strict=True)):
            session = self._session_of(row)
            chair = self.form.chair_of(row) if slot else None
            stays = session is not None and slot is not None and _stays(session, slot.starts_at, chair)
            yield PageRow(place, row, line, session, self._refused(line, slot), stays)

    def _refused(self, line: Line, slot: Chosen | None) -> tuple[str, ...]:
        """What the operation said of this row's moment, where the row does not say so itself."""
        refusal = getattr(self.form, "refusal", None)
        if refusal is None or slot is None:
            return ()
        local = self.times.known.local(slot.starts_at)
        own, known = _moment(local), {problem.code for problem in line.problems}
        found = [problem for problem in refusal.problems if problem.params.get("day") == own]
        return tuple(str(problem.params["sentence"]) for problem in found if problem.code not in known)

    def _refused_whole(self, refusal: ClinicError | None) -> list[str]:
        """What the operation said that belongs to no row."""
        if refusal is None:
            return []
        moments = {_moment(self.times.known.local(start)) for start, _chair in self.slots()}
        return [str(problem) for problem in refusal.problems if problem.params.get("day") not in moments]


def _sent_rows(sent: Any) -> list[dict[str, Any]]:
    numbers = [n for n in range(MOST_ROWS) if f"row-{n}-day" in sent]
    return [{name: sent.get(f"row-{n}-{name}", "") for name in FIELDS} for n in numbers]


def _named(session: InfusionSession) -> dict[str, Any]:
    return {"session": str(session.public_id), "revision": str(session.revision)}


def _stays(session: InfusionSession, start: datetime, chair: Chair | None) -> bool:
    now = None if session.booking.is_chair_provisional else session.booking.chair_id
    return (session.scheduled_start, now) == (start, chair.pk if chair else None)


def _moment(local: datetime) -> str:
    # As the operation names the row of which a sentence speaks.
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
