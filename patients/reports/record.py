"""A patient's record as it is read: every list, what stands and what has ended, and what is still missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from patients.models import (
    Allergy,
    AllergyStatus,
    AntidepressantTrial,
    Assessment,
    Authorization,
    Consent,
    Contact,
    ContraindicationScreen,
    Diagnosis,
    Medication,
    NoKnownAllergies,
    Patient,
    RecordEntry,
    ReferringClinician,
)
from patients.scoring.instrument import Instrument
from patients.scoring.registry import CURRENT


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the record.

    Example: ``Listing("allergies", [Allergy("Latex")], [])``
    """

    name: str
    active: list[Any]
    ended: list[Any]


@dataclass(frozen=True, slots=True)
class Scores:
    """What one questionnaire has shown so far, the latest first; ``latest`` is the latest with a total.

    Example: ``Scores(PHQ9, assessment(18), assessment(21), [assessment(18), assessment(21)])``
    """

    instrument: Instrument
    latest: Assessment | None
    before: Assessment | None
    history: list[Assessment]
    is_licensed: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether the record shows it without being asked: its questions can be read here, or it has been used."""
        return self.instrument.ships_wording or self.is_licensed or bool(self.history)

    @property
    def flagged_items(self) -> str:
        """``item 9``: what a clinician must look at in the latest one, by its place on the form."""
        codes = self.latest.flags if self.latest else ()
        return ", ".join(code.replace(f"{self.instrument.code}_", "item ") for code in codes)

    @property
    def change(self) -> int | None:
        """Against the total before it."""
        if self.latest is None or self.before is None:
            return None
        return int(self.latest.total or 0) - int(self.before.total or 0)


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A consent and how it stands on a day: ``in_date``, ``revoked``, ``expired`` or ``later``."""

    consent: Consent
    standing: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a treatment will ask for, and where it is mended.

    Example: ``Missing("allergies", "Allergies not asked", "Ask about allergies", "/patients/…/#allergies")``
    """

    code: str
    sentence: Any
    act: Any
    url: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the page of a patient shows."""

    allergies: Listing
    medications: Listing
    diagnoses: Listing
    trials: Listing
    failed_trials: int
    contacts: Listing
    referring_clinicians: Listing
    authorizations: Listing
    none_known: NoKnownAllergies | None
    allergy_status: AllergyStatus
    screen: ContraindicationScreen | None
    consents: list[ConsentLine]
    scores: list[Scores]
    missing: list[Missing]


def record_of(
    patient: Patient,
    *,
    today: date,
    allergy_status: AllergyStatus,
    licensed: frozenset[str] = frozenset(),
) -> Record:
    """The record on a day; twelve queries, however long the lists are.

    Args:
        licensed: codes of the questionnaires that the site shows in its own licensed words.
        allergy_status: as the banner has read it.
    """
    trials = _list("antidepressant-trials", AntidepressantTrial.objects, patient)
    contacts = _list("contacts", Contact.objects, patient)
    screen = ContraindicationScreen.objects.select_related("taken_by").latest_of(patient)
    consents = [ConsentLine(one, standing(one, today)) for one in _consents(patient)]
    asked = NoKnownAllergies.objects.filter(patient=patient).select_related("taken_by")
    return Record(
        allergies=_list("allergies", Allergy.objects, patient),
        medications=_list("medications", Medication.objects, patient),
        diagnoses=_list("diagnoses", Diagnosis.objects, patient),
        trials=trials,
        failed_trials=sum(_counts_as_failed(trial) for trial in trials.active),
        contacts=contacts,
        referring_clinicians=_list("referring-clinicians", ReferringClinician.objects, patient),
        authorizations=_list("authorizations", Authorization.objects, patient),
        none_known=asked.order_by("-entered_at").first(),
        allergy_status=allergy_status,
        screen=screen,
        consents=consents,
        scores=scores_of(patient, licensed=licensed),
        missing=list(_missing(patient, allergy_status, contacts, screen, consents)),
    )


def standing(consent: Consent, day: date) -> str:
    """How a consent stands on a day."""
    if consent.is_in_date(day):
        return "in_date"
    if consent.is_revoked:
        return "revoked"
    return "later" if consent.given_on > day else "expired"


def scores_of(patient: Patient, *, licensed: frozenset[str] = frozenset()) -> list[Scores]:
    """For every questionnaire in use, what stands; corrected and retracted entries are left out."""
    found = (
        Assessment.objects.filter(patient=patient)
        .current()
        .select_related("taken_by", "corrects", "imported_in")
    )
    entries = list(found.order_by("-taken_at", "-pk"))
    scores = []
    for code, instrument in CURRENT.items():
        history = [entry for entry in entries if entry.instrument_code == code]
        totals = [entry for entry in history if entry.total is not None]
        latest, before = ([*totals, None, None])[:2]
        scores.append(Scores(instrument, latest, before, history, code in licensed))
    return scores


def _list(name: str, rows: Any, patient: Patient) -> Listing:
    entries: list[RecordEntry] = list(rows.filter(patient=patient).select_related("recorded_by"))
    ended = sorted(
        (entry for entry in entries if not entry.is_active),
        key=lambda entry: entry.ended_on or date.min,
        reverse=True,
    )
    return Listing(name, [entry for entry in entries if entry.is_active], ended)


def _consents(patient: Patient) -> QuerySet[Consent]:
    found: QuerySet[Consent] = Consent.objects.filter(patient=patient).select_related("document", "taken_by")
    return found


def _counts_as_failed(trial: AntidepressantTrial) -> bool:
    result = AntidepressantTrial.Result
    return trial.in_current_episode and trial.result in {result.NO_RESPONSE, result.PARTIAL_RESPONSE}


def _missing(
    patient: Patient,
    allergies: AllergyStatus,
    contacts: Listing,
    screen: ContraindicationScreen | None,
    consents: list[ConsentLine],
) -> Iterable[Missing]:
    kinds = {contact.kind for contact in contacts.active}
    add_contact = _page(patient, "add-entry", kind="contacts")
    if allergies == AllergyStatus.NOT_ASKED:
        home = _page(patient, "detail") + "#allergies"
        yield Missing("allergies", _("Allergies not asked"), _("Ask about allergies"), home)
    if Contact.Kind.EMERGENCY not in kinds:
        url = f"{add_contact}?for=emergency"
        yield Missing("emergency", _("No emergency contact"), _("Add an emergency contact"), url)
    if Contact.Kind.ESCORT not in kinds:
        url = f"{add_contact}?for=escort"
        yield Missing("escort", _("Nobody to take the patient home"), _("Add an escort"), url)
    if screen is None:
        url = _page(patient, "screen")
        yield Missing("screen", _("Contraindications not asked"), _("Ask about contraindications"), url)
    if not any(
        line.standing == "in_date" and line.consent.purpose == Consent.Purpose.TREATMENT for line in consents
    ):
        url = _page(patient, "record-consent")
        yield Missing("consent", _("No consent to treatment in date"), _("Record a consent"), url)


def _page(patient: Patient, name: str, **also: str) -> str:
    return reverse(f"patients:{name}", kwargs={"patient_id": patient.public_id, **also})


def history_of(assessment: Assessment) -> list[Assessment]:
    """Earlier versions of an entry that was corrected, the latest first."""
    versions: list[Assessment] = []
    earlier: Any = assessment.corrects
    while earlier is not None:
        versions.append(earlier)
        earlier = earlier.corrects
    return versions
