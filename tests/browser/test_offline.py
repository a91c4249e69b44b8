"""Without network at the chairside: nothing that was typed is lost, and nothing is stored twice.

The wire between browser and server is ours to cut, and the server is a process of its own that can be killed.
"""

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Error, expect

from clinic.audit.models import AuditEvent
from clinic.common import clock
from clinic.common.models import OfflineEntry
from sessions.models import InfusionEvent, Note, VitalSigns
from sessions.operations import running
from sessions.states import Status
from tests.browser.conftest import FLAGS, enter, until
from tests.browser.test_story import noon_zone
from tests.browser.wire import Server, Wire, processes_with
from tests.conftest import CHROMIUM
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def clinic() -> Any:
    return make_clinic(zone=noon_zone(), now=clock.now() - timedelta(hours=6))


@pytest.fixture
def session(clinic: Any) -> Any:
    return session_at(Status.INFUSING, clinic=clinic)


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    wire = Wire(server.port)
    wire.mend()
    yield wire
    wire.cut()


class Tablet:
    """A browser with a folder of its own, so that it can be killed and started again."""

    def __init__(self, playwright: Any, folder: Path, wire: Wire) -> None:
        self.playwright, self.folder, self.wire = playwright, folder, wire
        self.context: Any = None
        self.page: Any = None

    def start(self) -> None:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=FLAGS,
            base_url=self.wire.url,
            viewport=TABLET,
            locale="en-GB",
        )
        self.context.set_default_timeout(20_000)
        self.page = self.context.pages[0]

    def sign_in(self, user: Any) -> None:
        enter(self.context, user, self.wire.url)

    def crash(self) -> None:
        for pid in processes_with(f"--user-data-dir={self.folder}"):
            os.kill(pid, signal.SIGKILL)
        # It may have noticed by then, or not.
        with contextlib.suppress(Error):
            self.context.close()

    def open(self, session: Any) -> None:
        self.page.goto(reverse("sessions:session", args=[session.public_id]))

    def keeps_the_page(self) -> None:
        """Until the device holds the page and its key: from now on the network may go."""
        self.page.locator("body[data-outbox=ready]").wait_for()

    def notices_the_cut(self) -> None:
        self.page.locator("body.is-offline").wait_for()

    def press(self, form: str) -> None:
        found = self.page.locator(form)
        found.locator("button[type=submit]").first.click()
        # The device is ready for the next one.
        self.page.wait_for_function(
            "(form) => !document.querySelector(form)?.dataset.sending", arg=form, polling=50
        )

    def read(self, systolic: int) -> None:
        form = "form[data-check=reading]"
        for name, value in (("systolic", systolic), ("diastolic", 70), ("heart_rate", 72)):
            self.page.locator(f"{form} [name={name}]").fill(str(value))
        self.press(form)

    def write(self, text: str) -> None:
        fold = self.page.locator("#note")
        if not fold.evaluate("(element) => element.open"):
            fold.locator("summary").first.click()
        fold.locator("textarea").fill(text)
        self.press("#note form")

    def unsent(self, count: int) -> None:
        words = "Nothing unsent" if count == 0 else f"{count} unsent"
        expect(self.page.locator("#outbox [data-count]")).to_contain_text(words, timeout=20_000)

    def twice(self, form: str) -> None:
        self.page.locator(f"{form} button[type=submit]").dblclick()

    def gone_out(self) -> None:
        """Until nothing is unsent; where something is refused or the network stays away, this takes too long."""
        # A page that has just been opened shows nothing unsent before it has looked.
        self.page.locator("body:is([data-outbox=open], [data-outbox=ready])").wait_for()
        expect(self.page.locator("#outbox")).to_be_hidden(timeout=60_000)


@pytest.fixture
def tablets(playwright: Any, tmp_path: Path, wire: Wire) -> Iterator[Any]:
    made: list[Tablet] = []

    def make(name: str) -> Tablet:
        made.append(Tablet(playwright, tmp_path / name, wire))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture
def tablet(tablets: Any) -> Tablet:
    made: Tablet = tablets("tablet")
    return made


def test_ten_readings_two_notes_and_a_pause_survive_cut_reload_and_crash(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet, axe: Any
) -> None:
    before = VitalSigns.objects.filter(session=session).count()
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.keeps_the_page()
    wire.cut()
    tablet.read(101)
    tablet.notices_the_cut()
    for systolic in range(102, 108):
        tablet.read(systolic)
    tablet.write("First note without network")
    tablet.unsent(8)
    tablet.page.locator("#outbox summary").click()
    axe(tablet.page)

    tablet.page.reload()
    tablet.page.get_by_text("Offline copy of").wait_for()
    tablet.unsent(8)
    for systolic in (108, 109, 110):
        tablet.read(systolic)
    tablet.write("Second note without network")
    tablet.press("form[data-event=pause]")
    tablet.unsent(13)
    tablet.page.locator("form[data-event=resume]").wait_for()

    tablet.crash()
    tablet.start()
    tablet.open(session)
    tablet.unsent(13)
    paused_by = clock.now()

    wire.mend()
    tablet.sign_in(clinic.nurse.user)
    # The page may be on its way already: it notices the network by itself.
    with contextlib.suppress(Error):
        tablet.page.reload()
    tablet.gone_out()

    readings = VitalSigns.objects.filter(session=session).order_by("pk")[before:]
    assert [reading.systolic for reading in readings] == list(range(101, 111))
    assert [reading.taken_at for reading in readings] == sorted(reading.taken_at for reading in readings)
    assert list(Note.objects.filter(session=session).order_by("pk").values_list("text", flat=True)) == [
        "First note without network",
        "Second note without network",
    ]
    pause = InfusionEvent.objects.get(session=session, kind="pause")
    session.refresh_from_db()
    assert session.state is Status.PAUSED
    assert session.infused_seconds == int((pause.taken_at - session.infusion_started_at).total_seconds())
    assert pause.taken_at < paused_by < pause.entered_at
    assert OfflineEntry.objects.count() == 13
    assert set(VitalSigns.objects.filter(session=session).values_list("taken_by", flat=True)) == {
        clinic.nurse.user.pk
    }
    tablet.page.get_by_text("offline time").first.wait_for()
    for path in ("/downtime/", "/offline/"):
        tablet.page.goto(path)
        axe(tablet.page)


def values_of(session: Any) -> list[int]:
    rows = VitalSigns.objects.filter(session=session, systolic__gte=200).order_by("pk")
    return list(rows.values_list("systolic", flat=True))


def test_a_lost_answer_a_killed_server_and_a_double_click_store_each_entry_once(
    clinic: Any, session: Any, server: Server, wire: Wire, tablet: Tablet
) -> None:
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.keeps_the_page()

    # The server did it; the tablet never heard.
    wire.swallow, wire.losing = 1, b"/vital-signs/"
    tablet.read(201)
    tablet.gone_out()
    assert (wire.swallow, values_of(session)) == (0, [201])

    # One click and its echo, with and without network.
    tablet.twice("form[data-event=pause]")
    tablet.page.locator(".pill--paused").first.wait_for()
    wire.cut()
    tablet.twice("form[data-event=resume]")
    tablet.unsent(1)
    wire.mend()
    tablet.gone_out()
    kinds = InfusionEvent.objects.filter(session=session).order_by("taken_at").values_list("kind", flat=True)
    assert list(kinds) == ["start", "pause", "resume"]

    # Killed with entries on the way; another server takes them up.
    tablet.write("Typed before the server died")
    server.kill()
    tablet.read(202)
    tablet.write("Typed while it was dead")
    tablet.read(203)
    # The first may have gone out, or may have been on its way.
    expect(tablet.page.locator("#outbox [data-count]")).to_contain_text(re.compile("[34] unsent"))
    server.start()
    tablet.gone_out()
    assert values_of(session) == [201, 202, 203]
    texts = Note.objects.filter(session=session).order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["Typed before the server died", "Typed while it was dead"]


def test_two_tablets_and_a_refused_entry(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet, tablets: Any
) -> None:
    other = tablets("other")
    for one, user in ((tablet, clinic.nurse.user), (other, clinic.prescriber.user)):
        one.sign_in(user)
        one.open(session)
        one.keeps_the_page()
    wire.cut()
    tablet.read(201)
    tablet.press("form[data-event=pause]")
    tablet.write("After the pause")
    tablet.unsent(3)
    other.read(202)
    other.unsent(1)
    # Meanwhile a colleague has paused and resumed at the server's own screen: two pauses do not fit.
    running.pause(session=session, by=clinic.nurse)
    running.resume(session=session, by=clinic.nurse, at=clock.now())
    running.pause(session=session, by=clinic.nurse, at=clock.now())
    wire.mend()
    other.gone_out()
    tablet.unsent(1)

    # The rest went on; the refused one says why and is given up with a reason.
    assert sorted(values_of(session)) == [201, 202]
    authors = VitalSigns.objects.filter(session=session, systolic__gte=200).values_list(
        "systolic", "taken_by"
    )
    assert dict(authors) == {201: clinic.nurse.user.pk, 202: clinic.prescriber.user.pk}
    assert Note.objects.get(session=session).text == "After the pause"
    tablet.page.locator("#outbox summary").click()
    tablet.page.locator("#outbox").get_by_text("out of order").wait_for()
    # The timeline, too, has it with the server's words.
    expect(tablet.page.locator("ol[data-pending] li")).to_contain_text("out of order")
    tablet.page.get_by_role("button", name="Discard").click()
    tablet.page.get_by_label("Why is it given up?").fill("The colleague had recorded it")
    tablet.page.get_by_role("button", name="Discard with this reason").click()
    tablet.gone_out()
    event = AuditEvent.objects.get(verb="outbox.discarded")
    assert event.reason == "The colleague had recorded it"
    assert event.details["after"]["what"].startswith("Pause")


def test_what_is_unsent_is_its_authors_alone(clinic: Any, session: Any, wire: Wire, tablet: Tablet) -> None:
    page = tablet.page
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.keeps_the_page()
    assert page.evaluate(KEPT) == {"items": 0, "keys": 1, "extractable": False, "pages": 1, "plain": False}
    wire.cut()
    tablet.write("Only mine to read")
    tablet.unsent(1)
    page.locator(".top details summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="No network").wait_for()
    assert page.evaluate(KEPT) == {"items": 1, "keys": 0, "extractable": None, "pages": 0, "plain": False}

    wire.mend()
    tablet.context.clear_cookies()
    tablet.sign_in(clinic.prescriber.user)
    tablet.open(session)
    tablet.keeps_the_page()
    name = clinic.nurse.user.printed_name
    expect(page.locator("#outbox [data-state]")).to_have_text(f"Sign in as {name} to send.")
    tablet.write("The other one's")
    until(
        page,
        lambda: Note.objects.exists() and page.evaluate(KEPT)["items"] == 1,
        "one note is stored, and one of the two is left",
    )
    assert list(Note.objects.values_list("text", "taken_by")) == [
        ("The other one's", clinic.prescriber.user.pk)
    ]

    tablet.context.clear_cookies()
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.gone_out()
    assert Note.objects.get(text="Only mine to read").taken_by == clinic.nurse.user


KEPT = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open("clinic-outbox");
    request.onsuccess = () => resolve(request.result);
  });
  const all = (store) => new Promise((resolve) => {
    const request = database.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  const [keys, items] = [await all("keys"), await all("items")];
  database.close();
  const text = items.map((item) => JSON.stringify(item) + new TextDecoder().decode(item.data)).join();
  const names = await caches.keys();
  return {
    items: items.length, keys: keys.length, extractable: keys.length ? keys[0].key.extractable : null,
    pages: names.filter((name) => name.startsWith("pages:")).length, plain: text.includes("Only mine"),
  };
}"""
