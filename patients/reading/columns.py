"""Which column of a file means which field of a patient."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from clinic.common.text import words

# In the order in which the page offers them.
FIELDS = {
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "middle_names": _("Middle names"),
    "full_name": _("Whole name in one column"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "deceased_on": _("Date of death"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "address_line": _("Address"),
    "city": _("City"),
    "state": _("State or province"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "language": _("Preferred language"),
    "record_number": _("Record number at this site"),
    "referring_clinician": _("Referring clinician"),
    "referring_organisation": _("Practice of the referring clinician"),
    "source_id": _("Id in the other system"),
    "other_identifier": _("Another identifier"),
}

# Names under which other systems export a field, folded and without spaces. Numbers that identify somebody to an
# authority (social security, driving licence, passport) and race stand nowhere here: they are taken only by hand.
_KNOWN_AS: dict[str, str] = {
    "family_name": "family familyname last lastname surname apellido apellidos nachname nom patientlastname",
    "given_name": "given givenname givennames first firstname firstnames forename nombre vorname prenom"
    " patientfirstname",
    "middle_names": "middle middlename middlenames secondname",
    "full_name": "fullname name patientname patient",
    "birth_date": "birthdate dateofbirth dob birth birthday born bdate fechadenacimiento geburtsdatum"
    " datedenaissance patientdob patientbirthdate",
    "sex": "sex gender administrativegender administrativesex sexo geschlecht sexe patientsex",
    "deceased_on": "deathdate dateofdeath dod deceased deceaseddate deceasedon deceaseddatetime died",
    "phone": "phone phonenumber telephone tel mobile mobilephone cell cellphone homephone phonehome telefon telefono",
    "email": "email emailaddress mail",
    "address_line": "address address1 addressline addressline1 street streetaddress addr",
    "city": "city town addresscity ciudad ort ville",
    "state": "state province region addressstate",
    "postal_code": "zip zipcode postalcode postcode postal plz codigopostal codepostal",
    "country": "country countrycode addresscountry",
    "language": "language preferredlanguage lang",
    "record_number": "mrn medicalrecordnumber recordnumber recordno chartnumber",
    "referring_clinician": "referringclinician referringprovider referringphysician referringdoctor referrer"
    " referredby",
    "referring_organisation": "referringorganisation referringorganization referringpractice referringclinic",
    "source_id": "id patientid uuid externalid sourceid identifier patientuuid",
}
_FIELD_OF = {name: field for field, names in _KNOWN_AS.items() for name in names.split()}


def guess_mapping(columns: Iterable[str]) -> dict[str, str]:
    """A sensible first proposal: field to column, each field and each column at most once.

    >>> guess_mapping(["Id", "BIRTHDATE", "SSN", "FIRST", "LAST"])
    {'source_id': 'Id', 'birth_date': 'BIRTHDATE', 'given_name': 'FIRST', 'family_name': 'LAST'}
    """
    mapping: dict[str, str] = {}
    for column in columns:
        field = _FIELD_OF.get("".join(words(column)))
        if field and field not in mapping:
            mapping[field] = column
    if "family_name" in mapping:
        mapping.pop("full_name", None)
    return mapping
