import pytest

from patients.reading.columns import FIELDS, guess_mapping

SYNTHEA = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE"
)


def test_synthea_without_what_identifies_to_authorities():
    assert guess_mapping(SYNTHEA.split(",")) == {
        "source_id": "Id",
        "birth_date": "BIRTHDATE",
        "deceased_on": "DEATHDATE",
        "given_name": "FIRST",
        "family_name": "LAST",
        "sex": "GENDER",
        "address_line": "ADDRESS",
        "city": "CITY",
        "state": "STATE",
        "postal_code": "ZIP",
    }


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("given_name", "given_name"),
        ("Surname", "family_name"),
        ("Last Name", "family_name"),
        ("dob", "birth_date"),
        ("Date of birth", "birth_date"),
        ("Birth-Date", "birth_date"),
        ("MRN", "record_number"),
        ("Patient Name", "full_name"),
        ("Zip Code", "postal_code"),
        ("E-mail", "email"),
        ("Teléfono", "phone"),
    ],
)
def test_usual_names(column, field):
    assert guess_mapping([column]) == {field: column}


@pytest.mark.parametrize(
    "column", ["SSN", "DRIVERS", "PASSPORT", "RACE", "ETHNICITY", "Social Security Number"]
)
def test_never_taken_unasked(column):
    assert guess_mapping([column]) == {}


def test_each_field_once():
    assert guess_mapping(["DOB", "Birth date", "Name", "Surname"]) == {
        "birth_date": "DOB",
        "family_name": "Surname",
    }
    assert set(guess_mapping(SYNTHEA.split(","))) <= set(FIELDS)
