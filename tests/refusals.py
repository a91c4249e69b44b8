"""Expecting a refusal inside a test's own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from clinic.common.errors import ClinicError


@contextmanager
def refused(error: type[ClinicError], code: str = "") -> Iterator[Any]:
    """The block is refused with this error and code.

    Operations set no savepoint, so a refusal spoils the transaction around it; here that is one of its own.
    """
    with pytest.raises(error) as caught, transaction.atomic():
        yield caught
    if code:
        assert code in {problem.code for problem in caught.value.problems}
