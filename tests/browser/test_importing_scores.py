"""Past scores from a file, as the front desk brings them in: upload, columns, preview, result, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from patients.models import Assessment
from tests.patients.score_files import HEADER, ONES, answers, patient_called
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db(transaction=True)

FILE = HEADER.replace("Date,", "") + f"M1,{ONES}\nM1,{answers(ONES, 0, '-999')}\nM9,{ONES}\n"
SIZES = ({"width": 820, "height": 1180}, {"width": 1440, "height": 900})


@pytest.mark.parametrize("size", SIZES, ids=["tablet", "desk"])
def test_a_file_without_dates_comes_in_with_one_for_all(
    page: Any, axe: Any, sign_in: Callable[..., None], size: dict[str, int]
) -> None:
    site = make_site()
    desk = staff("front_desk", site)
    patient_called("M1", site, desk)
    page.set_viewport_size(size)
    sign_in(page.context, desk.user)

    page.goto("/patients/")
    page.get_by_role("link", name="Import", exact=True).click()
    axe(page)
    page.get_by_role("link", name="Import past scores").click()
    axe(page)
    page.get_by_label("CSV file").set_input_files(
        files=[{"name": "scores.csv", "mimeType": "text/csv", "buffer": FILE.encode()}]
    )
    page.get_by_role("button", name="Upload and read").click()
    expect(page.get_by_label("phq9_9", exact=True)).to_have_value("phq9_9")
    axe(page)
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("or give one date for all rows.")).to_be_visible()
    axe(page)
    page.get_by_label("One date for all rows").fill("2020-06-01")
    page.get_by_role("button", name="Show the preview").click()

    expect(page.get_by_text("holds a code for “not answered”")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("heading", name="Answers on suicide in this file")).to_be_visible()
    axe(page)
    assert sorted(Assessment.objects.values_list("instrument_code", "total")) == [("gad7", 7), ("phq9", 9)]
    page.get_by_role("link", name="García, Ana").click()
    expect(page.get_by_text("Imported from scores")).to_be_visible()
    axe(page)
