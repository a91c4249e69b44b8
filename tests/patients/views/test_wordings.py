"""Licensed wording on its pages: entered, read, approved, withdrawn; and the questionnaire in these words."""

from datetime import UTC, datetime

import pytest
import time_machine

from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from patients.models import Assessment, LicensedWording
from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, address, goes_to, text_of
from tests.patients.wordings import approved, entered
from tests.scenes import make_site, staff
from tests.sessions.check_ins import make_ready

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
OVER = datetime(2027, 1, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def site():
    return make_ready(make_site())


@pytest.fixture
def keeper(site):
    return staff("administrator", site)


@pytest.fixture
def patient(site):
    return registered_patient(site=site)


def typed(**fields):
    licence = {
        "licence_holder": "North clinic",
        "licence_reference": "L-1",
        "licensed_from": "2026-01-01",
        "licensed_until": "2026-12-31",
        "language": "en",
        "stem": "Invented words above the questions.",
        "common.0": "No, as licensed",
        "common.1": "Yes, as licensed",
    }
    numbers = ("1", "2", "3", "4", "5", "6", "6b")
    items = {f"items.cssrs_{number}.text": f"Item {number}, as licensed" for number in numbers}
    return licence | items | fields


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_who_opens_the_pages(site, keeper, role):
    wording, pages = entered(site, "qids", keeper, now=NOW), Pages(staff(role, site))
    opened = {
        pages.get("wordings").status_code,
        pages.get("enter-wording", "qids").status_code,
    }
    may = Permission.LICENSE_WORDING in DEFAULT_ROLES[role][1]
    assert opened == {200 if may else 403}
    assert pages.get("wording", wording).status_code == (200 if may else 404)


def test_a_licence_is_stated_its_words_entered_read_and_approved(site, keeper):
    pages = Pages(keeper)
    assert text_of(pages.get("wordings")).count("Nothing is shown: entered by number only.") == 6
    own = {"items.cssrs_2.answers.1": "Yes of its own"}
    answer = pages.post("enter-wording", "cssrs", **typed(**own))
    wording = LicensedWording.objects.get()
    assert goes_to(answer, "wording", wording)
    assert wording.items["cssrs_1"]["answers"] == {"0": "No, as licensed", "1": "Yes, as licensed"}
    assert wording.items["cssrs_2"]["answers"] == {"0": "No, as licensed", "1": "Yes of its own"}
    shown = text_of(pages.get("wording", wording))
    assert "Not approved yet" in shown and "Item 6b, as licensed" in shown and "Yes of its own" in shown
    pages.post("approve-wording", wording)
    shown = text_of(pages.get("wordings"))
    assert "In use" in shown and shown.count("Nothing is shown") == 5
    pages.post("withdraw-wording", wording, reason="Licence taken back")
    shown = text_of(pages.get("wording", wording))
    assert "Withdrawn" in shown and "Licence taken back" in shown and "Approve this wording" not in shown


def test_what_is_missing_comes_back_beside_what_was_typed(keeper):
    fields = typed(**{"items.cssrs_3.text": "", "licensed_until": "2025-01-01"})
    del fields["items.cssrs_3.text"]
    answer = Pages(keeper).post("enter-wording", "cssrs", **fields)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"items.cssrs_3.text"}
    assert "Item 4, as licensed" in answer.content.decode()
    fields["items.cssrs_3.text"] = "Item 3, as licensed"
    answer = Pages(keeper).post("enter-wording", "cssrs", **fields)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"licensed_until"})
    assert not LicensedWording.objects.exists()


def test_a_new_version_begins_with_the_one_before(keeper):
    pages = Pages(keeper)
    pages.post("enter-wording", "cssrs", **typed())
    first = LicensedWording.objects.get()
    page = pages.get("enter-wording", "cssrs", query=f"?from={first.public_id}")
    initial = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    assert "beginning with what version 1 says" in text_of(page)
    pages.post("enter-wording", "cssrs", **initial)
    second = LicensedWording.objects.get(number=2)
    assert (second.items, second.stem, second.licensed_until) == (
        first.items,
        first.stem,
        first.licensed_until,
    )


@pytest.mark.parametrize("start", ["nonsense", "00000000-0000-4000-8000-000000000001"])
def test_a_beginning_that_is_none_is_an_empty_form(keeper, start):
    page = Pages(keeper).get("enter-wording", "cssrs", query=f"?from={start}")
    assert (page.status_code, page.context["begun"]) == (200, None)


def test_what_this_software_brings_has_no_form(keeper):
    assert Pages(keeper).get("enter-wording", "phq9").status_code == 404


def test_another_sites_versions_are_not_there(site, keeper):
    wording = approved(site, "qids", keeper, now=NOW)
    elsewhere = Pages(staff("administrator", make_site("south")))
    for name in ("wording", "approve-wording", "withdraw-wording"):
        assert elsewhere.post(name, wording, reason="x").status_code in {404, 405}
    assert "In use" not in text_of(elsewhere.get("wordings"))
    foreign = elsewhere.get("enter-wording", "qids", query=f"?from={wording.public_id}")
    assert foreign.context["begun"] is None


def test_a_refusal_stays_on_the_page(site, keeper):
    wording, pages = approved(site, "qids", keeper, now=NOW), Pages(keeper)
    again = pages.post("approve-wording", wording)
    assert again.status_code == 409
    empty = pages.post("withdraw-wording", wording)
    assert empty.status_code == 422 and "This field is required" in text_of(empty)


def test_staff_score_in_the_licensed_words_and_the_entry_names_them(site, keeper, patient):
    wording, nurse = approved(site, "qids", keeper, now=NOW), Pages(staff("nurse", site))
    assert "Record QIDS-SR16" in text_of(nurse.get("detail", patient))
    page = text_of(nurse.get("assess", patient, "qids"))
    assert "Invented words above the questions." in page and "Item 16, as licensed" in page
    assert "Wording version 1, under the licence of North clinic, L-1." in page
    fields = {f"answers.qids_{number}": "1" for number in range(1, 17)}
    told = {"wording": str(wording.public_id), "mode": "interview"}
    nurse.post("assess", patient, "qids", patient=patient, **fields, **told)
    recorded = Assessment.objects.get()
    assert (recorded.total, recorded.wording) == (9, wording)
    shown = text_of(nurse.get("assessment", patient, recorded))
    assert "Item 16, as licensed" in shown and "Answered in wording version 1 (en)" in shown


def test_after_the_licence_the_form_and_the_entry_stand_by_number(site, keeper, patient, clock):
    wording, nurse = approved(site, "qids", keeper, now=NOW), Pages(staff("nurse", site))
    told = {"wording": str(wording.public_id), "mode": "interview", "answers.qids_5": "1"}
    nurse.post("assess", patient, "qids", patient=patient, **told)
    clock.move_to(OVER)
    nurse = Pages(staff("nurse", site))
    page = text_of(nurse.get("assess", patient, "qids"))
    assert "as licensed" not in page and "licence ended on 31 Dec 2026: numbers only" in page
    entry = Assessment.objects.get()
    shown = text_of(nurse.get("assessment", patient, entry))
    assert "as licensed" not in shown and "Answered in wording version 1 (en)" in shown
    assert "It may not be shown any more" in shown
    # A form that was open as the licence ended is recorded: the patient was asked in these words.
    nurse.post("assess", patient, "qids", patient=patient, **told)
    assert Assessment.objects.filter(wording=wording).count() == 2


def test_a_form_in_words_that_are_not_the_sites_is_none(site, keeper, patient):
    draft, nurse = entered(site, "qids", keeper, now=NOW), Pages(staff("nurse", site))
    for shown in (draft.public_id, "nonsense"):
        told = {"wording": str(shown), "mode": "interview", "answers.qids_5": "1"}
        answer = nurse.post("assess", patient, "qids", patient=patient, **told)
        assert answer.status_code == 404
    assert not Assessment.objects.exists()


def test_the_words_are_offered_in_every_language_they_are_in(site, keeper, patient):
    approved(site, "qids", keeper, now=NOW)
    approved(site, "qids", keeper, now=NOW, language="es", stem="Palabras inventadas.")
    nurse = Pages(staff("nurse", site))
    page = nurse.get("assess", patient, "qids")
    assert 'href="?language=es"' in page.content.decode()
    assert "Palabras inventadas." in text_of(nurse.get("assess", patient, "qids", query="?language=es"))


def test_a_patient_is_offered_what_is_licensed_here_and_no_raters_scale(site, keeper, patient):
    nurse = Pages(staff("nurse", site))
    assert "QIDS-SR16" not in text_of(nurse.get("ask", patient))
    for code in ("qids", "madrs"):
        approved(site, code, keeper, now=NOW)
    page = text_of(nurse.get("ask", patient))
    assert "QIDS-SR16" in page and "MADRS" not in page
    assert address("wordings").startswith("/patients/")
