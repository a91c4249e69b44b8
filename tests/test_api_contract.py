"""Every route of the API against its own document: whatever is sent, the answer is one that the document promises.

The ids in addresses and bodies are those of a scene, so that the calls go past "there is no such record".
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    CoveragePhaseConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clinic.common import clock
from tests.api_scene import Reach, kept_scene

DOCUMENT = "/openapi.json"
django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The product, and its document without signing in: it is read while there is no database yet."""
    if environ["PATH_INFO"] != DOCUMENT:
        return django(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True))]


config = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=False)))
    )
)
schema = schemathesis.openapi.from_wsgi(DOCUMENT, application, config=config)


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Reach]:
    # A server's connection ends with its request; this one carries the transaction of the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with kept_scene(django_db_blocker) as reach:
        yield reach
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def reach(scene: Reach, db: None) -> Reach:
    """What one route's calls write is not there for the next."""
    return scene


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_promises(case: Any, reach: Reach) -> None:
    aim(case, reach)
    response = case.call(headers={"Authorization": f"Bearer {reach.token}"})
    case.validate_response(
        response,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


def aim(case: Any, reach: Reach) -> None:
    """Put the ids of the scene where the case has made some up."""
    words = case.path.split("/")
    for place, word in enumerate(words):
        if word.startswith("{"):
            case.path_parameters[word.strip("{}")] = reach.id_at(words, place)
    if isinstance(case.body, dict):
        case.body |= {name: found for name in case.body if (found := reach.named(name))}
        if "starts_at" in case.body:
            case.body["starts_at"] = (clock.now() + timedelta(days=1)).isoformat()
    if "If-Match" in (case.headers or {}) and len(case.headers["If-Match"]) % 2:
        case.headers["If-Match"] = '"1"'


def test_the_document_is_written_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", file=str(tmp_path / "api.yaml"), validate=True, fail_on_warn=True)


def test_the_document_names_every_refusal_of_a_write() -> None:
    document = SchemaGenerator().get_schema(public=True)
    operation = document["paths"]["/api/v1/sessions/{session_id}/vital-signs/"]["post"]
    assert set(map(str, operation["responses"])) >= {"200", "201", "401", "403", "404", "409", "422", "428"}
