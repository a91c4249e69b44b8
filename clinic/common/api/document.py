"""What the API's document says of every route: how a refusal reads, and how a repeated write is answered."""

from http import HTTPStatus
from typing import Any

from clinic.common.api.problems import CONTENT_TYPE

_TEXT = {"type": "string"}
_ENTRY = {
    "type": "object",
    "properties": {"field": _TEXT, "code": _TEXT, "detail": _TEXT},
    "required": ["field", "code", "detail"],
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why something was turned down (RFC 9457), in words for people and a code for programs.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {**_TEXT, "description": "Stable and dotted, such as `booking.chair_taken`."},
        "detail": {**_TEXT, "description": "A sentence: what is wrong, and what to do."},
        "request_id": {**_TEXT, "description": "Names the request in the server's log."},
        "errors": {
            "type": "array",
            "items": _ENTRY,
            "description": "Every problem, where there are several.",
        },
        "current": {"description": "The stored version, where an edit was based on an older one."},
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}
EVERYWHERE = (401, 403, 404, 406)
READING = (422,)
WRITING = (400, 409, 415, 422, 428)
EDITING = (412,)


def describe_problems(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Hook of drf-spectacular: adds the refusals to every operation, where it does not name them itself."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path in result["paths"].values():
        for verb, operation in path.items():
            _describe_again(operation["responses"])
            for status in _statuses(verb, operation):
                operation["responses"].setdefault(str(status), _answer(status))
    return result


def _describe_again(responses: dict[str, Any]) -> None:
    if created := responses.get("201"):
        responses["200"] = {
            **created,
            "description": "It was done before under this key: the row as it is now.",
        }


def _statuses(verb: str, operation: dict[str, Any]) -> tuple[int, ...]:
    if verb == "get":
        return EVERYWHERE + READING
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    return EVERYWHERE + WRITING + (EDITING if "If-Match" in names else ())


def _answer(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
