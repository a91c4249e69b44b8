"""Without network a patient walks out, or is given a rescue medicine: it waits in its order, and goes out once."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.common import clock
from clinic.common.models import OfflineEntry
from sessions.models import EarlyLeaving, InfusionEvent, MedicationGiven
from sessions.operations import leaving
from sessions.operations.standing_orders import retire_standing_order
from sessions.states import Status
from tests.browser import test_offline
from tests.browser.test_offline import Tablet
from tests.browser.wire import Wire
from tests.sessions.orders_scene import standing_order

pytestmark = pytest.mark.django_db(transaction=True)

clinic, session, server, wire = (
    test_offline.clinic,
    test_offline.session,
    test_offline.server,
    test_offline.wire,
)
tablets, tablet = test_offline.tablets, test_offline.tablet


def opened(tablet: Tablet, session: Any, user: Any) -> None:
    tablet.sign_in(user)
    tablet.open(session)
    tablet.keeps_the_page()


def goes(tablet: Tablet, words: str) -> None:
    """Two taps."""
    tablet.page.locator(".going > summary").click()
    tablet.page.locator(".going").get_by_role("button", name=words).click()


@pytest.mark.parametrize(
    ("words", "kind", "status"),
    [
        ("Left against advice", "against_advice", Status.LEFT),
        ("Left without escort", "without_escort", Status.LEFT),
        ("Taken by ambulance", "ambulance", Status.TRANSFERRED),
    ],
)
def test_a_patient_who_goes_without_network_is_recorded_in_two_taps(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet, axe: Any, words: str, kind: str, status: Status
) -> None:
    opened(tablet, session, clinic.nurse.user)
    wire.cut()
    tablet.press("form[data-event=pause]")
    tablet.unsent(1)
    went = clock.now()
    goes(tablet, words)
    tablet.unsent(2)
    # The page says so at once, and offers nothing that comes before it.
    expect(tablet.page.locator(".bed-head .pill")).to_have_text("Left, unsent")
    expect(tablet.page.locator(".going")).to_be_hidden()
    expect(tablet.page.locator("form[data-event=resume]").first).to_be_hidden()
    expect(tablet.page.locator("ol[data-pending] li").first).to_contain_text(words)
    axe(tablet.page)
    wire.mend()
    tablet.gone_out()
    session.refresh_from_db()
    row = EarlyLeaving.objects.get(session=session)
    assert (session.state, row.kind, row.taken_by) == (status, kind, clinic.nurse.user)
    assert abs(row.taken_at - went) < timedelta(seconds=30)
    kinds = InfusionEvent.objects.filter(session=session).order_by("taken_at").values_list("kind", flat=True)
    assert list(kinds) == ["start", "pause", "end"]
    assert OfflineEntry.objects.count() == 2
    tablet.page.get_by_text("offline time").first.wait_for()


def test_what_the_server_refuses_of_it_stands_beside_it_and_is_corrected_with_its_time(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet
) -> None:
    opened(tablet, session, clinic.nurse.user)
    wire.cut()
    goes(tablet, "Left without escort")
    tablet.unsent(1)
    # A colleague was quicker.
    leaving.leave(session=session, by=clinic.prescriber, leaving="against_advice")
    wire.mend()
    pending = tablet.page.locator("ol[data-pending]")
    pending.get_by_text("not possible now").wait_for()
    expect(pending).to_contain_text("refused")
    expect(tablet.page.locator(".bed-head .pill")).not_to_contain_text("unsent")
    assert EarlyLeaving.objects.get(session=session).kind == "against_advice"
    # Correcting opens the form of its own that has a time, with what was tapped in it.
    tablet.page.locator("#outbox summary").click()
    tablet.page.get_by_role("button", name="Correct").click()
    expect(tablet.page.locator("[name=leaving][value=without_escort]")).to_be_checked()
    assert tablet.page.url.endswith(reverse("sessions:act", args=[session.public_id, "leave"]))
    expect(tablet.page.locator("[name=at]")).not_to_have_value("")


def give(tablet: Tablet, name: str) -> None:
    fold = tablet.page.locator(".order-fold", has_text=name)
    fold.locator("summary").click()
    fold.get_by_role("button", name="Record as given").click()


def test_a_rescue_medicine_names_its_order_without_network(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet, axe: Any
) -> None:
    kept = standing_order(clinic)
    gone = standing_order(clinic, code="labetalol-iv", medicine="labetalol")
    opened(tablet, session, clinic.nurse.user)
    wire.cut()
    tablet.page.get_by_role("link", name="Medicine given").click()
    tablet.page.get_by_text("Offline copy of").wait_for()
    later = standing_order(clinic, code="glycopyrrolate-iv", medicine="glycopyrrolate")
    tablet.page.reload()
    tablet.page.get_by_text("Offline copy of").wait_for()
    # What was ordered since is not on the kept page.
    assert later.medicine not in tablet.page.locator("#main").inner_text()
    axe(tablet.page)
    give(tablet, kept.medicine)
    tablet.unsent(1)
    give(tablet, gone.medicine)
    tablet.unsent(2)
    pending = tablet.page.locator("ol[data-pending] li")
    expect(pending).to_have_count(2)
    expect(pending.first).to_contain_text(kept.medicine)
    retire_standing_order(
        order=gone, by=clinic.director, expected_revision=gone.revision, reason="Out of stock"
    )
    wire.mend()
    tablet.unsent(1)
    given = MedicationGiven.objects.get()
    assert (given.standing_order, given.taken_by, given.dose_typed) == (kept, clinic.nurse.user, "4")
    assert given.taken_at < given.entered_at
    expect(pending).to_have_count(1)
    expect(pending.first).to_contain_text("not in use here")
    # It was given all the same: the form of that order takes the reason.
    tablet.page.locator("#outbox summary").click()
    tablet.page.get_by_role("button", name="Correct").click()
    tablet.page.get_by_role("button", name="Record as given").click()
    tablet.page.get_by_label("Why it was given although").fill("Withdrawn while the network was gone")
    tablet.page.get_by_role("button", name="Record as given").click()
    tablet.page.get_by_text("Recorded as given").wait_for()
    tablet.gone_out()
    assert MedicationGiven.objects.get(medicine=gone.medicine).standing_order == gone
