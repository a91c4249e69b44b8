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
    """The sentence of a reason's code."""
    return str(REASONS.get(reason, reason))
