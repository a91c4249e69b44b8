"""Protocols on paper: reading, drafting, editing beside somebody else, approving."""

import uuid
from decimal import Decimal

import pytest

from sessions.demo.protocols import CHRONIC_PAIN, DEPRESSION
from sessions.models import Protocol, ProtocolVersion
from sessions.operations.protocols import draft_version, edit_version
from sessions.reports.version_words import differences
from sessions.rules.check_in_plan import as_lines
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import make_clinic

pytestmark = pytest.mark.django_db

THOUSANDTHS = {
    "dose_micrograms_per_kg",
    "max_dose_micrograms_per_kg",
    "cap_micrograms",
    "concentration_micrograms_per_ml",
    "bag_volume_microlitres",
}


@pytest.fixture
def clinic():
    return make_clinic()


def typed(content, **changed):
    """The fields of the form as somebody would fill them in for a version's content."""
    lists = {"checklist", "limits", "is_example", "vitals_schedule", "check_ins"}
    fields = {
        name: str(Decimal(value) / 1000) if name in THOUSANDTHS else value
        for name, value in content.items()
        if name not in lists
    }
    fields |= {"is_example": "on"} if content["is_example"] else {}
    fields["check_ins"] = as_lines(content["check_ins"])
    fields |= {f"check-{item['code']}": item["requirement"] for item in content["checklist"]}
    for row in content["vitals_schedule"]:
        name = f"plan-{row['parameter']}-{row['phase']}"
        fields |= {f"{name}-every": row["every_minutes"]} if "every_minutes" in row else {}
        fields |= {f"{name}-at": ", ".join(map(str, row["at_minutes"]))} if "at_minutes" in row else {}
        fields |= {name: "on"} if len(row) == 2 else {}
    for number, limit in enumerate(content["limits"]):
        fields |= {f"limit-{number}-{name}": value for name, value in typed_limit(limit).items()}
    return fields | changed


def typed_limit(limit):
    change = {(False, False): "", (True, False): "yes", (True, True): "percent"}
    told = (limit.get("relative_to_baseline", False), limit.get("in_percent", False))
    found = {name: value for name, value in limit.items() if name != "in_percent"}
    return found | {"relative_to_baseline": change[told]}


def draft_of(clinic, **changed):
    protocol = clinic.version.protocol
    return draft_version(protocol=protocol, content=DEPRESSION | changed, by=clinic.prescriber)


def test_a_version_says_how_long_a_gap_may_be_and_when_a_prescriber_looks_again(clinic):
    draft = draft_of(clinic, max_gap_days=7, reevaluate_after_infusions=3)
    shown = text_of(Pages(clinic.nurse).get(f"/protocols/versions/{draft.public_id}/"))
    assert "at least 2, aimed at 3, at most 7" in shown
    assert "Prescriber looks again after 3 infusions" in shown
    assert "Days between, at most not checked 7 days" in shown, "what has changed against the version before"


def test_the_list_tells_what_is_in_use_and_what_waits(clinic):
    draft_of(clinic)
    shown = text_of(Pages(clinic.nurse).get("/protocols/"))
    assert "Version 1 Approved Example, not approved" in shown
    assert "Version 2 Draft Example, not approved" in shown
    assert "New protocol" not in shown
    assert "New protocol" in text_of(Pages(clinic.prescriber).get("/protocols/"))


def test_an_empty_list_says_what_to_do():
    shown = text_of(Pages(staff("prescriber", make_site())).get("/protocols/"))
    assert "There is no protocol yet" in shown


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_may_open_no_records_may_read_no_protocols(clinic, role):
    pages = Pages(staff(role, clinic.site))
    version = clinic.version
    for path in (
        "/protocols/",
        f"/protocols/{version.protocol.public_id}/",
        f"/protocols/versions/{version.public_id}/",
    ):
        assert pages.get(path).status_code == 403, path


def test_a_version_is_laid_out_whole(clinic):
    shown = text_of(Pages(clinic.nurse).get(f"/protocols/versions/{clinic.version.public_id}/"))
    for words in (
        "0.5 mg/kg",
        "60 mg",
        "50 mg/mL",
        "70 kg 35 mg 0.7 mL 150 mL/h",
        "150 kg 60 mg 1.2 mL 150 mL/h capped",
        "at least 2, aimed at 3",
        "every 10 min",
        "at least 60 min after the end of the infusion",
        "Systolic pressure at or above 180 mmHg Hold or slow the infusion, consider a medicine pause",
        "Heart rate, change from baseline above 40 % 2 readings in a row warn",
        "No limit set: readings are not checked here.",
        "Fasting as instructed Required",
        "No new illness or new symptom Advisory",
        "IV access placed and patent not asked",
        "Awake, responds readily (MOAA/S 5)",
        "PHQ-9, GAD-7",
        "MOAA/S during the infusion at 20, 40 min",
        "Pump and chart may differ by 10 % of the dose",
    ):
        assert words in shown, words


def test_a_new_protocol_leads_to_its_first_version(clinic):
    pages, key = Pages(clinic.prescriber), uuid.uuid4()
    fields = {"name": "Ketamine for pain", "indication": "Chronic pain", "code": "pain"}
    for _ in range(2):
        answer = pages.post("/protocols/new/", fields, key=key)
        assert answer.status_code == 302 and answer["Location"] == f"/protocols/{key}/draft/"
    assert Protocol.objects.filter(code="pain").count() == 1
    assert pages.get(f"/protocols/{key}/draft/").status_code == 200
    again = pages.post("/protocols/new/", fields)
    assert again.status_code == 409
    assert "There is a protocol with the code pain already." in text_of(again)
    assert 'value="Ketamine for pain"' in again.content.decode()


def test_a_new_version_is_copied_from_the_latest(clinic):
    pages = Pages(clinic.prescriber)
    body = pages.get(f"/protocols/{clinic.version.protocol.public_id}/draft/").content.decode()
    assert 'name="cap_micrograms" value="60"' in body
    assert body.count('-parameter"') >= 2 * (len(DEPRESSION["limits"]) + 6)


def planned_moment(item):
    return (item["phase"], item["parameter"])


WATCHED = DEPRESSION | {"max_gap_days": 7, "reevaluate_after_infusions": 3}


@pytest.mark.parametrize(
    "content", [DEPRESSION, CHRONIC_PAIN, WATCHED], ids=["depression", "pain", "with a longest gap"]
)
def test_what_is_typed_is_what_is_drafted(clinic, content):
    pages, key = Pages(clinic.prescriber), uuid.uuid4()
    path = f"/protocols/{clinic.version.protocol.public_id}/draft/"
    blank = {"limit-40-parameter": "", "limit-40-value": ""}
    for _ in range(2):
        assert pages.post(path, typed(content) | blank, key=key).status_code == 302
    drafted = ProtocolVersion.objects.get(public_id=key)
    assert (drafted.number, drafted.state) == (2, "draft")
    stored = {name: getattr(drafted, name) for name in content}
    order = {item["code"]: item["requirement"] for item in stored.pop("checklist")}
    assert order == {item["code"]: item["requirement"] for item in content["checklist"]}
    # The database may hand an object's keys back in an order of its own.
    planned = stored.pop("vitals_schedule")
    assert sorted(planned, key=planned_moment) == sorted(content["vitals_schedule"], key=planned_moment)
    lists = {"checklist", "vitals_schedule"}
    assert stored == {name: value for name, value in content.items() if name not in lists}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"duration_minutes": "39"}, "39 minutes is outside 40 to 60 minutes."),
        ({"dose_micrograms_per_kg": "0"}, "Enter a number above 0."),
        ({"dose_micrograms_per_kg": "2"}, "The highest dose cannot be below the usual dose."),
        ({"max_gap_days": "2"}, "The longest gap cannot be below 3 days."),
        ({"reevaluate_after_infusions": "0"}, "greater than or equal to 1"),
        ({"cap_micrograms": "sixty"}, "Enter a number, such as 72.5."),
        ({"planned_infusions": "6.5"}, "Enter a whole number, digits only."),
        ({"discharge_criteria": []}, "Choose at least one criterion for discharge."),
        (
            {"limit-30-parameter": "systolic", "limit-30-value": "200"},
            "This limit is not complete: when, is, then.",
        ),
        ({"limit-30-parameter": "", "limit-30-value": "much"}, "A limit is not complete."),
        ({"drug": "ketamine\x00"}, "unreadable character"),
    ],
)
def test_a_draft_that_could_not_be_used_comes_back_with_what_was_typed(clinic, changed, sentence):
    path = f"/protocols/{clinic.version.protocol.public_id}/draft/"
    answer = Pages(clinic.prescriber).post(path, typed(DEPRESSION, recovery_minutes="77") | changed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'name="recovery_minutes" value="77"' in answer.content.decode()
    assert ProtocolVersion.objects.count() == 1


def test_a_check_that_asks_nothing_is_not_drafted(clinic):
    path = f"/protocols/{clinic.version.protocol.public_id}/draft/"
    answer = Pages(clinic.prescriber).post(path, typed(DEPRESSION | {"checklist": []}))
    assert answer.status_code == 422
    assert "Ask for at least one item" in text_of(answer)


def test_a_draft_is_edited_and_a_frozen_version_is_not(clinic):
    pages, draft = Pages(clinic.prescriber), draft_of(clinic)
    path = f"/protocols/versions/{draft.public_id}/edit/"
    assert pages.get(path).status_code == 200
    answer = pages.post(path, typed(DEPRESSION, cap_micrograms="55", revision=draft.revision))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.cap_micrograms == 55_000
    frozen = pages.get(f"/protocols/versions/{clinic.version.public_id}/edit/")
    assert frozen["Location"] == f"/protocols/versions/{clinic.version.public_id}/"


def test_two_people_who_edit_one_draft_see_both_sides(clinic):
    pages, draft = Pages(clinic.prescriber), draft_of(clinic)
    path = f"/protocols/versions/{draft.public_id}/edit/"
    edit_version(
        version=draft,
        content=DEPRESSION | {"cap_micrograms": 50_000},
        by=clinic.director,
        expected_revision=draft.revision,
    )
    mine = typed(DEPRESSION, cap_micrograms="55", revision=draft.revision)
    answer = pages.post(path, mine)
    assert answer.status_code == 409
    assert "Someone else changed this" in text_of(answer)
    assert "Cap 50 mg 55 mg" in text_of(answer)
    theirs = f"{clinic.director.user.display_name} has stored: 50 Take theirs : Cap"
    assert theirs in text_of(answer)
    assert 'name="cap_micrograms" value="55"' in answer.content.decode()
    draft.refresh_from_db()
    assert f'name="revision" value="{draft.revision}"' in answer.content.decode()
    assert pages.post(path, mine | {"revision": draft.revision}).status_code == 302
    draft.refresh_from_db()
    assert draft.cap_micrograms == 55_000


def test_approval_asks_for_the_right_and_names_who_may(clinic):
    draft = draft_of(clinic)
    path = f"/protocols/versions/{draft.public_id}/"
    shown = Pages(clinic.prescriber).get(path)
    assert "Only a prescriber who holds the right to approve protocols" in text_of(shown)
    assert "approve/" not in shown.content.decode()
    refused = Pages(clinic.prescriber).post(f"{path}approve/", {"revision": draft.revision})
    assert refused.status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_approving_twice_approves_once_and_retires_the_one_before(clinic):
    draft, pages, key = draft_of(clinic), Pages(clinic.director), uuid.uuid4()
    path = f"/protocols/versions/{draft.public_id}/approve/"
    assert "Approve this version" in text_of(pages.get(f"/protocols/versions/{draft.public_id}/"))
    for _ in range(2):
        assert pages.post(path, {"revision": draft.revision}, key=key).status_code == 302
    draft.refresh_from_db()
    clinic.version.refresh_from_db()
    assert (draft.state, clinic.version.state) == ("approved", "retired")
    assert draft.approved_by == clinic.director.user


@pytest.mark.parametrize(("revision", "status"), [("1", 409), ("", 422), ("one", 422)])
def test_only_what_was_read_is_approved(clinic, revision, status):
    draft = draft_of(clinic)
    edit_version(
        version=draft,
        content={"cap_micrograms": 50_000},
        by=clinic.prescriber,
        expected_revision=draft.revision,
    )
    answer = Pages(clinic.director).post(
        f"/protocols/versions/{draft.public_id}/approve/", {"revision": revision}
    )
    assert answer.status_code == status
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize("role", ["front_desk", "nurse", "manager"])
def test_drafting_needs_the_right(clinic, role):
    pages, protocol = Pages(staff(role, clinic.site)), clinic.version.protocol
    assert pages.get("/protocols/new/").status_code == 403
    assert pages.get(f"/protocols/{protocol.public_id}/draft/").status_code == 403
    assert pages.post(f"/protocols/{protocol.public_id}/draft/", typed(DEPRESSION)).status_code == 403
    assert pages.get(f"/protocols/versions/{draft_of(clinic).public_id}/edit/").status_code == 403


def test_a_new_version_says_what_has_changed(clinic):
    draft = draft_of(clinic, cap_micrograms=50_000, discharge_criteria=["alert"])
    shown = text_of(Pages(clinic.prescriber).get(f"/protocols/versions/{draft.public_id}/"))
    assert "What has changed since version 1" in shown
    assert "Cap 60 mg 50 mg" in shown
    assert "Discharge: Walks unaided asked –" in shown


def test_every_line_that_differs_is_found_and_no_other():
    assert differences(DEPRESSION, DEPRESSION) == []
    limits = [{**DEPRESSION["limits"][0], "level": "warn"}, *DEPRESSION["limits"][1:]]
    changed = DEPRESSION | {"limits": limits, "duration_minutes": 60, "instruments": ["phq9"]}
    found = {(line.label, line.was, line.becomes) for line in differences(DEPRESSION, changed)}
    assert found == {
        ("Infusion", "40 min", "60 min"),
        ("Before the start: Systolic pressure at or above 160 mmHg", "do not start", "warn"),
        ("Questionnaires", "PHQ-9, GAD-7", "PHQ-9"),
    }


def test_the_list_does_not_ask_more_often_when_there_are_more(clinic, django_assert_max_num_queries):
    pages = Pages(clinic.nurse)
    for _ in range(3):
        draft_of(clinic)
    with django_assert_max_num_queries(12):
        pages.get("/protocols/")
