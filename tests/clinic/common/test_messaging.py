"""Handing messages to carriers: what the settings name, and what a mail server's answers mean."""

import socketserver
import threading

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from clinic.common.messaging import Message, NotSent, Unknown, send_email, send_sms
from clinic.config.environment import email_settings, sms_backend

MESSAGE = Message(to="rui@example.org", subject="Your visit", body="See you at nine.", reference="abc")


class Server(socketserver.StreamRequestHandler):
    """A mail server that answers as it is told, and hangs up where it is told nothing."""

    answers: dict[str, str] = {}

    def handle(self):
        self.say("220 ready")
        in_data = False
        while sent := self.rfile.readline():
            line = sent.decode().strip("\r\n")
            word = line.split(":")[0].split()[0].upper() if line.split() else ""
            if in_data and line != ".":
                continue
            answer = self.answers.get("." if in_data else word, "250 ok")
            in_data = word == "DATA" and answer.startswith("354")
            if not answer:
                return
            self.say(answer)
            if word == "QUIT":
                return

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server(settings):
    """Starts one whose answers are given by the words of the protocol."""
    started = []

    def start(**answers):
        handler = type("Told", (Server,), {"answers": {"DATA": "354 go on", **answers}})
        server = socketserver.TCPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_a_mail_server_takes_it(mail_server):
    mail_server()
    send_email(MESSAGE)


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"RCPT": "550 no such user"}, False),
        ({"RCPT": "451 try later"}, True),
        ({"MAIL": "553 not you"}, False),
        ({"DATA": "452 full"}, True),
        ({".": "554 no"}, False),
    ],
)
def test_what_a_server_refuses_has_not_gone_out(mail_server, answers, again):
    mail_server(**answers)
    with pytest.raises(NotSent) as caught:
        send_email(MESSAGE)
    assert caught.value.again is again
    assert next(iter(answers.values()))[:3] in str(caught.value)


def test_a_server_that_hangs_up_after_the_text_leaves_it_open(mail_server):
    mail_server(**{".": ""})
    with pytest.raises(Unknown):
        send_email(MESSAGE)


def test_a_server_that_is_not_there_has_taken_nothing(mail_server):
    server = mail_server()
    server.shutdown()
    server.server_close()
    with pytest.raises(NotSent) as caught:
        send_email(MESSAGE)
    assert caught.value.again is True


def test_files_are_for_the_owners_eyes(data_dir, settings):
    settings.SMS_BACKEND = sms_backend("file", unset="")
    for _again in range(2):
        send_sms(MESSAGE)
    written = list((data_dir / "messages").iterdir())
    assert len(written) == 2
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_the_console_shows_it(capsys, settings):
    settings.SMS_BACKEND = sms_backend("", unset="console")
    send_sms(MESSAGE)
    assert capsys.readouterr().out == "Text message to rui@example.org: See you at nine.\n"


def test_nothing_is_sent_by_an_installation_that_names_no_carrier(settings):
    settings.SMS_BACKEND = sms_backend("", unset="")
    settings.EMAIL_BACKEND = email_settings("", unset="")["backend"]
    for send in (send_sms, send_email):
        with pytest.raises(NotSent) as caught:
            send(MESSAGE)
        assert caught.value.again is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("smtp://mail.example.org", {"port": 587, "starttls": True, "tls": False, "user": ""}),
        ("smtps://mail.example.org", {"port": 465, "starttls": False, "tls": True}),
        (
            "smtp://a%40b:p%2Fw@mail.example.org:2525",
            {"port": 2525, "user": "a@b", "password": "p/w", "host": "mail.example.org"},
        ),
    ],
)
def test_a_mail_server_is_named_by_its_address(given, expected):
    found = email_settings(given, unset="console")
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("given", ["mail.example.org", "https://example.org", "smtp://", "carrier"])
def test_anything_else_stops_the_start(given):
    with pytest.raises(ImproperlyConfigured):
        email_settings(given, unset="")


def test_an_unknown_word_for_text_messages_stops_the_start():
    with pytest.raises(ImproperlyConfigured):
        sms_backend("carrier", unset="")
    assert sms_backend("house.carriers.Ours", unset="console") == "house.carriers.Ours"


def test_a_line_end_in_a_subject_begins_no_header():
    send_email(Message(to="a@example.org", subject="One\r\nBcc: x@example.org", body="x", reference="r"))
    assert mail.outbox[0].subject == "One Bcc: x@example.org"
    assert "Bcc" not in mail.outbox[0].message()
