"""Overrides of the check and alerts by limit through the API: the numbers of the pages, with their rows."""

from datetime import timedelta

import pytest

from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission
from clinic.common import clock
from sessions.models import Alert, CheckAnswer
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.checking import answer_check_item
from sessions.operations.monitoring import record_vital_signs
from sessions.states import Status
from tests.patients.api.client import Api
from tests.scenes import role_named, staff
from tests.sessions.api.client import ROOT, codes, with_token
from tests.sessions.scenes import NORMAL, make_clinic, session_at

REPORTS = ("check-overrides/", "check-overrides/rows/", "alert-figures/", "alert-figures/alerts/")


@pytest.fixture
def reader(clinic):
    return Api(clinic.prescriber)


@pytest.fixture
def busy(clinic):
    """Two sessions with three alerts, one of them answered, and two overrides of one item."""
    sessions = [
        session_at(Status.INFUSING, clinic=clinic, chair=clinic.chairs[0]),
        session_at(Status.INFUSING, clinic=clinic, chair=clinic.chairs[1]),
    ]
    for session in sessions:
        record_vital_signs(
            session=session, values=NORMAL | {"systolic": 186}, by=clinic.nurse, confirmed=True
        )
    acknowledge_alert(
        alert=sessions[0].alerts.get(),
        actions=["none"],
        by=clinic.nurse,
        now=clock.now() + timedelta(minutes=3),
    )
    waiting = session_at(Status.ARRIVED, clinic=clinic, chair=clinic.chairs[2])
    for item, reason in (("fasting", "A sip of water"), ("escort", "Sister comes at noon")):
        told = {"session": waiting, "item": item, "outcome": "overridden", "note": reason}
        answer_check_item(by=clinic.nurse, **told)
    return sessions


def test_overrides_are_counted_by_item_with_the_rows_behind(clinic, reader, busy):
    counted = reader.get("check-overrides/").json()
    stored = CheckAnswer.objects.filter(outcome="overridden")
    assert counted["total"] == stored.count() == 2
    assert {one["item"]: one["count"] for one in counted["items"]} == {"fasting": 1, "escort": 1}
    rows = reader.get("check-overrides/rows/").json()
    assert [row["id"] for row in rows["results"]] == [
        str(row.public_id) for row in stored.order_by("-taken_at", "-pk")
    ]
    one = reader.get("check-overrides/rows/", item="fasting").json()["results"]
    assert [(row["item"], row["reason"], row["taken_by"]) for row in one] == [
        ("fasting", "A sip of water", clinic.nurse.label)
    ]
    assert reader.get("check-overrides/", **{"from": "2020-01-01", "to": "2020-01-31"}).json()["total"] == 0


def test_alerts_are_counted_by_limit_with_the_rows_behind(clinic, reader, busy):
    figures = reader.get("alert-figures/").json()
    total = figures["total"]
    assert (total["fired"], total["acknowledged"], total["no_action"], total["open"]) == (2, 1, 1, 1)
    assert figures["median_minutes"] == 3
    (rule,) = figures["rules"]
    assert (rule["phase"], rule["level"], rule["counts"], rule["is_own"]) == (
        "infusion",
        "pause",
        total,
        False,
    )
    asked = {"rule": rule["rule"], "what": "open"}
    rows = reader.get("alert-figures/alerts/", **asked).json()["results"]
    assert [row["id"] for row in rows] == [str(busy[1].alerts.get().public_id)]
    assert reader.get("alert-figures/alerts/").json()["count"] == Alert.objects.count()


@pytest.mark.parametrize("path", REPORTS)
def test_who_reads_a_report(clinic, busy, path):
    elsewhere = make_clinic("south", now=clock.now())
    theirs = Api(elsewhere.prescriber).get(path)
    assert theirs.status_code == 200
    told = theirs.json()
    assert told.get("count", 0) == told.get("total", 0) == 0 or told["total"]["fired"] == 0
    assert codes(Api(clinic.nurse).get(path)) == {"permission.missing"}
    assert Api(clinic.prescriber).get(path, site=elsewhere.site.public_id).status_code == 404
    assert Api(staff("manager", clinic.site)).get(path, site=clinic.site.public_id).status_code == 200
    # Reports here and records there are together nowhere.
    both = staff("auditor", clinic.site)
    Membership.objects.create(user=both.user, site=elsewhere.site, role=role_named("nurse"))
    assert Api(type(both).of_user(both.user)).get(path).status_code == 403
    reader = with_token(clinic.prescriber, Permission.VIEW_REPORTS)
    refused = reader.get(ROOT + path)
    assert (refused.status_code, codes(refused)) == (403, {"permission.missing"})
    both_rights = with_token(clinic.prescriber, Permission.VIEW_REPORTS, Permission.VIEW_PATIENTS)
    assert both_rights.get(ROOT + path).status_code == 200


@pytest.mark.parametrize("path", REPORTS)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "soon"}, "period.date"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "period.order"),
        ({"site": "north"}, "field.invalid"),
    ],
)
def test_what_cannot_be_asked(reader, path, query, code):
    answer = reader.get(path, **query)
    assert (answer.status_code, codes(answer)) == (422, {code})


def test_a_word_that_means_nothing_is_named(reader):
    answer = reader.get("alert-figures/", what="prayed")
    assert (answer.status_code, codes(answer)) == (422, {"filter.choice"})
