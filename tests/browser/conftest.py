"""Chromium for the browser tests: strict about the console, and with axe at hand.

``page`` is pytest-playwright's own, with the live server as its base address: ``page.goto("/patients/")``. Every
page of every context is watched; what a browser complains about fails the test that made it complain.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.conftest import CHROMIUM, IN_CI

FLAGS = [
    "--no-sandbox",  # root, in CI, has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A refusal is an answer; the browser prints a line for it all the same.
REFUSALS = {403, 409, 412, 422, 428}
FAILED_TO_LOAD = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")


PATIENCE = 30 if IN_CI else 10
"""Seconds after which what has not happened does not happen."""


def until(page: Page, holds: Callable[[], object], what: str) -> None:
    """Wait for ``what``, which no locator shows; the browser goes on meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE} seconds: {what}"
        page.wait_for_timeout(50)


def enter(context: BrowserContext, user: Any, url: str) -> None:
    """Sign somebody in at an address, without the sign-in page."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])


class Console:
    """What the browser has complained about. ``allow(404)`` and ``allow_failed_requests()`` widen what is expected."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._statuses = set(REFUSALS)
        self._offline = False

    def allow(self, *statuses: int) -> None:
        """Expect the line of these HTTP statuses."""
        self._statuses.update(statuses)

    def allow_failed_requests(self) -> None:
        """Expect requests that find no network, for a test that cuts it."""
        self._offline = True

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: message.type == "error" and self.lines.append(message.text))
        context.on("weberror", lambda error: self.lines.append(f"uncaught: {error.error}"))

    def unexpected(self) -> list[str]:
        return [line for line in self.lines if not self._is_expected(line)]

    def _is_expected(self, line: str) -> bool:
        if found := FAILED_TO_LOAD.match(line):
            return int(found[1]) in self._statuses
        # htmx says of each request that found no network that it could not send it.
        return self._offline and (
            "net::ERR_" in line or line.startswith(("htmx:sendError", "htmx:afterRequest"))
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM and not IN_CI:
        pytest.skip("no Chromium on this machine: `apt install chromium`, or set CHROMIUM to its path")
    assert CHROMIUM, "CI has no Chromium, and there the browser tests are not optional"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def _connection(django_db_setup: None) -> Any:
    return connections[DEFAULT_DB_ALIAS]


@pytest.fixture(scope="session")
def playwright(_connection: Any, playwright: Playwright) -> Playwright:
    """Playwright, beside the database connection that the other tests of this process use.

    Its event loop runs in the thread of the tests, and there Django looks for connections in another place. A new one
    would work, but would not know the rows that the migrations had made and that are put back after each test.
    """
    connections[DEFAULT_DB_ALIAS] = _connection
    return playwright


@pytest.fixture
def console() -> Iterator[Console]:
    """The browser's console of this test; at the end nothing unexpected may stand in it."""
    console = Console()
    yield console
    assert not console.unexpected(), "the browser complained:\n" + "\n".join(console.unexpected())


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], live_server: Any, console: Console
) -> Callable[..., BrowserContext]:
    """Another browser, for a second person; ``page`` and ``context`` come from here too."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**{"base_url": live_server.url, "locale": "en-GB", **options})
        context.set_default_timeout(PATIENCE * 1000)
        console.watch(context)
        return context

    return make


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[BrowserContext, Any], None]:
    """``sign_in(context, user)``: skip the sign-in page where it is not what the test is about."""

    return lambda context, user: enter(context, user, live_server.url)


@pytest.fixture
def axe() -> Callable[..., None]:
    """``axe(page)``: no rule of WCAG 2.2 AA is broken on the page as it stands."""

    def check(page: Page, within: str | None = None) -> None:
        # A click is done when the next page has begun to arrive; what has not come yet is no fault of the page.
        page.wait_for_load_state()
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": WCAG}}
        violations = Axe().run(page, context=within, options=options).response["violations"]
        assert not violations, f"{page.url}\n" + "\n".join(map(_explain, violations))

    return check


def _explain(violation: dict[str, Any]) -> str:
    places = "\n".join(f"    {node['html'][:200]}" for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}{os.linesep}{places}"
