"""A clinic made once for a module: most tests here only ask it something, or write one row that is rolled back.

It is always noon there, so that no test meets a midnight.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from tests.patients.api.client import Api
from tests.sessions.scenes import NOON, Clinic, make_clinic


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Clinic]:
    """The clinic of the whole module; what the module writes is rolled back after its last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_clinic(now=NOON)
        transaction.set_rollback(True)


@pytest.fixture
def clinic(scene: Clinic, db: None) -> Iterator[Clinic]:
    """The clinic for one test; what the test writes is rolled back after it."""
    with time_machine.travel(NOON):
        yield scene


@pytest.fixture
def nurse(clinic: Clinic) -> Api:
    return Api(clinic.nurse)


@pytest.fixture
def desk(clinic: Clinic) -> Api:
    return Api(clinic.desk)


@pytest.fixture
def prescriber(clinic: Clinic) -> Api:
    return Api(clinic.prescriber)
