"""What depends on nothing but the values it is made of, and so is worked out once for each of them.

A long course is opened again and again between two changes of it, and most of its page is made of what cannot change
any more. Nothing here is ever told that something is out of date: another value is another key. What is kept lives in
the process that made it and goes when there is too much of it.

Whatever is used as a key has to be a value: hashable, equal only where it reads the same. Rows of the database are
none, for two of them are equal by their key alone.
"""

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import lru_cache, wraps
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db.models import Model
from django.template import Context, loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from clinic.common import clock

MOST_TEXTS = 1024
"""From a line of a board to a table of some tens of kilobytes."""

P = ParamSpec("P")
R = TypeVar("R")

_clearing: list[Callable[[], None]] = []


def forget() -> None:
    """Let go of everything that this process keeps: for a measure of what it takes to make."""
    for clear in _clearing:
        clear()


def kept(size: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Remember the answers of a pure function by its arguments and the language. Answers are shared: never change one.

    Example: ``@kept(64)``
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @lru_cache(maxsize=size)
        def answered(_language: str | None, *args: P.args, **named: P.kwargs) -> R:
            return function(*args, **named)

        _clearing.append(answered.cache_clear)

        @wraps(function)
        def answer(*args: P.args, **named: P.kwargs) -> R:
            return answered(get_language(), *args, **named)  # type: ignore[arg-type]

        return answer

    return decorate


class Shelf(Generic[R]):
    """As :func:`kept`, for what has to be read before it can be made: look first, read for those that are missing."""

    def __init__(self, size: int) -> None:
        # The least recently used place goes; what stands in a place is put there later.
        self._place = lru_cache(maxsize=size)(self._empty)
        _clearing.append(self._place.cache_clear)

    def _empty(self, _key: Hashable) -> list[R]:
        return []

    def get(self, key: Hashable) -> R | None:
        """What was put under this key in this language; None: nothing yet."""
        return next(iter(self._place((get_language(), key))), None)

    def put(self, key: Hashable, value: R) -> R:
        """Keep it, and give it back."""
        self._place((get_language(), key))[:] = [value]
        return value


def kept_text(template: str, **shown: Hashable) -> SafeString:
    """A template written out for some values, and for nothing else: it sees neither the request nor its page.

    Beside its values it may depend on the language and the year, which filters of ours leave out where it is this one.
    While templates are being written (``DEBUG``) nothing is kept.

    Raises:
        TypeError: one of the values is a row of the database, or cannot be a key.
    """
    write = _written.__wrapped__ if settings.DEBUG else _written
    return write(template, get_language(), clock.now().year, tuple(shown.items()))


@lru_cache(maxsize=MOST_TEXTS)
def _written(
    template: str, _language: str | None, _year: int, shown: tuple[tuple[str, Hashable], ...]
) -> SafeString:
    for name, value in shown:
        if row := _row_in(value):
            raise TypeError(f"{name} of {template} holds {row!r}: a row may read otherwise the next time")
    found: Any = loader.get_template(template)
    text: SafeString = found.template.render(Context(dict(shown)))
    return text


_clearing.append(_written.cache_clear)


def _row_in(value: Any) -> Model | None:
    """A row of the database somewhere in a value."""
    if isinstance(value, Model):
        return value
    if is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, tuple | frozenset):
        parts = list(value)
    else:
        return None
    return next((row for part in parts if (row := _row_in(part))), None)
