"""The closing list leads to what it counts."""

import pytest
import time_machine
from django.urls import reverse

from sessions.states import Status
from tests.pages import Pages, text_of
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("signed", [True, False])
def test_charts_to_sign_are_one_tap_away(signed):
    clinic = make_clinic()
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=signed)
    with time_machine.travel(NOON, tick=False):
        nurse = Pages(clinic.nurse)
        page = nurse.get(reverse("sessions:day-lists")).content.decode()
        link = f'href="{reverse("sessions:today")}#done"'
        assert (link in page) == (not signed)
        board = nurse.get(reverse("sessions:today"))
    assert 'id="done"' in board.content.decode()
    assert ("unsigned" in text_of(board).split(session.patient.short_name)[1]) == (not signed)
