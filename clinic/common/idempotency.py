"""One write, however often it is sent.

The key is chosen by the sender: the hidden field of a form, or the ``Idempotency-Key`` header. It becomes the
``public_id`` of the row that the write creates, so a repeated request needs no stored answer: it finds the row.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Problem
from clinic.common.models import IdempotencyKey

REUSED = "idempotency.reused"


@contextmanager
def one_write() -> Iterator[None]:
    """The transaction of a write under a key.

    Raises:
        Conflict: the key is the id of a row that is there already, by somebody else (``idempotency.reused``).
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        # Both databases name the column: PostgreSQL in the constraint's name, SQLite in so many words.
        if "public_id" not in str(error):
            raise
        raise _reused() from error


def fingerprint(route: str, body: Mapping[str, Any] | list[Any]) -> str:
    """A digest of what was asked, so that a key reused for something else is noticed. No body is stored."""
    text = json.dumps([route, body], cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def first_time(*, actor: str, key: uuid.UUID, fingerprint: str, now: datetime) -> bool:
    """Claim the key inside the caller's transaction; False when the same write has been done before.

    A refused write rolls the claim back with it, so it can be mended and sent again under the same key. A second
    sender waits on the row of the first until that transaction has ended.

    Raises:
        Conflict: the key was used for another write (``idempotency.reused``).
    """
    table = connection.ops.quote_name(IdempotencyKey._meta.db_table)
    values = IdempotencyKey(actor=actor, key=key, fingerprint=fingerprint, created_at=now)
    names = ["actor", "key", "fingerprint", "created_at"]
    prepared = [
        IdempotencyKey._meta.get_field(name).get_db_prep_save(getattr(values, name), connection)  # type: ignore[union-attr]
        for name in names
    ]
    with connection.cursor() as cursor:
        # The ORM's ignore_conflicts does not say whether the row is new, and a caught IntegrityError would
        # cost a savepoint on every write.
        cursor.execute(
            f"INSERT INTO {table} (actor, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (actor, key) DO NOTHING RETURNING 1",
            prepared,
        )
        if cursor.fetchone():
            return True
    if IdempotencyKey.objects.get(actor=actor, key=key).fingerprint != fingerprint:
        raise _reused()
    return False


def _reused() -> Conflict:
    message = _(
        "This form was sent before with other contents, and those are stored. What stands here now is not: look at"
        " what is there, then send it anew."
    )
    return Conflict(Problem(REUSED, message))


def known(*, actor: str, key: uuid.UUID) -> bool:
    """Whether something was stored under this key."""
    return IdempotencyKey.objects.filter(actor=actor, key=key).exists()
