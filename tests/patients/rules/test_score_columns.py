"""Which column means what: proposals for headers as other systems and spreadsheets write them."""

import pytest

from patients.rules.score_columns import FIELDS, GROUPS, guess_mapping, instrument_named, total_field
from patients.scoring.registry import CURRENT

SHARED = [
    "row",
    *(f"phq9_{number}" for number in range(1, 10)),
    *(f"gad7_{number}" for number in range(1, 8)),
]

GUESSES = [
    (["MRN", "Date"], {"record_number": "MRN", "taken_on": "Date"}),
    (["Patient ID", "DOB", "Date of assessment"], {"birth_date": "DOB", "taken_on": "Date of assessment"}),
    (["Last Name", "First Name"], {"family_name": "Last Name", "given_name": "First Name"}),
    (["PHQ-9 Q1", "PHQ9 item 02", "phq_3"], {"phq9_1": "PHQ-9 Q1", "phq9_2": "PHQ9 item 02"}),
    (["PHQ-9", "GAD7 total", "PHQ9_10"], {"phq9_total": "PHQ-9", "gad7_total": "GAD7 total"}),
    (["phq1", "phq9"], {"phq9_1": "phq1", "phq9_9": "phq9"}),
    (["gad_1", "gad_7"], {"gad7_1": "gad_1", "gad7_7": "gad_7"}),
    (["MADRS score", "QIDS-SR16"], {"madrs_total": "MADRS score", "qids_total": "QIDS-SR16"}),
    (["BDI-II Total", "bdi2_9"], {"bdi2_total": "BDI-II Total", "bdi2_9": "bdi2_9"}),
    (["CADSS-6 total", "cadss_6"], {"cadss6_total": "CADSS-6 total", "cadss_6": "cadss_6"}),
    (["C-SSRS 6b", "cssrs_1"], {"cssrs_6b": "C-SSRS 6b", "cssrs_1": "cssrs_1"}),
    (["Measure", "Score"], {"instrument": "Measure", "total": "Score"}),
    (["MRN", "row"], {"record_number": "MRN"}),
]


@pytest.mark.parametrize(("columns", "expected"), GUESSES)
def test_a_header_is_understood(columns, expected):
    assert expected.items() <= guess_mapping(columns).items()


def test_the_file_of_answers_without_a_patient_is_mapped_but_for_its_day():
    assert guess_mapping(SHARED) == {"record_number": "row"} | {name: name for name in SHARED[1:]}


@pytest.mark.parametrize(
    "columns",
    [
        ["Score"],  # of what?
        ["phq9_99", "PHQ total items", "sf36_1"],
        ["bdi1", "bdi2", "bdi3"],  # single items of the BDI-II are not kept: its licence leaves the total
        ["C-SSRS total"],
        ["SSN", "race"],
        ["MRN2", "date2"],
    ],
)
def test_what_is_not_known_is_left_out(columns):
    assert guess_mapping(columns) == {}


def test_one_column_of_each_kind():
    assert guess_mapping(["PHQ9", "PHQ-9 total", "Date", "Date"]) == {
        "phq9_total": "PHQ9",
        "taken_on": "Date",
    }


def test_every_item_and_total_can_be_mapped_once():
    names = [name for _group, fields in GROUPS for name in fields]
    assert len(names) == len(set(names)) == len(FIELDS)
    for questionnaire in CURRENT.values():
        assert {item.code for item in questionnaire.items} <= set(names)
        assert total_field(questionnaire) in {*names, ""}


@pytest.mark.parametrize("questionnaire", CURRENT.values(), ids=lambda one: one.code)
def test_a_questionnaire_is_found_by_its_code_and_name(questionnaire):
    assert instrument_named(questionnaire.code) == questionnaire
    assert instrument_named(questionnaire.name.removesuffix(" (23 items)")) == questionnaire
