"""Calling the API as somebody."""

import uuid
from typing import Any

from rest_framework.test import APIClient

from clinic.accounts.actor import Actor
from tests.pages import never_rests

ROOT = "/api/v1/"


class Api:
    """The API as one person sees it; every write carries a key of its own unless one is given."""

    def __init__(self, actor: Actor) -> None:
        self.client = APIClient()
        self.client.force_login(actor.user)
        never_rests(self.client)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query)

    def post(self, path: str, body: Any = None, *, key: Any = None, **headers: str) -> Any:
        headers = {"Idempotency-Key": str(key or uuid.uuid4()), **headers}
        return self.client.post(ROOT + path, body or {}, headers=headers)

    def patch(self, path: str, body: Any, *, revision: Any = None) -> Any:
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        return self.client.patch(ROOT + path, body, headers=headers)

    def end(self, path: str, body: Any, *, revision: int) -> Any:
        return self.client.post(ROOT + path, body, headers={"If-Match": f'"{revision}"'})

    def upload(self, path: str, body: Any, *, key: Any = None) -> Any:
        headers = {"Idempotency-Key": str(key or uuid.uuid4())}
        return self.client.post(ROOT + path, body, format="multipart", headers=headers)
