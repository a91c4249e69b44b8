"""The pages as one person sees them in a browser."""

import html
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.accounts.actor import Actor
from clinic.common.submitting import KEY_FIELD, PATIENT_FIELD
from patients.models import Patient
from tests.pages import never_rests


class Pages:
    """Opens pages and sends forms; every form carries a key of its own unless one is given."""

    def __init__(self, actor: Actor) -> None:
        self.client = Client()
        self.client.force_login(actor.user)  # type: ignore[arg-type]
        never_rests(self.client)

    def get(self, name: str, /, *args: Any, query: str = "", **headers: str) -> Any:
        return self.client.get(address(name, *args) + query, headers=headers)

    def post(
        self,
        name: str,
        /,
        *args: Any,
        patient: Patient | None = None,
        key: uuid.UUID | None = None,
        query: str = "",
        **typed: Any,
    ) -> Any:
        """Send a form; ``patient`` is the one whom its hidden field names."""
        hidden = {KEY_FIELD: str(key or uuid.uuid4())}
        if patient is not None:
            hidden[PATIENT_FIELD] = str(patient.public_id)
        return self.client.post(address(name, *args) + query, hidden | typed)


def address(name: str, *args: Any) -> str:
    """The address of a page; a row among the arguments stands for its public id."""
    return reverse(f"patients:{name}", args=[getattr(arg, "public_id", arg) for arg in args])


def text_of(answer: Any) -> str:
    """What a page says, with its character references read and its white space made single."""
    return " ".join(html.unescape(answer.content.decode()).split())


def goes_to(answer: Any, name: str, *args: Any, part: str = "") -> bool:
    """Whether a form was stored and leads on to a page, at one of its parts."""
    wanted = address(name, *args) + (f"#{part}" if part else "")
    return bool(answer.status_code == 302 and answer["Location"] == wanted)
