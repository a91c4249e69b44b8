"""What a pass through the contraindications must contain."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from patients.scoring.contraindications import Answer, ScreenList

MAX_NOTE = 500


def check_answers(answers: Mapping[str, Any], screen: ScreenList) -> dict[str, dict[str, str]]:
    """Every question answered with yes, no or unknown, with a note where there is something to say.

    Returns:
        the answers as they are stored.

    Raises:
        Invalid: under ``answers.<question>``.
    """
    problems: dict[str, Problem] = {}
    known = {question.code for question in screen.questions}
    for code in set(answers) - known:
        problems[f"answers.{code}"] = Problem("screen.question", _("There is no such question in this list."))
    stored: dict[str, dict[str, str]] = {}
    for question in screen.questions:
        given = answers.get(question.code) or {}
        answer, note = str(given.get("answer", "")), str(given.get("note", "")).strip()
        if answer not in set(Answer):
            problems[f"answers.{question.code}"] = Problem(
                "screen.answer", _("Answer with yes, no or unknown.")
            )
        elif len(note) > MAX_NOTE:
            message = _("Shorten this note to %(length)s characters.")
            problems[f"answers.{question.code}"] = Problem("screen.note", message, {"length": MAX_NOTE})
        stored[question.code] = {"answer": answer, "note": note}
    if problems:
        raise Invalid(problems)
    return stored
