"""The languages that texts can be written in, how patients' records name them, and how a day is said in them."""

from datetime import date
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext_lazy as _

from clinic.common.text import fold

ENGLISH = "en"

LANGUAGES: dict[str, Any] = {
    "en": _("English"),
    "es": _("Spanish"),
    "ar": _("Arabic"),
    "de": _("German"),
    "fr": _("French"),
    "it": _("Italian"),
    "ko": _("Korean"),
    "pl": _("Polish"),
    "pt": _("Portuguese"),
    "ru": _("Russian"),
    "vi": _("Vietnamese"),
}

_SAID = {
    "en": "english eng ingles",
    "es": "spanish spa espanol castellano",
    "ar": "arabic ara",
    "de": "german deu ger deutsch aleman",
    "fr": "french fra fre francais frances",
    "it": "italian ita italiano",
    "ko": "korean kor",
    "pl": "polish pol polski",
    "pt": "portuguese por portugues",
    "ru": "russian rus",
    "vi": "vietnamese vie",
}
_CODE_OF = {word: code for code, said in _SAID.items() for word in (code, *said.split())}

_DAY = {"es": r"l j \d\e F", "pt": r"l, j \d\e F", "de": "l, j. F", "en": "l j F"}


def language_of(said: str) -> str:
    """The code of a language as a record names it (``Spanish``, ``Español``, ``es-MX``); "" for an unknown one, and
    English where the record says nothing."""
    words = fold(said).replace("-", " ").replace("_", " ").split()
    if not words:
        return ENGLISH
    return _CODE_OF.get(words[0], "")


def spoken_day(day: date, language: str) -> str:
    """``Tuesday 24 November``, ``martes 24 de noviembre``."""
    with translation.override(language):
        return dateformat.format(day, _DAY.get(language, "l j F"))
