"""What one link of the chain covers. Pure: a verifier needs nothing but the rows."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def canonical(value: Any) -> str:
    """One text for one value, on every database and Python version."""
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def plain(value: Any) -> Any:
    """The value as a database gives it back: texts for keys, instants and decimals."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def digest_of_details(details: Mapping[str, Any], salt: str) -> str:
    """Salted, so that a purged detail cannot be guessed back from its digest."""
    return hashlib.sha256(f"{salt}{canonical(details)}".encode()).hexdigest() if details else ""


def link_hash(*, previous: str, sequence: int, at: datetime, fields: Mapping[str, Any]) -> str:
    """The hash of an event: over its predecessor's hash and everything it says."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical([previous, sequence, moment, dict(fields)]).encode()).hexdigest()
