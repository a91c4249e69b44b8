"""What a text of a reminder may say, and who writes it."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.operations.sites import edit_site
from sessions.models import ReminderText
from sessions.operations.reminder_texts import add_reminder_text, edit_reminder_text
from sessions.rules.reminder_examples import EXAMPLES
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.messages import BY_EMAIL, RIDE, make_text
from tests.sessions.scenes import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(clinic):
    return staff("administrator", clinic.site)


@pytest.fixture
def add(clinic, admin):
    def act(**content):
        return add_reminder_text(site=clinic.site, content=RIDE | content, by=admin, now=NOON)

    return act


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("Your ketamine visit", "ketamine"),
        ("KETAMINA", "ketamina"),
        ("Su infusión de mañana", "infusion"),
        ("Infusions begin at 9", "infusions"),
        ("Treating depression", "depression"),
        ("For your antidepressant", "antidepressant"),
        ("Department of Psychiatry", "psychiatry"),
        ("consulta de psiquiatría", "psiquiatria"),
        ("salud mental", "mental"),
        ("IV at nine", "iv"),
        ("Hydrochloride day", "hydrochloride"),
    ],
)
def test_a_text_that_tells_what_the_visit_is_for_is_refused(add, body, word):
    with refused(Invalid, "reminder.tells") as caught:
        add(body=body)
    assert f"“{word}”" in str(caught.value)


def test_so_is_a_subject(add):
    with refused(Invalid, "reminder.tells") as caught:
        add(**BY_EMAIL | {"subject": "Ketamine on {day}"})
    assert set(caught.value.fields) == {"subject"}


@pytest.mark.parametrize("body", ["Drive? Give us a call.", "Alternatively come at nine.", "First visit"])
def test_plain_words_pass(add, body):
    assert add(body=body).body == body


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        ({"body": "{name}"}, "body", "reminder.placeholder"),
        ({"body": "{}"}, "body", "reminder.placeholder"),
        ({"body": "{first_name.__class__}"}, "body", "reminder.placeholder"),
        ({"body": "{first_name!r}"}, "body", "reminder.placeholder"),
        ({"body": "{time:%H}"}, "body", "reminder.placeholder"),
        ({"body": "at {time"}, "body", "reminder.braces"),
        ({"body": "at time}"}, "body", "reminder.braces"),
        ({"body": " \n"}, "body", "field.blank"),
        ({"body": "Eat [what]"}, "body", "reminder.blank"),
        ({"body": "x" * 481}, "body", "reminder.long"),
        ({"body": "Call {phone}"}, "body", "reminder.no_phone"),
        ({"days_before": 15}, "days_before", "reminder.days"),
        ({"language": "xx"}, "language", "reminder.language"),
        ({"channel": "pigeon"}, "channel", "field.invalid_choice"),
        (BY_EMAIL | {"subject": " "}, "subject", "reminder.no_subject"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(add, content, field, code):
    with refused(Invalid, code) as caught:
        add(**content)
    assert field in caught.value.fields


def test_the_sites_own_name_may_tell_too(clinic, admin, add):
    edit_site(site=clinic.site, changes={"name": "Ketamine North"}, by=admin, expected_revision=1, now=NOON)
    with refused(Invalid, "reminder.site_tells"):
        add(body="See you at {site}")
    assert add(body="See you at our clinic").pk


def test_a_telephone_of_the_site_is_filled_in(clinic, admin, add):
    edit_site(site=clinic.site, changes={"phone": "555 0100"}, by=admin, expected_revision=1, now=NOON)
    assert add(body="Call {phone}").pk


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.code}-{one.language}")
def test_an_example_is_stored_only_once_the_clinic_has_said_its_part(clinic, admin, add, example):
    edit_site(site=clinic.site, changes={"phone": "555 0100"}, by=admin, expected_revision=1, now=NOON)
    told = {"language": example.language, "body": example.body, "name": example.code}
    with refused(Invalid, "reminder.blank"):
        add(**told)
    before, _open, rest = example.body.partition("[")
    assert add(**told | {"body": before + "..." + rest.partition("]")[2]}).pk


def test_one_text_in_each_language_and_channel(add):
    add()
    with refused(Conflict, "reminder.text_taken"):
        add(name="RIDE HOME")
    add(language="es")
    add(**BY_EMAIL)
    assert ReminderText.objects.count() == 3


def test_an_edit_names_its_version_and_what_a_text_is_stays(clinic, admin):
    text = make_text(clinic)
    told = {"text": text, "by": admin, "now": NOON}
    edited = edit_reminder_text(changes={"body": "At {time}."}, expected_revision=1, **told)
    assert (edited.body, edited.revision, edited.name) == ("At {time}.", 2, "Ride home")
    with refused(Stale, "revision.stale"):
        edit_reminder_text(changes={"body": "Later."}, expected_revision=1, **told)
    with refused(Invalid, "reminder.not_editable"):
        edit_reminder_text(changes={"language": "es"}, expected_revision=2, **told)
    event = AuditEvent.objects.get(verb="reminder_text.edited")
    assert event.changed()["body"] == (RIDE["body"], "At {time}.")


def test_only_who_manages_the_site_writes_texts(clinic):
    for by in (clinic.desk, clinic.nurse, staff("manager", clinic.site)):
        with refused(Refused, "permission.missing"):
            add_reminder_text(site=clinic.site, content=RIDE, by=by, now=NOON)
    text = make_text(clinic)
    with refused(Refused, "permission.missing"):
        edit_reminder_text(text=text, changes={}, by=clinic.desk, expected_revision=1, now=NOON)
