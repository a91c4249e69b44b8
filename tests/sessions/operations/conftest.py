"""The clinic that most operations are tried in. A module that needs another one makes its own."""

import pytest

from tests.sessions.scenes import Clinic, make_clinic


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()
