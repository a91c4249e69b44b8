import pytest

from sessions.states import Status
from tests.sessions.scenes import NOON, session_at


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_every_state_is_reached_through_the_operations(status: Status) -> None:
    assert session_at(status, now=NOON).state is status
