"""How a proposal reads: what gave way for it, and why other moments were not offered."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Problem
from sessions.rules.free_times import Cause, FreeTimes
from sessions.rules.proposing import Declined, Proposal, Spacing, Window, Yielded

YIELDED_WORDS: dict[Yielded, Any] = {
    Yielded.CHAIR: _("Another chair than wished: that one is taken at the wished times."),
    Yielded.TIME: _("Another time than wished: nothing is free at the wished times of the wished days."),
    Yielded.DAY: _("Another day than wished: nothing is free on the wished days of the window."),
}
CAUSE_WORDS: dict[Cause, Any] = {
    Cause.PAST: _("has passed"),
    Cause.TOO_FAR: _("is more than a year ahead"),
    Cause.CLOSED: _("closed: %(word)s"),
    Cause.OUTSIDE_HOURS: _("outside the opening hours"),
    Cause.PATIENT: _("the patient has another booking"),
    Cause.NO_CHAIR: _("every chair is taken"),
    Cause.CHAIR_TAKEN: _("%(word)s is taken"),
    Cause.NURSES: _("the nurses have as many patients as they may"),
    Cause.TOO_NEAR: _("too near to another infusion: at least %(least)s days between them"),
    Cause.LATE: _("after the latest day of the window"),
}


def note_of(proposal: Proposal) -> Problem | None:
    """What gave way, if anything did."""
    window = proposal.window
    if proposal.yielded is Yielded.NOTHING:
        return None
    if proposal.yielded is Yielded.ALL:
        message = _("Nothing is free from %(from)s on. Widen the wishes, or choose a time by hand.")
        return Problem("proposal.none", message, {"from": day_word(window.earliest)})
    if proposal.yielded is not Yielded.WINDOW:
        return Problem(f"proposal.{proposal.yielded.value}", YIELDED_WORDS[proposal.yielded])
    if window.latest is None:
        message = _("Later than aimed at: nothing is free until %(day)s. This is the first time after it.")
        return Problem("proposal.window", message, {"day": day_word(window.reach)})
    message = _("Nothing is free until %(day)s, the latest day. This is the first time after it.")
    return Problem("proposal.window", message, {"day": day_word(window.latest)})


def late_problem(window: Window) -> Problem:
    """That a day lies beyond the window: a warning, since nothing forbids it."""
    message = _("Late: at the latest %(latest)s, counted from %(after)s.")
    params = {
        "latest": day_word(window.latest) if window.latest else "",
        "after": day_word(window.after) if window.after else "",
    }
    return Problem(Cause.LATE.value, message, params)


def reason_of(declined: Declined, spacing: Spacing) -> Problem:
    """One line of why: the cause alone; its day and times stand beside it."""
    params = {"word": declined.word, "least": spacing.least}
    return Problem(declined.cause.value, CAUSE_WORDS[declined.cause], params)


def times_of(declined: Declined, known: FreeTimes) -> str:
    """``09:00``, ``09:00–10:45``, or nothing where the whole day is meant."""
    if declined.first is None or declined.last is None:
        return ""
    first, last = (f"{known.local(at):%H:%M}" for at in (declined.first, declined.last))
    return first if first == last else f"{first}–{last}"


def day_word(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
