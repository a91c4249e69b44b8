"""One write, however often it is sent; and a key that is used for something else is noticed."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.api.writes import once
from clinic.common.errors import Conflict, Problem, Refused
from clinic.common.idempotency import fingerprint, first_time
from clinic.common.models import IdempotencyKey, JobRun
from tests.refusals import refused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = uuid.UUID(int=7)
ROUTE = "POST /api/v1/things/"


def send(body, *, actor="user:1", key=KEY, route=ROUTE):
    """Make a row once; the row, and whether it was made just now."""

    def do(now):
        return JobRun.objects.create(public_id=key, name=body["name"], started_by=actor, started_at=now)

    return once(
        actor=actor,
        key=key,
        route=route,
        body=body,
        do=do,
        again=lambda: JobRun.objects.get(public_id=key),
    )


@pytest.mark.django_db
def test_the_same_write_is_done_once_and_answered_each_time():
    first, is_new = send({"name": "a", "size": 2})
    assert is_new
    for body in ({"name": "a", "size": 2}, {"size": 2, "name": "a"}):
        assert send(body) == (first, False)
    assert JobRun.objects.count() == IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"body": {"name": "b"}}, {"body": {"name": "a", "size": 2}}, {"route": "POST /api/v1/other/"}],
    ids=["another value", "another field", "another route"],
)
def test_a_key_used_for_something_else_is_a_conflict(change):
    send({"name": "a"})
    with refused(Conflict, "idempotency.reused"):
        send(**{"body": {"name": "a"}, **change})
    assert JobRun.objects.get().name == "a"


@pytest.mark.django_db
def test_a_key_belongs_to_who_sends_it():
    assert send({"name": "a"}, actor="user:1")[1]
    with transaction.atomic():
        assert first_time(actor="user:2", key=KEY, fingerprint=fingerprint(ROUTE, {}), now=NOW)


@pytest.mark.django_db
def test_a_refused_write_gives_its_key_back():
    def refuse(now):
        JobRun.objects.create(name="a", started_by="user:1", started_at=now)
        raise Refused(Problem("test.refused", "No."))

    with pytest.raises(Refused):
        once(actor="user:1", key=KEY, route=ROUTE, body={"name": ""}, do=refuse, again=lambda: None)
    assert not JobRun.objects.exists()
    assert send({"name": "mended"})[1]


@pytest.mark.django_db
def test_no_body_is_stored():
    send({"name": "a rather private matter"})
    assert "private" not in str(IdempotencyKey.objects.values().get())


bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), bodies, max_size=4), st.dictionaries(st.text(), bodies, max_size=4))
def test_two_writes_have_one_mark_only_if_they_are_the_same(one, other):
    same = repr(_sorted(one)) == repr(_sorted(other))
    assert (fingerprint(ROUTE, one) == fingerprint(ROUTE, other)) is same


def _sorted(value):
    # Compared by repr, because True == 1 to Python and not to JSON.
    if isinstance(value, dict):
        return sorted((name, _sorted(inner)) for name, inner in value.items())
    return [_sorted(inner) for inner in value] if isinstance(value, list) else value


def test_the_body_of_another_route_has_another_mark():
    assert fingerprint("POST /a/", {}) != fingerprint("POST /b/", {})
