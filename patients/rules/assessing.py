"""What makes a filled-in questionnaire, and when it can be corrected."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem
from patients.models import Assessment
from patients.scoring.instrument import Instrument, UnknownAnswer
from patients.scoring.registry import INSTRUMENTS, instrument


def find_instrument(code: str, version: str = "") -> Instrument:
    """A questionnaire by name.

    Raises:
        Invalid: there is none (``assessment.instrument``).
    """
    try:
        return instrument(code, version)
    except KeyError:
        known = ", ".join(sorted({code for code, _version in INSTRUMENTS}))
        message = _("There is no such questionnaire. Known are: %(known)s.")
        raise Invalid({"instrument": Problem("assessment.instrument", message, {"known": known})}) from None


def read_answers(answers: Mapping[str, Any], questionnaire: Instrument) -> dict[str, int]:
    """The answers as numbers, with blanks left out; some may be missing, not all.

    Raises:
        Invalid: under ``answers.<item>`` (``assessment.answer``), or no answer at all (``assessment.empty``).
    """
    try:
        read = questionnaire.read_answers(answers)
    except UnknownAnswer as error:
        message = _("This is not an answer to %(item)s.")
        problem = Problem("assessment.answer", message, {"item": error.item})
        raise Invalid({f"answers.{error.item}": problem}) from None
    if not read:
        raise Invalid(
            {"answers": Problem("assessment.empty", _("Nothing was answered. Answer at least one question."))}
        )
    return read


def stated_total(total: int | None, questionnaire: Instrument) -> dict[str, Any]:
    """The columns of a score of which another system has kept the total only: no answer, so nothing is flagged.

    Raises:
        Invalid: no total, or none that the questionnaire can have (``assessment.total``).
    """
    if total is None or not 0 <= total <= questionnaire.highest_total:
        message = _("%(name)s has totals from 0 to %(highest)s.")
        shown = {"name": questionnaire.name, "highest": questionnaire.highest_total}
        raise Invalid({"total": Problem("assessment.total", message, shown)})
    return {
        "instrument_code": questionnaire.code,
        "instrument_version": questionnaire.version,
        "answers": {},
        "total": total,
        "band": questionnaire.band_of(total).code,
    }


def check_can_correct(assessment: Assessment, *, reason: str) -> None:
    """Refuse to correct without a reason, or what has been corrected already.

    Raises:
        Invalid: ``assessment.reason``.
        Conflict: ``assessment.corrected``: correct the correction instead.
    """
    if not reason.strip():
        raise Invalid({"correction_reason": Problem("assessment.reason", _("Say what was wrong."))})
    if assessment.retracted or Assessment.objects.filter(corrects=assessment).exists():
        message = _("This was corrected already. Open the version that stands and correct that.")
        raise Conflict(Problem("assessment.corrected", message))
