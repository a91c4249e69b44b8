"""What a tablet kept and sends later, as the server takes it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic.accounts.actor import Actor
from clinic.accounts.models import OutboxKey
from clinic.accounts.operations.outbox_keys import hand_out_key
from clinic.audit.models import AuditEvent
from clinic.common.errors import Invalid, Refused
from clinic.common.outbox import typed_moment
from clinic.common.worker import files
from tests.scenes import make_site, staff

TYPED = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
NOW = TYPED + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("typed_at", "offset", "moment"),
    [
        ("", "", None),
        ("2026-03-10T14:00:00.000Z", "", TYPED),
        ("2026-03-10T14:00:00.000Z", "-120000", TYPED - timedelta(minutes=2)),
        ("2026-03-10T16:00:00+02:00", "1500", TYPED + timedelta(milliseconds=1500)),
        # A clock that was set meanwhile: nothing is charted in the future.
        ("2026-03-10T14:00:00.000Z", "86400000", NOW),
    ],
)
def test_the_moment_of_typing_is_that_of_the_servers_clock(typed_at, offset, moment):
    assert typed_moment({"typed_at": typed_at, "clock_offset_ms": offset}, NOW) == moment


@pytest.mark.parametrize(
    ("typed_at", "offset"),
    [
        ("yesterday", ""),
        ("2026-03-10T14:00:00Z", "soon"),
        ("2026-03-10T14:00:00Z", "9" * 30),
        ("2026-03-10T14:00:00Z", "-999999999999"),
        ("9999-12-31T23:59:59Z", "0"),
        ("0001-01-01T00:00:00Z", "0"),
    ],
)
def test_a_hand_made_time_is_refused(typed_at, offset):
    with pytest.raises(Invalid) as refused:
        typed_moment({"typed_at": typed_at, "clock_offset_ms": offset}, NOW)
    assert refused.value.code == "outbox.time"


@pytest.mark.django_db
def test_a_key_is_its_owners_and_always_the_same():
    one, other = staff("nurse", make_site()), staff("nurse", make_site())
    first = hand_out_key(by=one)
    assert (len(first), hand_out_key(by=one)) == (32, first)
    assert hand_out_key(by=other) != first
    assert OutboxKey.objects.count() == AuditEvent.objects.filter(verb="outbox_key.made").count() == 2
    # Another installation's secret gives another key for the same row.
    assert bytes.fromhex(OutboxKey.objects.for_user(one).get().seed) != first


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["token", "job"])
def test_only_a_person_at_a_page_is_given_a_key(kind):
    site = make_site()
    person = staff("nurse", site)
    job = Actor.job("nightly", site_ids=[site.pk], permissions=[])
    with pytest.raises(Refused) as refused:
        hand_out_key(by=job if kind == "job" else Actor.of_user(person.user, only=[]))
    assert refused.value.code == "outbox.person"


@pytest.mark.django_db
def test_who_is_signed_out_is_told_so_in_place_of_a_page():
    path = reverse("sessions:note", args=[uuid.uuid4()])
    answer = Client().post(path, {"text": "x"}, headers={"X-Outbox": "1"})
    assert (answer.status_code, answer.json()["stored"]) == (401, False)


@pytest.mark.django_db
def test_the_worker_keeps_every_static_file_and_asks_again_when_one_changes(client):
    answer = client.get("/worker.js")
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/javascript"
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert all(f"/static/{name}" in text for name in files())
    # For everybody, so about nobody.
    assert client.get("/offline/").status_code == 200
