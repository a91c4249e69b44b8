"""Every route that writes says how a repeated or outdated request is kept from changing data twice.

The routes are those of the URL conf. That the policy stands in the API's document is read there; that it is asked for
is tried, with rows of a scene and a body made up from the document.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.api_scene import Reach, kept_scene

HEADERS = {"Idempotency-Key", "If-Match"}
WRITES = ("post", "put", "patch", "delete")
READS_BY_POST = {"/api/v1/patients/search/", "/api/v1/patients/duplicates/"}
"""What is asked for stands in the body, so that no name stands in any log of addresses; nothing is written."""


def routes(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Every address below a resolver with the view class behind it, where there is one."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, getattr(entry.callback, "view_class", None)


def write_routes() -> list[tuple[str, str]]:
    """(verb, address) of every route of the API that takes more than reading."""
    api = [(path, view) for path, view in routes(get_resolver()) if path.startswith("/api/v1/") and view]
    return sorted((verb, as_documented(path)) for path, view in api for verb in WRITES if hasattr(view, verb))


def as_documented(path: str) -> str:
    """``/<uuid:patient_id>/`` as ``/{patient_id}/``."""
    return "/".join(
        f"{{{word.strip('<>').partition(':')[2]}}}" if "<" in word else word for word in path.split("/")
    )


MORE: dict[str, dict[str, Any]] = {
    "/api/v1/imports/": {"content": "Id,Last\n1,Silva\n"},
    "/api/v1/patients/{patient_id}/diagnoses/": {"code": "F33.2"},
    "/api/v1/patients/{patient_id}/links/": {"parts": ["mood"]},
    "/api/v1/reminder-texts/": {"send_at": "09:30"},
    "/api/v1/sessions/{session_id}/events/": {"kind": "rate", "rate_ml_per_hour": "75"},
    "/api/v1/tokens/": {"scopes": ["view_patients"]},
}
"""What a body needs beyond its shape, so that it is the header which is missed."""

DOCUMENT = SchemaGenerator().get_schema(public=True)
WRITE_ROUTES = [route for route in write_routes() if route[1] not in READS_BY_POST]


def declared(verb: str, path: str) -> list[dict[str, Any]]:
    parameters = DOCUMENT["paths"][path][verb].get("parameters", [])
    return [parameter for parameter in parameters if parameter["name"] in HEADERS]


@pytest.mark.parametrize(("verb", "path"), WRITE_ROUTES)
def test_a_write_declares_one_policy(verb: str, path: str) -> None:
    (policy,) = declared(verb, path)
    assert (policy["in"], policy["required"]) == ("header", True)


def test_what_only_reads_declares_none() -> None:
    assert {path for _verb, path in write_routes()} >= READS_BY_POST
    assert [path for path in READS_BY_POST if declared("post", path)] == []


def test_no_view_of_the_api_hides_its_verbs() -> None:
    """A view that is a plain function could take any verb, and this test would not see it."""
    functions = [
        path for path, view in routes(get_resolver()) if path.startswith("/api/v1/") and view is None
    ]
    assert functions == []


def test_a_write_without_its_header_is_turned_down(scene: Reach, db: None) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {scene.token}")
    answers = {}
    for verb, path in WRITE_ROUTES:
        body = example_of(body_schema(verb, path), "", scene) | MORE.get(path, {})
        answer = getattr(client, verb)(scene.address(path), body, format="json")
        answers[verb, path] = (answer.status_code, answer.json().get("code"))
    missing = {"idempotency.missing", "revision.missing"}
    assert {route: got for route, got in answers.items() if got[0] != 428 or got[1] not in missing} == {}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Reach]:
    with kept_scene(django_db_blocker) as reach:
        yield reach


def body_schema(verb: str, path: str) -> dict[str, Any]:
    content = DOCUMENT["paths"][path][verb].get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema", {"type": "object"})


def example_of(schema: dict[str, Any], name: str, scene: Reach) -> Any:
    """The least that a schema of the document asks for."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for combined in ("allOf", "oneOf", "anyOf"):
        if combined in schema:
            return example_of(schema[combined][0], name, scene)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        wanted = schema.get("required", [])
        return {key: example_of(schema["properties"][key], key, scene) for key in wanted}
    return _plain_example(schema, name, scene)


def _plain_example(schema: dict[str, Any], name: str, scene: Reach) -> Any:
    if schema.get("format") == "uuid":
        return scene.named(name)
    if schema.get("type") == "array":
        return []
    if schema.get("type") in {"integer", "number"}:
        return schema.get("minimum", 1)
    if schema.get("type") == "boolean":
        return False
    return {"date": "2000-01-01", "date-time": "2026-03-10T09:30:00Z", "decimal": "50"}.get(
        schema.get("format", ""), "x"
    )
