"""A server that is killed in the middle, again and again, while tablets send: nothing is lost and nothing is twice.

The server is a process of its own on the test's database; a tablet asks again, under the same key, until it has heard
that its entry is there. In a browser the same is proven by ``tests/browser/test_offline.py``.
"""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common import clock
from sessions.models import VitalSigns
from sessions.states import Status
from tests.browser.wire import Server
from tests.sessions.scenes import NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLETS, EACH, KILLS = 6, 8, 3
PATIENCE = 180
"""Seconds after which a tablet that has heard nothing counts as stuck."""


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    started = Server()
    started.start()
    yield started
    started.kill()


class Tablets:
    """Several tablets that each send their readings one after the other, each until it is acknowledged."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token
        self.acknowledged: list[uuid.UUID] = []
        self.unanswered, self.refused = 0, list[str]()
        self._heard = threading.Condition()
        self.threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(TABLETS)]
        for thread in self.threads:
            thread.start()

    def wait_until(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.acknowledged) >= count, PATIENCE), self.refused

    def _send_all(self) -> None:
        for _ in range(EACH):
            self._send(uuid.uuid4())

    def _send(self, key: uuid.UUID) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self._post(key)
            except urllib.error.HTTPError as error:
                self.refused.append(f"{error.code} {error.read()[:300]!r}")
                return
            except (OSError, http.client.HTTPException):
                # Killed before it answered, perhaps after it had done it; or not there yet.
                self.unanswered += 1
                time.sleep(0.05)
            else:
                with self._heard:
                    self.acknowledged.append(key)
                    self._heard.notify_all()
                return

    def _post(self, key: uuid.UUID) -> None:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(key),
        }
        request = urllib.request.Request(self.address, json.dumps(NORMAL).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert json.load(answer)["id"] == str(key)


def test_a_server_killed_while_tablets_send_loses_nothing_and_stores_nothing_twice(server: Server) -> None:
    now = clock.now()
    clinic = make_clinic(now=now)
    session = session_at(Status.INFUSING, clinic=clinic, now=now)
    before = set(VitalSigns.objects.values_list("public_id", flat=True))
    _token, text = issue_token(
        user=clinic.nurse.user,
        name="Tablets",
        scopes=[Permission.VIEW_PATIENTS.value, Permission.RECORD_OBSERVATIONS.value],
        life=timedelta(days=1),
        by=clinic.nurse,
    )
    address = f"http://127.0.0.1:{server.port}/api/v1/sessions/{session.public_id}/vital-signs/"
    tablets = Tablets(address, text)
    for nth in range(1, KILLS + 1):
        tablets.wait_until(nth * TABLETS * EACH // (KILLS + 1))
        server.kill()
        server.start()
    for thread in tablets.threads:
        thread.join(PATIENCE)
    assert tablets.refused == []
    assert len(tablets.acknowledged) == TABLETS * EACH
    assert tablets.unanswered > 0, "it was killed while they sent"
    after = list(VitalSigns.objects.values_list("public_id", flat=True))
    assert sorted(after) == sorted([*before, *tablets.acknowledged])
    written = AuditEvent.objects.filter(subject_id__in=tablets.acknowledged)
    assert sorted(written.values_list("subject_id", flat=True)) == sorted(tablets.acknowledged)
    assert not [line for chain in AuditChain.objects.all() for line in broken_links(chain)]
