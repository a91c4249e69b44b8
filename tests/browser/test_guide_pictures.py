"""The pictures of the nurse's guide, taken from the pages themselves; CLINIC_WRITE_PICTURES=1 puts them into docs/."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.operations import monitoring
from sessions.states import Status
from tests.browser.test_story import noon_zone
from tests.house.source import ROOT
from tests.sessions.scenes import NORMAL, Clinic, make_clinic, make_course, make_patient, session_at

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = ROOT / "docs/guide/nurse.md"
PICTURES = ROOT / "docs/pictures"
DESK, TABLET = {"width": 1180, "height": 780}, {"width": 820, "height": 900}
MOST_BYTES = 150_000
PEOPLE = (
    ("Okafor", "Adaeze", "female", Status.INFUSING),
    ("Lindqvist", "Maja", "female", Status.INFUSING),
    ("Marchetti", "Paolo", "male", Status.PAUSED),
    ("Novak", "Jan", "male", Status.RECOVERING),
    ("Haddad", "Samir", "male", Status.ARRIVED),
)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(zone=noon_zone(), now=clock.now(), chairs=len(PEOPLE))


@pytest.fixture
def addresses(clinic: Clinic) -> dict[str, str]:
    """The page of the patient in each chair; whoever sits in the second one is over a limit."""
    now, sessions = clock.now(), []
    for chair, (family, given, sex, stage) in zip(clinic.chairs, PEOPLE, strict=True):
        patient = make_patient(clinic, now=now, family_name=family, given_name=given, sex=sex)
        course = make_course(clinic, patient=patient, now=now)
        sessions.append(session_at(stage, clinic=clinic, now=now, course=course, chair=chair))
    high = NORMAL | {"systolic": 186, "diastolic": 98}
    monitoring.record_vital_signs(session=sessions[1], values=high, by=clinic.nurse)
    names = ("chairside", "alert", "paused", "discharge", "check")
    return {
        name: reverse("sessions:session", args=[session.public_id])
        for name, session in zip(names, sessions, strict=True)
    }


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[Any, str], None]:
    """``keep(page, name)``: into docs/ where that is asked for, else to where nobody looks."""
    folder = PICTURES if os.environ.get("CLINIC_WRITE_PICTURES") else tmp_path

    def take(page: Any, name: str) -> None:
        page.wait_for_load_state("networkidle")
        file = folder / f"{name}.png"
        page.screenshot(path=file, animations="disabled")
        assert file.stat().st_size < MOST_BYTES, f"{name} is a large file for a guide"

    return take


def test_the_guide_shows_the_pages_as_they_are(
    clinic: Clinic, addresses: dict[str, str], new_context: Any, sign_in: Any, keep: Any
) -> None:
    desk, tablet = (new_context(viewport=size, color_scheme="light") for size in (DESK, TABLET))
    for context in (desk, tablet):
        sign_in(context, clinic.nurse.user)
    board, chair = desk.new_page(), tablet.new_page()
    taken = set()

    def shoot(page: Any, address: str, name: str, top: str = "") -> None:
        page.goto(address)
        page.locator("[data-fresh]").first.wait_for(state="attached")
        if top:
            page.locator(top).first.evaluate("one => one.scrollIntoView()")
        keep(page, name)
        taken.add(f"{name}.png")

    shoot(board, reverse("sessions:today"), "today")
    shoot(chair, addresses["chairside"], "chairside")
    shoot(chair, addresses["check"], "nurse-check")
    shoot(chair, addresses["alert"], "nurse-alert")
    shoot(chair, addresses["discharge"], "nurse-discharge", top=".bed__wide")

    named = set(re.findall(r"\(\.\./pictures/([\w.-]+)\)", GUIDE.read_text()))
    assert named
    assert named <= taken, "the guide names a picture that is not taken here"
