"""Alerts on the pages: on the session until answered, in the report by limit, each number with its rows."""

import re
from datetime import timedelta

import pytest

from sessions.models import Alert, PatientLimit
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.leaving import leave
from sessions.operations.monitoring import record_vital_signs
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db

HIGH = {"systolic": "186", "diastolic": "90", "heart_rate": "72", "oxygen_saturation": "97", "ago": "0"}


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def path_of(session, *parts):
    return "/".join(["/sessions", str(session.public_id), *map(str, parts), ""])


def test_a_reading_beyond_a_limit_asks_what_was_done_and_takes_two_taps(clinic, session):
    pages = Pages(clinic.nurse)
    pages.post(path_of(session, "vital-signs"), HIGH, patient=session.patient)
    shown = text_of(pages.get(path_of(session)))
    assert "▲ 1 alert" in shown
    assert "Pause Systolic pressure 186 mmHg, limit ≥ 180 Hold or slow the infusion" in shown
    address = path_of(session, "alerts", session.alerts.get().public_id, "acknowledge")
    nothing = pages.post(address, {"note": "Cuff was loose"}, patient=session.patient)
    assert nothing.status_code == 422
    assert "Say what was done" in text_of(nothing)
    assert 'value="Cuff was loose"' in nothing.content.decode()
    assert pages.post(address, {"actions": "paused"}, patient=session.patient).status_code == 302
    shown = text_of(pages.get(path_of(session)))
    assert "▲" not in shown
    assert "1 alert answered or over" in shown
    assert "Acknowledged: Paused at the pump" in shown


def test_an_alert_of_a_patient_who_has_left_asks_no_more_and_is_named_to_whoever_signs(clinic, session):
    record_vital_signs(
        session=session, values=NORMAL | {"systolic": 186}, by=clinic.nurse, now=NOON, confirmed=True
    )
    pages = Pages(clinic.nurse)
    assert "Hold or slow the infusion" in text_of(pages.get(path_of(session)))
    leave(session=session, by=clinic.nurse, now=NOON)
    shown = text_of(pages.get(path_of(session)))
    assert "▲" not in shown
    assert "Hold or slow the infusion" not in shown
    assert "1 alert was not acknowledged before the patient left." in shown
    name = session.patient.short_name
    assert f"1 was not acknowledged before the patient left: {name}" in text_of(pages.get("/opening/"))
    listed = text_of(Pages(clinic.prescriber).get("/sessions/?unsigned=1&period=all"))
    assert "1 alert not acknowledged" in listed
    address = path_of(session, "alerts", session.alerts.get().public_id, "acknowledge")
    assert pages.post(address, {"actions": "none"}, patient=session.patient).status_code == 302
    shown = text_of(pages.get(path_of(session)))
    assert "not acknowledged before" not in shown
    assert "1 alert answered or over" in shown


def test_the_page_says_what_nobody_checks(clinic, session):
    shown = text_of(Pages(clinic.nurse).get(path_of(session)))
    assert "Not checked during the infusion: Temperature, Dissociation" in shown
    assert "No escalation is set at North clinic" in shown


def test_an_alert_that_was_passed_on_stands_on_the_other_nurses_page_and_is_read(clinic, session):
    other = staff("nurse", clinic.site)
    set_rules(clinic.site, alert_escalation_minutes=1)
    on_duty(clinic, other, hours(-3, 5))
    values = NORMAL | {"systolic": 186}
    record_vital_signs(session=session, values=values, by=clinic.nurse, now=NOON - timedelta(minutes=1))
    theirs = session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    pages = Pages(other)
    assert "Chair 1 Systolic pressure 186" not in text_of(pages.get(path_of(theirs)))
    assert pages.get("/today/rows/").status_code == 200, "whoever looks at the board passes it on"
    assert "Chair 1 Systolic pressure 186" in text_of(pages.get(path_of(theirs)))
    pages.get(path_of(session))
    assert Alert.objects.get().entries.filter(kind="read", to=other.user).count() == 1


def test_a_prescriber_sets_a_limit_for_one_patient_and_takes_it_back(clinic, session):
    fields = {
        "phase": "infusion",
        "parameter": "systolic",
        "comparator": ">=",
        "value": "200",
        "level": "pause",
        "last_day": "2026-04-01",
        "reason": "High as a rule",
    }
    address = path_of(session, "patient-limits")
    assert "Set a limit" not in text_of(Pages(clinic.nurse).get(path_of(session)))
    assert Pages(clinic.nurse).post(address, fields, patient=session.patient).status_code == 403
    pages = Pages(clinic.prescriber)
    late = pages.post(address, fields | {"last_day": "2026-03-01"}, patient=session.patient)
    assert late.status_code == 422
    assert "This has passed" in text_of(late)
    assert pages.post(address, fields, patient=session.patient).status_code == 302
    shown = text_of(Pages(clinic.nurse).get(path_of(session)))
    assert "limits: personal" in shown
    assert "looser than the protocol" in shown
    assert "In place of Systolic pressure at or above 180 mmHg" in shown
    revoke = path_of(session, "patient-limits", PatientLimit.objects.get().public_id, "revoke")
    assert pages.post(revoke, {"reason": "Treated now"}, patient=session.patient).status_code == 302
    assert "limits: personal" not in text_of(pages.get(path_of(session)))


@pytest.fixture
def fired(clinic, session):
    fire(clinic, session)


def fire(clinic, session):
    """Three alerts of one limit, answered after 4 and 2 minutes and not at all; one of another, no action."""
    told = {"session": session, "by": clinic.nurse}
    for minute, answer in ((-8, ["paused"]), (-6, ["none"]), (-4, None)):
        at = NOON + timedelta(minutes=minute)
        record_vital_signs(values=NORMAL | {"systolic": 186}, now=at, **told)
        record_vital_signs(values=NORMAL, now=at + timedelta(seconds=30), **told)
        if answer:
            later = at + timedelta(minutes=4 if answer == ["paused"] else 2)
            acknowledge_alert(alert=session.alerts.last(), actions=answer, by=clinic.nurse, now=later)
    record_vital_signs(values=NORMAL | {"oxygen_saturation": 93}, now=NOON, **told)
    acknowledge_alert(alert=session.alerts.last(), actions=["none"], by=clinic.nurse, now=NOON)


def test_the_report_counts_by_limit_and_each_number_lists_its_rows(clinic, fired):
    pages = Pages(clinic.prescriber)
    page = pages.get("/alerts/")
    shown = text_of(page)
    pressure = "Systolic pressure at or above 180 mmHg during the infusion pause 3 2 1 1 0 0 0 3.0"
    assert pressure in shown
    assert "SpO2 at or below 94 % during the infusion warn 1 1 1 0 0 0 0 0.0" in shown
    assert "All limits 4 3 2 1 0 0 0 2.0" in shown
    assert clinic.nurse.user.display_name not in shown
    links = re.findall(r'href="(/alerts/list/[^"]*)" aria-label="[^"]*: (\d+)"', page.content.decode())
    assert len(links) == 11
    for address, number in links:
        listed = pages.get(address.replace("&amp;", "&"))
        assert listed.content.decode().count('<th scope="row"') == int(number), address


def test_who_may_open_the_report(clinic, fired):
    assert Pages(staff("manager", clinic.site)).get("/alerts/").status_code == 200
    for actor in (clinic.nurse, clinic.desk):
        assert Pages(actor).get("/alerts/").status_code == 403
        assert Pages(actor).get("/alerts/list/").status_code == 403
    there = make_clinic("south")
    assert "No limit fired on these days." in text_of(Pages(there.prescriber).get("/alerts/"))


@pytest.mark.parametrize("query", ["what=joy", "from=soon", "from=2026-03-09&to=2026-03-01"])
def test_an_address_that_means_nothing_says_so(clinic, query):
    for page in ("/alerts/", "/alerts/list/"):
        assert Pages(clinic.prescriber).get(f"{page}?{query}").status_code == 422


def test_the_channels_are_tried_from_the_report(clinic):
    pages = Pages(clinic.prescriber)
    assert "On the screen never tried" in text_of(pages.get("/alerts/"))
    assert pages.post(f"/sites/{clinic.site.public_id}/alert-channels/test/").status_code == 302
    assert "On the screen worked" in text_of(pages.get("/alerts/"))


def test_the_report_asks_no_more_often_when_more_has_fired(clinic, fired, django_assert_max_num_queries):
    pages = Pages(clinic.prescriber)

    def queries():
        with django_assert_max_num_queries(16) as caught:
            assert pages.get("/alerts/").status_code == 200
        return len(caught)

    few = queries()
    for chair in clinic.chairs[1:]:
        fire(clinic, session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=chair))
    assert Alert.objects.count() == 12
    assert queries() == few
