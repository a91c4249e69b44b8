"""Every room of the chairside on a tablet and on a phone: nothing runs over its edge, and axe is content."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.operations.iv_access import place_iv_access
from sessions.operations.monitoring import record_vital_signs
from sessions.states import Status
from tests.browser.test_story import noon_zone
from tests.sessions.orders_scene import standing_order
from tests.sessions.scenes import NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET, PHONE = {"width": 820, "height": 1180}, {"width": 390, "height": 844}
ROOMS = (
    "today",
    "day-lists",
    "responsible",
    "follow-ups",
    "downtime",
    "handovers",
    "preparations",
    "quick-phrases",
    "standing-orders",
    "safety-worklist",
    "protocols",
)
DECIDING = ("decisions", "cosign", "alert-report", "check-overrides")
OF_A_SESSION = (
    "session",
    "emergency",
    "ambulance-sheet",
    "preparation",
    "medicines",
    "second-check",
    "leaving",
)
STAGES = (Status.ARRIVED, Status.INFUSING, Status.RECOVERING, Status.DISCHARGED)


@pytest.fixture
def clinic() -> Any:
    return make_clinic(zone=noon_zone(), now=clock.now(), chairs=len(STAGES))


@pytest.fixture
def sessions(clinic: Any) -> list[Any]:
    """A patient in each stage, with a cannula, and a reading over every limit where readings are due."""
    standing_order(clinic)
    made = []
    for status, chair in zip(STAGES, clinic.chairs, strict=True):
        session = session_at(status, clinic=clinic, chair=chair)
        place_iv_access(
            session=session,
            site="forearm",
            side="left",
            gauge=22,
            patency="free",
            attempts=2,
            by=clinic.nurse,
        )
        values = NORMAL | {"systolic": 212, "oxygen_saturation": 84}
        record_vital_signs(session=session, values=values, by=clinic.nurse, confirmed=True)
        made.append(session)
    return made


@pytest.mark.parametrize(
    ("who", "size", "scheme"),
    [("nurse", TABLET, "dark"), ("prescriber", PHONE, "light")],
    ids=["tablet", "phone"],
)
def test_nothing_runs_over_the_edge_and_axe_is_content(
    clinic: Any,
    sessions: list[Any],
    new_context: Any,
    sign_in: Any,
    axe: Any,
    who: str,
    size: Any,
    scheme: str,
) -> None:
    context = new_context(viewport=size, color_scheme=scheme)
    sign_in(context, getattr(clinic, who).user)
    page = context.new_page()
    addresses = [reverse(f"sessions:{name}") for name in (*ROOMS, *(DECIDING if who == "prescriber" else ()))]
    addresses += [
        reverse(f"sessions:{name}", args=[session.public_id])
        for session in sessions
        for name in OF_A_SESSION[:1]
    ]
    addresses += [reverse(f"sessions:{name}", args=[sessions[1].public_id]) for name in OF_A_SESSION[1:]]
    for address in addresses:
        answer = page.goto(address)
        assert answer and answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        axe(page)
