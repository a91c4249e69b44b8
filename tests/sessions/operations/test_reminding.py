"""Messages to patients: when they are queued, that they go out once, and what is noted of each."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Refused
from patients.operations.registering import edit_patient, record_death
from sessions.models import Reminder
from sessions.operations.arriving import arrive, cancel
from sessions.operations.booking import move_booking
from sessions.operations.reminder_texts import edit_reminder_text
from sessions.operations.reminding import drop_outdated, hand_over, queue_reminders, try_again
from sessions.rules.messages import MOST_TRIES
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.messages import (
    BY_EMAIL,
    SPANISH,
    TOMORROW,
    job,
    make_text,
    only_reminder,
    text_messages,
    visit,
)
from tests.sessions.scenes import NOON

pytestmark = pytest.mark.django_db

CARRIERS = "tests.sessions.carriers"
FILES = "clinic.common.messaging.FileSms"
TEN = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
"""When a visit of tomorrow is announced: ten o'clock in New York."""


@pytest.fixture
def folder(data_dir, settings):
    settings.SMS_BACKEND = FILES
    return data_dir


def run(clinic, now=NOON):
    """What the command does for a site, at a moment; the states that it left behind."""
    by = job(clinic)
    drop_outdated(site=clinic.site, by=by, now=now)
    queue_reminders(site=clinic.site, by=by, now=now)
    waiting = Reminder.objects.filter(state="queued").select_related("session")
    return [hand_over(reminder=reminder, by=by, now=now) for reminder in waiting]


def verbs():
    return list(
        AuditEvent.objects.filter(verb__startswith="reminder.").order_by("pk").values_list("verb", flat=True)
    )


def test_a_message_is_queued_a_day_ahead_and_goes_out_when_it_is_due(clinic, folder):
    make_text(clinic)
    session = visit(clinic)
    assert queue_reminders(site=clinic.site, by=job(clinic), now=TEN - timedelta(hours=25)) == 0
    assert queue_reminders(site=clinic.site, by=job(clinic), now=TEN - timedelta(hours=24)) == 1
    reminder = only_reminder()
    assert (reminder.state, reminder.due_at, reminder.visit_at) == ("queued", TEN, TOMORROW)
    assert hand_over(reminder=reminder, by=job(clinic), now=TEN - timedelta(minutes=1)) == ""
    assert hand_over(reminder=reminder, by=job(clinic), now=TEN) == "sent"
    assert text_messages(folder) == ["555 0101\n\nHello Rui, see you on Wednesday 11 March at 12:00.\n"]
    reminder.refresh_from_db()
    assert (reminder.state, reminder.attempts, reminder.why) == ("sent", 1, "")
    assert verbs() == ["reminder.queued", "reminder.handed_over", "reminder.sent"]
    event = AuditEvent.objects.get(verb="reminder.sent")
    assert (event.actor_kind, event.patient_id) == ("job", session.patient.public_id)


def test_running_again_sends_nothing_again(clinic, folder):
    make_text(clinic)
    visit(clinic)
    assert [run(clinic), run(clinic), run(clinic, NOON + timedelta(hours=3))] == [["sent"], [], []]
    assert len(text_messages(folder)) == 1 and Reminder.objects.count() == 1


def test_an_e_mail_goes_through_djangos_backend_under_a_name_of_its_own(clinic):
    make_text(clinic, **BY_EMAIL)
    visit(clinic, reminders_by="email")
    assert run(clinic) == ["sent"]
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["rui@example.org"], "Your visit on Wednesday 11 March")
    assert sent.extra_headers["Message-ID"].startswith(f"<{only_reminder().public_id}@")


@pytest.mark.parametrize(
    ("details", "language", "body"),
    [
        ({}, "en", "Hello Rui, see you on Wednesday 11 March at 12:00."),
        ({"language": "Español"}, "es", "Hola, Rui: le esperamos el miércoles 11 de marzo a las 12:00."),
        ({"language": "es-MX"}, "es", "Hola, Rui: le esperamos el miércoles 11 de marzo a las 12:00."),
        ({"language": "Polish"}, "en", "Hello Rui, see you on Wednesday 11 March at 12:00."),
        ({"language": "Tagalog"}, "en", "Hello Rui, see you on Wednesday 11 March at 12:00."),
    ],
)
def test_the_patients_language_else_english(clinic, details, language, body):
    make_text(clinic)
    make_text(clinic, **SPANISH)
    visit(clinic, **details)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    reminder = only_reminder()
    assert (reminder.text.language, reminder.body) == (language, body)


@pytest.mark.parametrize(
    "details",
    [{"reminders_by": ""}, {"phone": "", "reminders_by": ""}, {"reminders_by": "email"}],
)
def test_nothing_is_queued_without_an_agreed_channel_and_a_text_for_it(clinic, details):
    make_text(clinic)
    visit(clinic, **details)
    assert queue_reminders(site=clinic.site, by=job(clinic), now=NOON) == 0


@pytest.mark.parametrize(
    ("visit_at", "send_at", "zone", "due"),
    [
        # On the site's clocks, in New York.
        (datetime(2026, 3, 11, 16, tzinfo=UTC), time(10), "", datetime(2026, 3, 10, 14, tzinfo=UTC)),
        # On the patient's, in Los Angeles.
        (
            datetime(2026, 3, 11, 16, tzinfo=UTC),
            time(10),
            "America/Los_Angeles",
            datetime(2026, 3, 10, 17, tzinfo=UTC),
        ),
        # 02:30 is skipped on 8 March: an hour later on the clocks, as if they had not been changed.
        (datetime(2026, 3, 9, 16, tzinfo=UTC), time(2, 30), "", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # 01:30 comes twice on 1 November: the first.
        (datetime(2026, 11, 2, 17, tzinfo=UTC), time(1, 30), "", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        # The day before the change, and the visit after it.
        (datetime(2026, 3, 8, 16, tzinfo=UTC), time(10), "", datetime(2026, 3, 7, 15, tzinfo=UTC)),
    ],
)
def test_it_is_due_at_its_time_on_the_patients_clocks(clinic, visit_at, send_at, zone, due):
    make_text(clinic, send_at=send_at)
    visit(clinic, starts_at=visit_at, time_zone=zone)
    queue_reminders(site=clinic.site, by=job(clinic), now=due)
    assert only_reminder().due_at == due


def test_a_late_one_does_not_wake_anybody_and_one_on_time_may(clinic, folder):
    night = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)  # two in the morning
    make_text(clinic)
    visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    assert run(clinic, night) == [""]
    assert run(clinic, night + timedelta(hours=6)) == ["sent"]


def test_at_night_where_the_clinic_wants_it_so(clinic, folder):
    make_text(clinic, send_at=time(2, 0), days_before=0)
    visit(clinic)
    assert run(clinic, datetime(2026, 3, 11, 6, 0, tzinfo=UTC)) == ["sent"]


def test_a_moved_visit_gets_a_new_one_and_the_old_one_is_dropped(clinic, folder):
    make_text(clinic)
    session = visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=TEN - timedelta(hours=1))
    told = {"chair": clinic.chair, "by": clinic.desk, "now": TEN - timedelta(minutes=30)}
    move_booking(
        session=session, starts_at=TOMORROW + timedelta(hours=2), expected_revision=session.revision, **told
    )
    assert run(clinic, TEN) == ["sent"]
    old, new = Reminder.objects.order_by("visit_at")
    assert (old.state, old.why, new.state) == ("dropped", "moved", "sent")
    assert [message[-7:-2] for message in text_messages(folder)] == ["14:00"]


def test_moved_away_and_back_the_patient_is_told_what_counts(clinic, folder):
    """The first message spoke of noon, the second of two o'clock: noon must be said again."""
    make_text(clinic)
    session = visit(clinic)
    for hours in (0, 2, 0):
        if hours or Reminder.objects.exists():
            session.refresh_from_db()
            move_booking(
                session=session,
                chair=clinic.chair,
                starts_at=TOMORROW + timedelta(hours=hours),
                by=clinic.desk,
                expected_revision=session.revision,
                now=NOON,
            )
        now = NOON + timedelta(minutes=Reminder.objects.count() + len(text_messages(folder)))
        assert run(clinic, now) == ["sent"]
    assert sorted(message[-7:-2] for message in text_messages(folder)) == ["12:00", "12:00", "14:00"]
    assert Reminder.objects.count() == 2


def _cancelled(clinic, session):
    cancel(session=session, by=clinic.desk, reason="Cold", now=NOON)


def _arrived(clinic, session):
    arrive(session=session, by=clinic.desk, now=TOMORROW)


def _died(clinic, session):
    patient = session.patient
    day = NOON.date()
    record_death(patient=patient, deceased_on=day, by=clinic.desk, expected_revision=2, now=NOON)


def _changed(**changes):
    def change(clinic, session):
        edit_patient(patient=session.patient, changes=changes, by=clinic.desk, expected_revision=2, now=NOON)

    return change


def _out_of_use(clinic, session):
    text = only_reminder().text
    by = staff("administrator", clinic.site)
    edit_reminder_text(text=text, changes={"is_in_use": False}, by=by, expected_revision=1, now=NOON)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_cancelled, "cancelled"),
        (_arrived, "over"),
        (_died, "died"),
        (_changed(reminders_by=""), "channel"),
        (_out_of_use, "text"),
    ],
)
@pytest.mark.parametrize("seen_by", ["the sweep", "the handing over"])
def test_what_is_not_to_be_sent_any_more_is_dropped_with_why(clinic, folder, change, why, seen_by):
    make_text(clinic)
    session = visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    change(clinic, session)
    if seen_by == "the sweep":
        assert drop_outdated(site=clinic.site, by=job(clinic), now=NOON) == 1
    else:
        assert hand_over(reminder=only_reminder(), by=job(clinic), now=NOON) == "dropped"
    assert (only_reminder().state, only_reminder().why) == ("dropped", why)
    assert text_messages(folder) == []
    assert verbs() == ["reminder.queued", "reminder.dropped"]


def test_what_has_begun_by_the_clock_is_over(clinic, folder):
    make_text(clinic)
    visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    assert run(clinic, TOMORROW) == []
    assert only_reminder().why == "over"


def test_words_are_those_of_the_moment_in_which_it_goes_out(clinic, folder):
    text = make_text(clinic)
    session = visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    by = staff("administrator", clinic.site)
    edit_reminder_text(text=text, changes={"body": "At {time}."}, by=by, expected_revision=1, now=NOON)
    _changed(phone="555 0199")(clinic, session)
    run(clinic)
    assert text_messages(folder) == ["555 0199\n\nAt 12:00.\n"]


def test_a_site_that_came_to_tell_too_much_sends_nothing(clinic, folder):
    make_text(clinic, body="See you at {site}.")
    visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    site = clinic.site
    site.name = "North Ketamine Center"
    site.save()
    assert run(clinic) == ["dropped"]
    assert only_reminder().why == "tells"


def test_a_busy_carrier_is_asked_a_few_times_and_then_it_is_said_why(clinic, settings):
    settings.SMS_BACKEND = f"{CARRIERS}.Busy"
    make_text(clinic)
    visit(clinic)
    now, told = NOON, []
    for _try in range(MOST_TRIES + 2):
        told += run(clinic, now)
        now += timedelta(hours=1)
    assert told == ["queued", "queued", "failed"]
    reminder = only_reminder()
    assert (reminder.attempts, reminder.why) == (MOST_TRIES, "refused: 503 busy")
    waited = Reminder.history.filter(state="queued", attempts__gt=0).order_by("history_date")
    assert [row.due_at - row.history_date for row in waited] == [
        timedelta(minutes=15),
        timedelta(minutes=30),
    ]


@pytest.mark.parametrize(
    ("carrier", "why", "went_out"),
    [
        ("Refusing", "refused: 550 no such number", 0),
        ("Silent", "unknown: TimeoutError", 1),
        ("Broken", "unknown: ZeroDivisionError", 0),
    ],
)
def test_what_is_certain_or_unknown_is_not_tried_by_itself(clinic, folder, settings, carrier, why, went_out):
    settings.SMS_BACKEND = f"{CARRIERS}.{carrier}"
    make_text(clinic)
    visit(clinic)
    assert run(clinic) == ["failed"]
    assert (only_reminder().state, only_reminder().why) == ("failed", why)
    settings.SMS_BACKEND = FILES
    assert run(clinic, NOON + timedelta(hours=2)) == []
    assert len(text_messages(folder)) == went_out


def test_what_a_broken_carrier_says_of_the_patient_is_not_logged(clinic, folder, settings, caplog):
    settings.SMS_BACKEND = f"{CARRIERS}.Quoting"
    make_text(clinic)
    visit(clinic)
    assert run(clinic) == ["failed"]
    reminder = only_reminder()
    assert (str(reminder.public_id) in caplog.text, "ValueError" in caplog.text) == (True, True)
    assert "carriers.py" in caplog.text, "where it broke is found all the same"
    assert (reminder.address in caplog.text, reminder.body in caplog.text) == (False, False)


def test_without_any_carrier_it_is_said(clinic, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.NoSms"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    make_text(clinic)
    make_text(clinic, **BY_EMAIL)
    visit(clinic)
    visit(clinic, reminders_by="email", chair=1)
    assert run(clinic) == ["failed", "failed"]
    assert all("set up here" in reminder.why for reminder in Reminder.objects.all())


def test_a_failed_one_is_tried_again_by_the_desk(clinic, folder, settings):
    settings.SMS_BACKEND = f"{CARRIERS}.Refusing"
    make_text(clinic)
    visit(clinic)
    run(clinic)
    settings.SMS_BACKEND = FILES
    again = try_again(reminder=only_reminder(), by=clinic.desk, now=NOON)
    assert (again.state, again.attempts, again.why) == ("queued", 0, "")
    assert run(clinic) == ["sent"]
    assert verbs()[-3:] == ["reminder.tried_again", "reminder.handed_over", "reminder.sent"]


def test_trying_again_has_its_limits(clinic, folder, settings):
    make_text(clinic)
    session = visit(clinic)
    run(clinic)
    reminder = only_reminder()
    with refused(Conflict, "reminder.not_failed"):
        try_again(reminder=reminder, by=clinic.desk, now=NOON)
    # As a killed process leaves it.
    Reminder.objects.filter(pk=reminder.pk).update(state="failed", why="unknown", settled_at=NOON)
    with refused(Conflict, "reminder.in_flight"):
        try_again(reminder=reminder, by=clinic.desk, now=NOON + timedelta(minutes=9))
    with refused(Refused, "permission.missing"):
        try_again(reminder=reminder, by=clinic.prescriber, now=NOON + timedelta(minutes=11))
    cancel(session=session, by=clinic.desk, reason="Cold", now=NOON)
    with refused(Conflict, "reminder.outdated"):
        try_again(reminder=reminder, by=clinic.desk, now=NOON + timedelta(minutes=11))


def test_nobody_sends_for_another_site(clinic):
    make_text(clinic)
    visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    other = staff("front_desk", make_site("south"))
    for act in (
        lambda: queue_reminders(site=clinic.site, by=other, now=NOON),
        lambda: drop_outdated(site=clinic.site, by=other, now=NOON),
        lambda: hand_over(reminder=only_reminder(), by=other, now=NOON),
    ):
        with refused(Refused, "permission.missing"):
            act()
