"""Calling the API as somebody at some moment, and sending every write twice as a bad network does."""

import uuid
from datetime import timedelta
from typing import Any

from rest_framework.test import APIClient

from clinic.accounts.actor import Actor
from clinic.accounts.operations.tokens import issue_token
from tests.patients.api.client import ROOT, Api


def with_token(actor: Actor, *scopes: str) -> APIClient:
    """A client that signs in with a token of its own, narrowed to some rights."""
    _token, text = issue_token(user=actor.user, name="test", scopes=scopes, life=timedelta(days=9), by=actor)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def twice(api: Api, path: str, body: Any = None) -> dict[str, Any]:
    """The answer to a write that is sent again under its key: the same both times."""
    key = uuid.uuid4()
    first, again = (api.post(path, body, key=key) for _attempt in range(2))
    assert first.status_code in {200, 201}, first.json()
    assert (again.status_code, again.json()) == (200, first.json())
    if first.status_code == 201:
        assert first.json()["id"] == str(key)
    answered: dict[str, Any] = first.json()
    return answered


def codes(answer: Any) -> set[str]:
    """The status of a refusal and every code in it."""
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json", body
    assert body["status"] == answer.status_code
    return {body["code"], *(error["code"] for error in body.get("errors", []))}


def at(session: Any, tail: str = "") -> str:
    """The address of a session or of something below it."""
    public_id = session["id"] if isinstance(session, dict) else session.public_id
    return f"sessions/{public_id}/{tail}"


__all__ = ["ROOT", "Api", "at", "codes", "twice", "with_token"]
