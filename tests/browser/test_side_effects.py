"""Nausea, a pause and a note, by taps that are counted; a quick phrase; a draft that another tablet goes on with."""

from typing import Any

import pytest

from clinic.common import clock
from sessions.models import InfusionSession
from sessions.operations.quick_phrases import add_quick_phrase
from sessions.states import Status
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)


class Tablet:
    """A page that counts what is tapped."""

    def __init__(self, page: Any) -> None:
        self.page, self.taps = page, 0

    def tap(self, locator: Any) -> None:
        self.taps += 1
        locator.click()


def is_draft_kept(response: Any) -> bool:
    return "/drafts/" in response.url and response.request.method == "POST"


def test_the_sheet_takes_six_taps_and_a_draft_follows_its_author(
    new_context: Any, sign_in: Any, axe: Any
) -> None:
    now = clock.now()
    clinic = make_clinic(zone="UTC", now=now)
    add_quick_phrase(site=clinic.site, text="Feels better with music", by=clinic.nurse, now=now)
    session = session_at(Status.INFUSING, clinic=clinic, now=now)

    def tablet() -> Tablet:
        context = new_context(viewport={"width": 820, "height": 1180})
        sign_in(context, clinic.nurse.user)
        opened = context.new_page()
        opened.goto(f"/sessions/{session.public_id}/")
        return Tablet(opened)

    here = tablet()
    sheet = here.page.locator("#side-effect")
    here.tap(sheet.locator("summary").first)
    axe(here.page)
    here.tap(sheet.get_by_text("Nausea", exact=True))
    here.tap(sheet.get_by_text("Mild", exact=True))
    here.tap(sheet.get_by_text("Record pause"))
    here.tap(sheet.get_by_role("button", name="Record side effect"))
    here.page.locator(".pill--paused").first.wait_for()
    assert here.taps <= 6
    session = InfusionSession.objects.get(pk=session.pk)
    assert (session.state, session.side_effects.get().latest.action_taken) == (Status.PAUSED, "paused")

    note = here.page.locator("#note_text")
    here.page.locator("#note > summary").click()
    note.fill("Pale. Since 5 min.")
    note.evaluate("field => field.setSelectionRange(5, 5)")
    with here.page.expect_response(is_draft_kept):
        here.page.get_by_role("button", name="Feels better with music").click()
    assert note.input_value() == "Pale. Feels better with music Since 5 min."

    there = tablet()
    there.page.locator("#note > summary").click()
    there.page.locator("#note").get_by_text("Draft restored").wait_for()
    assert there.page.locator("#note_text").input_value() == "Pale. Feels better with music Since 5 min."
    there.page.get_by_role("button", name="Write note").click()
    there.page.get_by_text("Note written.").wait_for()
    assert session.notes.get().text == "Pale. Feels better with music Since 5 min."

    correction = f"/sessions/{session.public_id}/notes/{session.notes.get().public_id}/correct/"
    here.page.goto(correction)
    with here.page.expect_response(is_draft_kept):
        here.page.get_by_label("Note").fill("Pale, and since 5 min.")
    there.page.goto(correction)
    there.page.get_by_text("Draft restored").wait_for()
    assert there.page.get_by_label("Note").input_value() == "Pale, and since 5 min."
