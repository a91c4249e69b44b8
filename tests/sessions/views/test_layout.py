"""A whole page, or only what a form of it brings back; and pages without the blanks of their sources."""

import gzip
import re

import pytest
from django.template.loader import get_template, render_to_string

from sessions.states import Status
from tests.pages import text_of
from tests.sessions.scenes import NOON, session_at

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "main"}


@pytest.fixture
def chart(clinic, client):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    client.force_login(clinic.nurse.user)
    return lambda **headers: client.get(f"/sessions/{session.public_id}/", **headers)


def main_of(response):
    found = re.search(r'<main id="main".*</main>', response.content.decode(), re.DOTALL)
    # Each form has a key of its own, and each page a token.
    words = re.sub(r'(idempotency_key|csrfmiddlewaretoken)" value="[^"]+"', "", found[0])
    return re.sub(r"\s+", " ", words)


def test_a_form_of_a_page_brings_back_its_middle_alone(chart):
    whole, part = chart(), chart(**PART)
    assert main_of(part) == main_of(whole)
    assert part.content.decode().strip().startswith("<title>Infusing")
    assert "<html" not in part.content.decode() and "Sign out" not in text_of(part)
    assert "<html" in whole.content.decode() and "Sign out" in text_of(whole)
    assert part["X-Keep-Offline"] == whole["X-Keep-Offline"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "strip"},
        {"HTTP_HX_TARGET": "main"},
        PART | {"HTTP_HX_HISTORY_RESTORE_REQUEST": "true"},
    ],
    ids=["another target", "not asked by a script", "going back"],
)
def test_whoever_has_no_frame_gets_the_page(chart, headers):
    assert "<html" in chart(**headers).content.decode()


def test_a_page_is_compressed_for_whoever_can_read_it(chart):
    plain, packed = chart(), chart(HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(packed.content).decode().strip().startswith("<!DOCTYPE html>")
    assert len(packed.content) < len(plain.content) / 4


def test_an_answer_of_the_api_keeps_its_strong_etag(clinic, client):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    client.force_login(clinic.nurse.user)
    answer = client.get(f"/api/v1/sessions/{session.public_id}/", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in answer and answer["ETag"] == f'"{session.revision}"'


def test_no_line_of_a_source_begins_with_blanks(chart):
    source = get_template("sessions/session.html").template.source
    assert not [line for line in source.splitlines() if line.startswith((" ", "\t"))]
    # Its lines are still those of the file, which an error names.
    with open("templates/sessions/session.html", encoding="utf-8") as file:
        assert len(source.splitlines()) == len(file.read().splitlines())


def test_what_was_typed_keeps_its_blanks(db):
    form = {"name": "note", "value": "one\n    two"}
    shown = render_to_string("django/forms/widgets/textarea.html", {"widget": form | {"attrs": {}}})
    assert "one\n    two" in shown
