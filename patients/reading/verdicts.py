"""What is said about each row of a file. Reasons are codes with sentences that hold no data of the patient, so that
they can be kept after the data is gone.
"""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Verdict(StrEnum):
    """What will become, or became, of a row."""

    NEW = "new"
    KNOWN_ELSEWHERE = "known_elsewhere"
    ALREADY_HERE = "already_here"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    REFUSED = "refused"


REASONS: dict[str, Any] = {
    "cells": _(
        "The row has more or fewer cells than the header line: a quotation mark or a line break is wrong."
    ),
    "no_name": _("No family name."),
    "no_birth_date": _("No date of birth."),
    "birth_date_unreadable": _(
        "The date of birth cannot be read. Write it as 1980-12-31, with four digits of the year."
    ),
    "birth_date_ambiguous": _("The date of birth can be read in two ways. Say which number is the month."),
    "birth_date_future": _("The date of birth is in the future."),
    "birth_date_too_early": _("The date of birth is more than 125 years ago."),
    "deceased_on_unreadable": _("The date of death cannot be read. Write it as 1980-12-31."),
    "deceased_on_ambiguous": _("The date of death can be read in two ways. Say which number is the month."),
    "deceased_on_future": _("The date of death is in the future."),
    "died_before_born": _("The date of death is before the date of birth."),
    "sex_unknown_word": _("The sex is written in a way that is not known. Use F, M, other or unknown."),
    "record_number_taken": _("The record number belongs to another patient at this site."),
    "identifier_taken": _("The identifier belongs to another patient."),
    "repeated_in_file": _("The same person stands further up in this file."),
    "taken_on_unreadable": _(
        "The date cannot be read. Write it as 2026-01-31, with four digits of the year."
    ),
    "taken_on_ambiguous": _("The date can be read in two ways. Say which number is the month."),
    "no_taken_on": _("No date on which it was filled in."),
    "taken_on_future": _("The date is in the future."),
    "taken_on_before_birth": _("The date is before the patient was born."),
    "taken_on_after_death": _("The date is after the patient's death."),
    "no_patient_named": _("The row names no patient."),
    "no_patient": _(
        "No patient of this site is known like that. Register or import the patient first, then this file again."
    ),
    "several_patients": _(
        "Several patients of this site have this name and date of birth. Use record numbers."
    ),
    "two_patients": _("The record number and the other system's id belong to different patients."),
    "birth_date_differs": _(
        "The patient found has another date of birth than the row. Check whose score it is."
    ),
    "name_differs": _("The patient found has quite another name than the row. Check whose score it is."),
    "sentinel": _(
        "“%(detail)s” holds a code for “not answered”, such as -999. Leave the cell empty: such a code is never added."
    ),
    "answer_range": _("“%(detail)s” holds a number that is no answer to this question."),
    "not_an_answer": _("“%(detail)s” holds something that is neither a number nor an answer of the form."),
    "total_range": _("“%(detail)s” holds more than this questionnaire can have."),
    "total_differs": _("The total of the %(detail)s is not what its answers add up to."),
    "total_twice": _("The total of the %(detail)s stands in two columns."),
    "level_only": _("The level of a suicide screen is not taken without its answers."),
    "instrument_unknown": _("The questionnaire named in the row is not kept here."),
    "no_instrument": _("The row names no questionnaire for its total."),
    "no_score": _("The row holds no answer and no total."),
    "incomplete": _("%(detail)s: questions are unanswered, so it comes in without a total."),
    "score_known": _("%(detail)s: stands in the record already."),
    "score_repeated": _("%(detail)s: the same stands further up in this file."),
    "other_score_that_day": _("%(detail)s: another one with other answers stands on that day."),
    "opens_review": _("%(detail)s: an answer on suicide within the last days, so a review is opened."),
    "old_suicide_answer": _(
        "%(detail)s: an answer on suicide from some time ago; no review is opened. Look at it."
    ),
    "too_long": _("A name or another text is too long to be stored."),
    "email_unreadable": _("The e-mail address cannot be read."),
    "unreadable": _("The row cannot be stored as it is."),
    "same_identifier": _("The other system's id is known here."),
    "same_name_and_birth_date": _("Same name and date of birth."),
    "same_birth_date_and_name_word": _("Same date of birth and a name in common."),
    "same_birth_date_and_phone": _("Same date of birth and telephone number."),
    "same_name_swapped_date": _("Same name; day and month of birth are exchanged."),
}


def sentence(reason: str) -> str:
    """The sentence of a reason's code. After a colon it names a column or a questionnaire, never a value of a cell."""
    code, _colon, detail = reason.partition(":")
    return str(REASONS.get(code, reason)) % {"detail": detail} if detail else str(REASONS.get(code, reason))
