"""The clinic that most pages are shown in: it stays noon there. A module that needs another one makes its own."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.sessions.scenes import NOON, Clinic, make_clinic


@pytest.fixture
def clinic(db: None) -> Iterator[Clinic]:
    with time_machine.travel(NOON, tick=False):
        yield make_clinic()
