"""Pages as a browser without JavaScript uses them: open, fill in the form that is there, send it."""

import re
import uuid
from collections.abc import Mapping
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from clinic.accounts.actor import Actor
from clinic.accounts.web_session import REST
from clinic.common import clock


def never_rests(client: Client) -> None:
    """A session that outlasts the jumps of a test's clock, and whose first request notes nothing."""
    session = client.session
    session[REST] = {"since": int(clock.now().timestamp()) + 10**8, "seconds": 1800}
    session.save()


class Pages:
    """The pages as one person sees them."""

    def __init__(self, actor: Actor) -> None:
        assert actor.user is not None
        self.client = Client()
        self.client.force_login(actor.user)
        never_rests(self.client)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(
        self, path: str, fields: Mapping[str, Any] | None = None, *, patient: Any = None, key: Any = None
    ) -> Any:
        """Send a form about ``patient`` under its own key."""
        hidden = {"idempotency_key": str(key or uuid.uuid4())}
        if patient is not None:
            hidden["for_patient"] = str(patient.public_id)
        return self.client.post(path, hidden | dict(fields or {}))


def text_of(response: HttpResponse) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<(script|style|head|template)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
