"""Sending the same requests again and again, and saying what they took."""

import http.client
import io
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Conflict
from clinic.common.kept import forget
from clinic.facilities.current import KEY as SITE
from clinic.facilities.models import Site
from sessions.models import Booking, Course, InfusionSession, VitalSigns
from sessions.operations.claiming import check_patient_is_free, in_the_way
from tests.benchmarks.full_year import CODE
from tests.benchmarks.long_course import CODE as LONG
from tests.benchmarks.long_course import INFUSIONS
from tests.benchmarks.running import RUNNING
from tests.benchmarks.switching import SWITCH_USERS, switch_users
from tests.benchmarks.volume import FULL, FULL_DAY
from tests.benchmarks.weight import weights

SWITCH = 500
"""Milliseconds that a switch from one chair to another may take."""
CHAIR_OF_MINE = re.compile(r'class="mine__chair[^"]*"\s+href="/sessions/([0-9a-f-]{36})/"')
TRANSACTION_CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


@dataclass(slots=True)
class Row:
    """One line of the table: a request, what it is compared with, and how many times slower it may be.

    ``milliseconds`` is what it may take on any machine, for what somebody waits for with a patient before them.
    """

    name: str
    send: Callable[[], int]
    floor: str = ""
    at_most: float = 0
    milliseconds: int = 0
    seconds: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) * 1000


class Sender:
    """Calls the WSGI application as a server would, without the network in between."""

    def __init__(self, nurse: User, site: Site) -> None:
        self.application = get_wsgi_application()
        self.factory = RequestFactory()
        _token, self.token = issue_token(
            user=nurse,
            name="benchmark",
            scopes=Permission.values,
            life=timedelta(days=1),
            by=Actor.of_user(nurse),
        )
        self.cookie = _signed_in(nurse, site)

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        given = {"HTTP_AUTHORIZATION": f"Bearer {self.token}", **headers}
        data = json.dumps(body).encode() if body is not None else b""
        request = self.factory.generic(method, path, data, "application/json", **given)
        return self._call(request.environ)

    def page(self, path: str) -> int:
        return self._call(self.factory.get(path, HTTP_COOKIE=self.cookie).environ)

    def text(self, path: str, **headers: str) -> str:
        """The page itself, or what a page asks for with these headers."""
        environ = self.factory.get(path, HTTP_COOKIE=self.cookie, **headers).environ
        response = self.application(environ, lambda line, headers: None)
        body = b"".join(response).decode()
        response.close()
        return body

    def _call(self, environ: dict[str, Any]) -> int:
        status: list[int] = []
        response = self.application(environ, lambda line, headers: status.append(int(line.split()[0])))
        for _chunk in response:
            pass
        response.close()
        environ.get("wsgi.input", io.BytesIO()).close()
        return status[0]


def _signed_in(user: User, site: Site) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[SITE] = str(site.public_id)
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _with_raised_baseline(session: InfusionSession, nurse: User) -> InfusionSession:
    """The infusion was begun with a pressure over the limit for starting."""
    assert session.infusion_started_at is not None
    at = session.infusion_started_at - timedelta(seconds=1)
    by = {"taken_at": at, "taken_by": nurse, "entered_at": at, "entered_by": nurse}
    VitalSigns.objects.create(session=session, systolic=171, diastolic=88, heart_rate=77, **by)
    return session


def _rows(sender: Sender, nurse: User, session: InfusionSession) -> list[Row]:
    chance = random.Random(3)
    readings = f"/api/v1/sessions/{session.public_id}/vital-signs/"
    running = InfusionSession.objects.filter(status=session.status).exclude(pk=session.pk).order_by("pk")
    crossed = f"/api/v1/sessions/{running[0].public_id}/vital-signs/"
    raised = f"/api/v1/sessions/{_with_raised_baseline(running[1], nurse).public_id}/vital-signs/"
    turns: list[dict[str, int]] = []

    def values() -> dict[str, int]:
        systolic = chance.randrange(105, 150)
        return {"systolic": systolic, "diastolic": 70, "heart_rate": 77, "oxygen_saturation": 97}

    def floor_insert() -> int:
        now = clock.now().isoformat()
        given = {"taken_at": now, "taken_by": nurse.pk, "entered_at": now, "entered_by": nurse.pk}
        return sender.api("POST", "/floor/insert/", {"session": session.pk, **values(), **given})

    def record() -> int:
        return sender.api("POST", readings, values(), HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()))

    def record_raised() -> int:
        return sender.api("POST", raised, values(), HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()))

    def cross() -> int:
        """Over a limit and back in turn: every time an alert is raised, or its crossing ends."""
        body = values() | {"heart_rate": 130 if len(turns) % 2 else 77}
        turns.append(body)
        return sender.api("POST", crossed, body, HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()))

    def conflict_check() -> int:
        at = clock.now() + timedelta(days=chance.randrange(1, 80), minutes=10 * chance.randrange(144))
        told = {"site": session.site, "patient": session.patient, "course": session.course}
        wanted = Booking(**told, starts_at=at, ends_at=at + timedelta(minutes=130))
        with suppress(Conflict):  # now and then the patient is booked then: the check was made all the same
            check_patient_is_free(wanted)
        in_the_way(wanted, session.chair)
        return 200

    full_day = (clock.now() + FULL_DAY).date()
    other = InfusionSession.objects.order_by("-pk").values_list("public_id", flat=True)[100]
    planned = Course.objects.get(site__code=CODE).public_id
    wished = "?number=12&weekdays=1&weekdays=3&starts_from=09:00&starts_until=12:00"
    long = Course.objects.get(site__code=LONG).public_id
    families = ("mull", "garcia", "novak", "haddad", "kowalski ana")
    return [
        Row("floor: one insert", floor_insert),
        Row("floor: one list", lambda: sender.api("GET", "/floor/list/")),
        Row("record vital signs", record, "floor: one insert", 3),
        # Its percentages count from what is usual for the patient, which is one question more.
        Row("record, baseline over the limit", record_raised, "floor: one insert", 3),
        Row("record over a limit and back", cross),
        Row(
            "read a session with readings",
            lambda: sender.api("GET", f"/api/v1/sessions/{other}/"),
            "floor: one list",
            2.5,
        ),
        Row("conflict check (operation)", conflict_check, "floor: one insert", 1),
        Row("Today's board (page)", lambda: sender.page("/"), "floor: one list", 4),
        Row(
            f"day view of {FULL} sessions",
            lambda: sender.page(f"/schedule/?day={full_day.isoformat()}"),
            "floor: one list",
            6,
        ),
        Row(
            f"dashboard of {INFUSIONS} (API)",
            lambda: sender.api("GET", f"/api/v1/courses/{long}/dashboard/"),
            "floor: one list",
            5,
        ),
        Row(
            f"dashboard of {INFUSIONS} (page)", lambda: sender.page(f"/courses/{long}/"), "floor: one list", 5
        ),
        Row(
            "patient search",
            lambda: sender.api("POST", "/api/v1/patients/search/", {"term": chance.choice(families)}),
            "floor: one list",
            3,
        ),
        # Not held against the floor: it reads a year of bookings, and the promise is well under a second.
        Row(
            "propose a 12-session series",
            lambda: sender.api("GET", f"/api/v1/courses/{planned}/proposals/{wished}"),
        ),
    ]


def _board_rows(sender: Sender) -> list[Row]:
    """Thirty infusions at once: asking whether anything is new, everything anew, and the next of one's chairs."""
    chairs = cycle(CHAIR_OF_MINE.findall(sender.text("/today/mine/")))

    def switch() -> int:
        """As a tap in the strip asks for it, each time another chair of mine, with the strip that the page asks for."""
        chair = next(chairs)
        return max(sender.page(f"/sessions/{chair}/"), sender.page(f"/today/mine/?here={chair}"))

    sent = sender.text("/").split("?version=")[1].split('"')[0]
    return [
        Row(
            f"board of {RUNNING}, nothing new (304)",
            lambda: sender.page(f"/today/rows/?version={sent}"),
            "floor: one list",
            2,
        ),
        Row(f"board of {RUNNING}, full refresh", lambda: sender.page("/today/rows/"), "floor: one list", 5),
        Row("my chairs, full refresh", lambda: sender.page("/today/mine/"), "floor: one list", 5),
        Row("switch chairs (page of another)", switch, milliseconds=SWITCH),
    ]


def _first_look(sender: Sender) -> Row:
    """Not held against the floor: a process does it once for each course, and again where something was added."""
    long = Course.objects.get(site__code=LONG).public_id

    def look() -> int:
        forget()
        return sender.page(f"/courses/{long}/")

    return Row(f"dashboard of {INFUSIONS}, first look", look)


def measure(nurse: User, session: InfusionSession, *, rounds: int) -> Iterator[str]:
    """Measure every row in every round, in changing order, and print the table."""
    sender, room = Sender(nurse, session.site), Site.objects.get(code="running")
    in_room, seen = Sender(nurse, room), InfusionSession.objects.filter(site=room).earliest("pk")
    # At another site than the board that must have nothing new: whoever signs in is written down.
    users = Row("switch users (PIN, page again)", switch_users(session), milliseconds=SWITCH_USERS)
    rows = [*_rows(sender, nurse, session), *_board_rows(in_room), users]
    yield from weights(in_room.text, seen.public_id)
    for row in rows:
        _count_queries(row)
    for turn in range(rounds + 10):
        for row in random.Random(turn).sample(rows, len(rows)):
            seconds = _timed(row.send)
            if turn >= 10:
                row.seconds.append(seconds)
    # After the others: it forgets what they have kept, too.
    first = _first_look(sender)
    _count_queries(first)
    for _turn in range(rounds // 5):
        first.seconds.append(_timed(first.send))
    rows.append(first)
    by_name = {row.name: row for row in rows}
    yield f"{'':32}{'median ms':>10}{'p95 ms':>9}{'queries':>9}{'ratio':>8}{'allowed':>9}"
    for row in rows:
        p95 = statistics.quantiles(row.seconds, n=20)[-1] * 1000
        ratio = f"{row.median / by_name[row.floor].median:.2f}" if row.floor else ""
        allowed = f"{row.at_most:g}" if row.floor else f"{row.milliseconds} ms" if row.milliseconds else ""
        yield f"{row.name:32}{row.median:>10.2f}{p95:>9.2f}{row.queries:>9}{ratio:>8}{allowed:>9}"


def _timed(send: Callable[[], int]) -> float:
    began = time.perf_counter()
    send()
    return time.perf_counter() - began


def _count_queries(row: Row) -> None:
    # The very first write at a site also begins the site's audit chain.
    row.send()
    with CaptureQueriesContext(connection) as queries:
        status = row.send()
    if status not in {200, 201, 304}:
        raise SystemExit(f"{row.name} answered {status}: nothing to measure")
    row.queries = sum(not query["sql"].startswith(TRANSACTION_CONTROL) for query in queries)


def peak_memory(nurse: User, session: InfusionSession, *, requests: int = 600) -> str:
    """The highest resident memory of one server process that answered the same requests."""
    sender = Sender(nurse, session.site)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "4", "--no-ws"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "clinic.config.wsgi:application"], env={**os.environ}
    )
    try:
        _send_to_server(port, sender, session, requests)
        return f"peak memory of one server process after {requests} requests: {_peak_of_children(server.pid):.0f} MB"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _send_to_server(port: int, sender: Sender, session: InfusionSession, requests: int) -> None:
    headers = {"Authorization": f"Bearer {sender.token}", "Content-Type": "application/json"}
    path = f"/api/v1/sessions/{session.public_id}/"
    server = _connected(port)
    for number in range(requests):
        kind = number % 3
        if kind == 0:
            body = json.dumps({"systolic": 120, "diastolic": 70, "heart_rate": 77})
            server.request(
                "POST", f"{path}vital-signs/", body, {**headers, "Idempotency-Key": str(uuid.uuid4())}
            )
        elif kind == 1:
            server.request("GET", path, headers=headers)
        else:
            server.request("GET", "/", headers={"Cookie": sender.cookie})
        server.getresponse().read()


def _connected(port: int) -> http.client.HTTPConnection:
    for _attempt in range(100):
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            server.connect()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("the server did not start")


def _peak_of_children(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    peaks = [_peak(int(child)) for child in children] or [_peak(pid)]
    return max(peaks)


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
