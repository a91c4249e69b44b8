"""The demo's command before it makes anything."""

import socket

import pytest
from django.core.management import CommandError, call_command

from patients.models import Patient


@pytest.mark.django_db
def test_a_port_on_which_something_answers_already_is_refused(settings):
    """The server would share it without a word, and every other click would go to the other clinic."""
    settings.DEMO = True
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"{port} is in use"):
            call_command("demo", port=port)
    assert not Patient.objects.exists()


@pytest.mark.parametrize("port", ["soon", "70000"])
def test_what_is_no_port_is_said(settings, port):
    settings.DEMO = True
    with pytest.raises(CommandError, match="port"):
        call_command("demo", "--port", port)
