"""The pages of messages: the list with its filters, another try, and the texts with their preview."""

from datetime import timedelta

import pytest

from sessions.models import Reminder, ReminderText
from sessions.operations.reminding import hand_over, queue_reminders
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.messages import BY_EMAIL, RIDE, TOMORROW, job, make_text, only_reminder, visit
from tests.sessions.scenes import NOON, make_patient

pytestmark = pytest.mark.django_db

LIST, TEXTS = "/reminders/", "/reminder-texts/"
TYPED = {name: value for name, value in RIDE.items() if name != "send_at"}
TYPED |= {"send_at": "10:00", "is_in_use": "on"}


@pytest.fixture
def admin(clinic):
    return Pages(staff("administrator", clinic.site))


def failed_one(clinic, settings, **details):
    settings.SMS_BACKEND = "tests.sessions.carriers.Refusing"
    session = visit(clinic, **details)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    hand_over(reminder=only_reminder(), by=job(clinic), now=NOON)
    return session


def test_what_became_of_each_is_shown_with_why(clinic, settings):
    make_text(clinic)
    failed_one(clinic, settings, language="Tagalog")
    text = text_of(Pages(clinic.desk).get(LIST))
    for told in ("Ride home", "Failed", "550 no such number", "Wed 11 Mar 12:00", "no text in Tagalog"):
        assert told in text
    assert "Try again" in text and "Try again" not in text_of(Pages(clinic.prescriber).get(LIST))


def test_filters_stay_in_the_address(clinic, settings):
    make_text(clinic)
    failed_one(clinic, settings)
    pages = Pages(clinic.desk)
    fits = ["?state=failed", "?day=2026-03-11", f"?site={clinic.site.public_id}&state="]
    others = ["?state=sent", "?day=2026-03-12"]
    assert ["Ride home" in text_of(pages.get(LIST + query)) for query in fits + others] == [True] * 3 + [
        False
    ] * 2
    assert "No message fits this filter" in text_of(pages.get(LIST + "?state=sent"))
    for query in ("?state=asleep", "?day=soon"):
        assert pages.get(LIST + query).status_code == 422


def test_who_cannot_be_reminded_is_named(clinic):
    make_text(clinic)
    visit(clinic, reminders_by="")
    visit(clinic, chair=2, starts_at=TOMORROW + timedelta(days=9), reminders_by="")
    text = text_of(Pages(clinic.desk).get(LIST))
    assert text.count("No channel agreed") == 1
    later = text_of(Pages(clinic.desk).get(LIST + "?day=2026-03-20"))
    assert later.count("No channel agreed") == 1


def test_a_site_without_a_text_says_so(clinic, admin):
    assert "North clinic has no text in use" in text_of(Pages(clinic.desk).get(LIST))
    make_text(clinic)
    assert "has no text in use" not in text_of(Pages(clinic.desk).get(LIST))


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    clinic, settings, django_assert_max_num_queries
):
    make_text(clinic)
    make_text(clinic, name="Eating")
    for number in range(3):
        visit(clinic, chair=number)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    assert Reminder.objects.count() == 6
    pages = Pages(clinic.desk)
    with django_assert_max_num_queries(10):
        pages.get(LIST)


def test_a_failed_one_is_queued_again_once(clinic, settings):
    make_text(clinic)
    failed_one(clinic, settings)
    path, patient = f"{LIST}{only_reminder().public_id}/try-again/", only_reminder().session.patient
    assert Pages(clinic.prescriber).post(path, patient=patient).status_code == 403
    assert Pages(staff("front_desk", make_site("south"))).post(path, patient=patient).status_code == 404
    desk = Pages(clinic.desk)
    assert f'name="for_patient" value="{patient.public_id}"' in desk.get(LIST).content.decode()
    others = [desk.post(path, patient=other).status_code for other in (None, make_patient(clinic))]
    assert (others, only_reminder().state) == ([409, 409], "failed"), "a form about nobody, or somebody else"
    answer = desk.post(path, patient=patient)
    assert (answer.status_code, answer["Location"], only_reminder().state) == (302, LIST, "queued")
    assert desk.post(path, patient=patient).status_code == 409


def test_who_opens_which_page(clinic):
    text = make_text(clinic)
    add = f"{TEXTS}at/{clinic.site.public_id}/add/"
    one = f"{TEXTS}{text.public_id}/"
    for role, expected in {"administrator": 200, "front_desk": 403, "manager": 403}.items():
        pages = Pages(staff(role, clinic.site))
        assert {pages.get(path).status_code for path in (TEXTS, add, one)} == {expected}, role
    assert Pages(staff("administrator", clinic.site)).get(LIST).status_code == 403
    stranger = Pages(staff("administrator", make_site("south")))
    assert [stranger.get(path).status_code for path in (add, one)] == [404, 404]
    assert str(text.public_id) not in stranger.get(TEXTS).content.decode()


def test_a_text_is_written_once(clinic, admin):
    add = f"{TEXTS}at/{clinic.site.public_id}/add/"
    assert admin.post(add, TYPED)["Location"] == TEXTS
    stored = ReminderText.objects.get()
    assert (stored.name, stored.body, f"{stored.send_at:%H:%M}") == ("Ride home", RIDE["body"], "10:00")
    assert RIDE["body"] in text_of(admin.get(TEXTS))
    again = admin.post(add, TYPED)
    assert again.status_code == 409 and "Edit that one" in text_of(again)


def test_an_example_is_filled_in_and_not_stored(clinic, admin):
    assert "Example, not approved" in text_of(admin.get(TEXTS))
    add = f"{TEXTS}at/{clinic.site.public_id}/add/"
    answer = admin.get(f"{add}?example=fasting&language=es")
    assert "normas de la clínica" in answer.content.decode()
    assert "Example, not approved" in text_of(answer)
    assert not ReminderText.objects.exists()


def test_what_tells_too_much_is_said_beside_the_text_which_stays_typed(clinic, admin):
    answer = admin.post(f"{TEXTS}at/{clinic.site.public_id}/add/", TYPED | {"body": "Your ketamine."})
    assert answer.status_code == 422
    text = text_of(answer)
    assert "“ketamine” may not stand in a reminder: it names the drug" in text
    assert "Your ketamine." in text


def test_the_preview_fills_in_invented_values_and_stores_nothing(clinic, admin):
    text = make_text(clinic, **BY_EMAIL)
    page = f"{TEXTS}{text.public_id}/"
    shown = text_of(admin.get(page))
    assert "Hello Alex, see you on Thursday 12 March at 09:30." in shown
    typed = {name: TYPED[name] for name in ("days_before", "send_at", "is_in_use")}
    typed |= {"subject": "Soon", "body": "At {time}. ", "revision": "1", "preview": "1"}
    answer = admin.post(page, typed)
    assert answer.status_code == 200 and "At 09:30." in text_of(answer)
    wrong = admin.post(page, typed | {"body": "Ketamine {when}"})
    assert "“ketamine”" in text_of(wrong) and "{when} is not known" in text_of(wrong)
    text.refresh_from_db()
    assert text.revision == 1


def test_an_older_version_is_shown_beside_the_newer(clinic, admin):
    text = make_text(clinic)
    page = f"{TEXTS}{text.public_id}/"
    typed = {name: TYPED[name] for name in ("days_before", "send_at", "is_in_use", "subject")}
    assert admin.post(page, typed | {"body": "First.", "revision": "1"}).status_code == 302
    answer = admin.post(page, typed | {"body": "Second.", "revision": "1"})
    assert answer.status_code == 409
    assert "First." in text_of(answer) and "Second." in text_of(answer)


@pytest.mark.parametrize(
    ("body", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("ñ" * 160, 1), ("ó" * 70, 1), ("ó" * 71, 2), ("a" * 460, 4)],
)
def test_how_many_text_messages_it_makes(clinic, admin, body, parts):
    answer = admin.post(f"{TEXTS}at/{clinic.site.public_id}/add/", TYPED | {"body": body, "preview": "1"})
    assert f"{parts} text message" in text_of(answer)
